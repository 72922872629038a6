/* SPDX-License-Identifier: BSD-2-Clause */
/* Behind the seal there are unix sockets and no others. */
#include "harness.h"

#include <errno.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "io/seal.h"

static int
try_socket(int domain)
{
	int fd = socket(domain, SOCK_STREAM, 0);

	if (fd != -1)
		(void)close(fd);
	return fd == -1 ? errno : 0;
}

/* The domain in the lower half, dirt in the upper: still that domain. */
static long
dirty_socket(int domain)
{
	return syscall(SYS_socket, (unsigned long)domain | 0xff00000000UL,
	    SOCK_STREAM, 0);
}

static void
behind_the_seal(void)
{
	static const int refused[] = { AF_INET, AF_INET6, AF_NETLINK,
		AF_PACKET, 0, 40 /* AF_VSOCK */ };
	int pair[2];
	size_t i;

	for (i = 0; i < sizeof refused / sizeof refused[0]; i++)
		is_u64((uint64_t)try_socket(refused[i]), EACCES,
		    "address family %d is refused", refused[i]);
	is_u64((uint64_t)try_socket(AF_UNIX), 0, "a unix socket is not");
	ok(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0,
	    "nor a pair of them");
	ok(socketpair(AF_INET, SOCK_STREAM, 0, pair) == -1 &&
	    errno == EACCES, "other pairs are");
	ok(dirty_socket(AF_INET) == -1 && errno == EACCES,
	    "dirt in the upper half does not help");
	ok(syscall(SYS_io_uring_setup, 1, NULL) == -1 && errno == EACCES,
	    "io_uring cannot go round it");
#ifdef __x86_64__
	ok(syscall(0x40000000 + SYS_socket, AF_INET, SOCK_STREAM, 0) == -1 &&
	    errno == EACCES, "nor can the x32 call");
#endif
}

#ifdef __x86_64__
/* socket(AF_INET, SOCK_STREAM, 0) as a 32-bit program asks for it. */
static void
call_as_i386(void)
{
	long result;

	__asm__ volatile("int $0x80" : "=a" (result) :
	    "a" (359L), "b" (2L), "c" (1L), "d" (0L) : "memory");
	_exit(result < 0 ? 3 : 4);
}

static void
test_i386(void)
{
	int status = 0;
	pid_t pid = fork();

	if (pid == 0)
		call_as_i386();
	(void)waitpid(pid, &status, 0);
	ok(WIFSIGNALED(status), "a 32-bit call ends the program");
}
#endif

int
main(void)
{
	if (!seal_network()) {
		skip("this kernel has no seccomp");
		return done();
	}
	behind_the_seal();
#ifdef __x86_64__
	test_i386();
#endif
	return done();
}
