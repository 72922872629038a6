/* SPDX-License-Identifier: BSD-2-Clause */
/* base/mem: allocation that succeeds, or ends the program with a message. */
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "harness.h"

static void
test_nothing_is_something(void)
{
	char *a = mem_alloc(0), *b = mem_zero(0, 8), *c = mem_zero(8, 0);
	char *d = mem_resize(NULL, 0, 8);

	ok(a != NULL && b != NULL && c != NULL && d != NULL,
	    "no bytes are still memory to free");
	d = mem_resize(d, 8, 0);
	ok(d != NULL, "after resizing to nothing, too");
	free(a);
	free(b);
	free(c);
	free(d);
}

static void
test_content(void)
{
	unsigned char *zero = mem_zero(100, 10);
	char *text = mem_text("text"), *made = mem_format("%d-%s", 7, "x");
	size_t i, wrong = 0;

	for (i = 0; i < 1000; i++)
		wrong += zero[i] != 0;
	is_u64(wrong, 0, "zeroed");
	is_str(text, "text", "copied");
	is_str(made, "7-x", "formatted");
	text = mem_resize(text, 10000, 100);
	is_str(text, "text", "kept when resized");
	memset(text, 'x', 1000000);
	free(zero);
	free(text);
	free(made);
}

static void *
ask(unsigned how)
{
	switch (how) {
	case 0: return mem_alloc(SIZE_MAX / 2);
	case 1: return mem_zero(SIZE_MAX / 2, 3);
	default: return mem_resize(NULL, SIZE_MAX / 2, 3);
	}
}

static void
test_too_much_ends_the_program(void)
{
#ifdef __SANITIZE_ADDRESS__
	skip("the address sanitizer ends the program itself");
	(void)ask;
#else
	unsigned how;

	for (how = 0; how < 3; how++) {
		char said[100] = "";
		int fds[2], status = 0;
		pid_t pid;

		if (!ok(pipe(fds) == 0, "a pipe"))
			return;
		pid = fork();
		if (pid == 0) {
			(void)dup2(fds[1], STDERR_FILENO);
			_exit(ask(how) == NULL ? 2 : 3);
		}
		(void)close(fds[1]);
		ok(read(fds[0], said, sizeof said - 1) > 0 &&
		    strncmp(said, "out of memory", 13) == 0 &&
		    strchr(said, '\n') == said + strlen(said) - 1,
		    "more than there is, case %u: says so in a line", how);
		(void)close(fds[0]);
		ok(waitpid(pid, &status, 0) == pid && WIFEXITED(status) &&
		    WEXITSTATUS(status) == 1, "and fails");
	}
#endif
}

int
main(void)
{
	test_nothing_is_something();
	test_content();
	test_too_much_ends_the_program();
	return done();
}
