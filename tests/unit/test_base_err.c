/* SPDX-License-Identifier: BSD-2-Clause */
/* base/err: the first cause, the nouns around it, and where texts are cut. */
#include <errno.h>

#include "base/err.h"
#include "harness.h"

static char long_text[ERR_TEXT_MAX * 2];

static const char *
text_of(size_t len, char c)
{
	memset(long_text, c, len);
	long_text[len] = '\0';
	return long_text;
}

static void
test_cause_and_context(void)
{
	struct err err;

	is_u64((uint64_t)err_set(&err, ERR_IO, ENOSPC, "cannot %s", "write"),
	    (uint64_t)-1, "err_set returns -1");
	is_str(err.text, "cannot write: No space left on device",
	    "errno follows the text");
	is_u64((uint64_t)err_context(&err, "part %d", 3), (uint64_t)-1,
	    "err_context returns -1");
	err_context(&err, "medium '%s'", "m");
	is_str(err.text,
	    "medium 'm': part 3: cannot write: No space left on device",
	    "reads from the outside in");
	ok(err.class == ERR_IO && err.sys == ENOSPC,
	    "class and errno are those of the cause");
	err_append(&err, "nothing %s", "changed");
	is_str(err.text, "medium 'm': part 3: cannot write: "
	    "No space left on device; nothing changed", "and what follows");
	err_set(&err, ERR_DAMAGED, 0, "bad");
	is_str(err.text, "bad", "a new cause replaces all");
	err_clear(&err);
	ok(err.class == ERR_NONE && err.sys == 0 && err.text[0] == '\0',
	    "cleared");
}

static void
test_signal_is_no_errno(void)
{
	struct err err;

	err_set(&err, ERR_INTERRUPTED, 15, "stopped");
	is_str(err.text, "stopped", "a signal's number is not told as errno");
	is_u64((uint64_t)err.sys, 15, "but kept");
}

static void
test_long_causes_are_cut(void)
{
	struct err err;
	size_t len;

	for (len = ERR_TEXT_MAX - 2; len <= ERR_TEXT_MAX; len++) {
		err_set(&err, ERR_DAMAGED, 0, "%s", text_of(len, 'x'));
		is_u64(strlen(err.text),
		    len < ERR_TEXT_MAX ? len : ERR_TEXT_MAX - 1,
		    "a cause of %zu bytes", len);
	}
	err_set(&err, ERR_IO, EIO, "%s", text_of(ERR_TEXT_MAX - 5, 'x'));
	is_u64(strlen(err.text), ERR_TEXT_MAX - 1, "errno's text is cut too");
}

static void
test_long_contexts_are_cut(void)
{
	struct err err;
	size_t len;

	err_set(&err, ERR_DAMAGED, 0, "%s", text_of(ERR_TEXT_MAX - 1, 'x'));
	err_context(&err, "noun");
	ok(strlen(err.text) == ERR_TEXT_MAX - 1 &&
	    strncmp(err.text, "noun: xxx", 9) == 0,
	    "the end of the cause makes room for the noun");

	for (len = ERR_TEXT_MAX - 4; len <= ERR_TEXT_MAX + 10; len++) {
		err_set(&err, ERR_DAMAGED, 0, "cause");
		err_context(&err, "%s", text_of(len, 'c'));
		if (len + 2 >= ERR_TEXT_MAX)
			is_str(err.text, "cause",
			    "a noun of %zu bytes leaves the cause alone", len);
		else
			is_u64(strlen(err.text), ERR_TEXT_MAX - 1,
			    "a noun of %zu bytes fits, the cause is cut", len);
	}
	err_set(&err, ERR_DAMAGED, 0, "%s", text_of(ERR_TEXT_MAX - 3, 'x'));
	err_append(&err, "more");
	ok(strlen(err.text) == ERR_TEXT_MAX - 1 &&
	    err.text[ERR_TEXT_MAX - 3] == ';', "what is appended is cut");
	err_append(&err, "still more");
	is_u64(strlen(err.text), ERR_TEXT_MAX - 1, "a full text stays full");
}

static void
test_classes_have_names(void)
{
	unsigned a, b, same = 0;

	for (a = ERR_NONE; a <= ERR_INTERRUPTED; a++)
		for (b = ERR_NONE; b < a; b++)
			if (strcmp(err_class_name((enum err_class)a),
			    err_class_name((enum err_class)b)) == 0)
				same++;
	is_u64(same, 0, "each class has a name of its own");
	is_str(err_class_name(ERR_NOT_FOUND), "not-found", "as JSON has it");
	is_str(err_class_name((enum err_class)99), "unknown", "never NULL");
}

int
main(void)
{
	test_cause_and_context();
	test_signal_is_no_errno();
	test_long_causes_are_cut();
	test_long_contexts_are_cut();
	test_classes_have_names();
	return done();
}
