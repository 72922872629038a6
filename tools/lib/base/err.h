/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What went wrong, carried up to main().  Callers own the struct, usually on
 * the stack; nothing here allocates, prints or exits.
 *
 * The first cause calls err_set(); each level above adds one noun with
 * err_context(), so that the text reads from the outside in:
 * "volume 'db': archive: frame 12: checksum does not match".
 *
 * Text may hold bytes of hostile names only after escape_text(); cli/ prints
 * it as it is.
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include <stdbool.h>

enum err_class {
	ERR_NONE,
	ERR_USAGE,	/* the command line asks for something impossible */
	ERR_IO,		/* a system call failed; err.sys holds errno */
	ERR_DAMAGED,	/* input was read, but is not what it claims to be */
	ERR_REPAIRABLE,	/* as ERR_DAMAGED, and a good copy is known */
	ERR_LIMIT,	/* input asks for more than a documented limit */
	ERR_SIGNATURE,	/* a signature is bad, or missing where required */
	ERR_NOT_FOUND,	/* medium, snapshot or volume absent, or the wrong one */
	ERR_BUSY,	/* in use or locked by somebody else */
	ERR_PREFLIGHT,	/* space, inodes, file size or capability is lacking */
	ERR_INTERRUPTED	/* a signal asked us to stop; err.sys is its number */
};

#define ERR_TEXT_MAX 2048

struct err {
	enum err_class class;
	int sys;		/* errno, or 0 */
	char text[ERR_TEXT_MAX];
};

/*
 * Record the first cause.  With sys != 0 (except ERR_INTERRUPTED) the text
 * ends in ": " and strerror(sys).  Text longer than ERR_TEXT_MAX is cut.
 * Always returns -1, so that a function can end with "return err_set(...)".
 */
int err_set(struct err *err, enum err_class class, int sys,
    const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/* Put "context: " before the text; class and sys stay.  Always returns -1. */
int err_context(struct err *err, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Put the text after what is there, as "; text".  Always returns -1. */
int err_append(struct err *err, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Forget what was recorded. */
void err_clear(struct err *err);

/* A word for JSON and tests, e.g. "damaged"; never NULL. */
const char *err_class_name(enum err_class class);

#endif
