/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What path:// and volume:// ask of a file or folder alike: owner, mode, who
 * may read it, space and inodes, files that must be there.
 */
#ifndef PROBE_PLACE_H
#define PROBE_PLACE_H

#include <stddef.h>
#include <sys/stat.h>

#include "check.h"

struct err;
struct outcome;

/* Rows of both kinds' tables of keys. */
#define PLACE_TERM (CHECK_EXPECT | CHECK_WARN)
#define PLACE_KEYS \
	{ "owner", CHECK_TEXT, PLACE_TERM, false, false }, \
	{ "mode", CHECK_TEXT, PLACE_TERM, false, false }, \
	{ "private", CHECK_BOOL, PLACE_TERM, false, false }, \
	{ "writable", CHECK_BOOL, PLACE_TERM, false, false }, \
	{ "empty", CHECK_BOOL, PLACE_TERM, false, false }, \
	{ "free", CHECK_BYTES, PLACE_TERM, false, false }, \
	{ "free-percent", CHECK_PERCENT, PLACE_TERM, false, false }, \
	{ "inodes-percent", CHECK_PERCENT, PLACE_TERM, false, false }, \
	{ "marker", CHECK_TEXT, PLACE_TERM, false, true }

/* owner is UID or UID:GID, mode octal, markers relative: ERR_USAGE. */
int place_accept(const struct check *check, struct err *err);

/* A key that can only be asked for: false would be no question. */
int place_accept_true(const struct check_terms *terms, const char *key,
    struct err *err);

/* The names in a folder that are looked at for "private". */
#define PLACE_LISTED_MAX 10000

struct place {
	int fd;			/* open for reading, or with O_PATH */
	struct stat st;		/* of it */
	const char *shown;	/* escaped, for evidence */
	/* Free space and inodes, in percent, where the terms say nothing. */
	uint64_t fail_percent;
	uint64_t warn_percent;
};

/* Everything in expect and warn that is of PLACE_KEYS. */
void place_judge(const struct check *check, const struct place *place,
    struct outcome *o);

/* Is the folder empty?  ("lost+found" does not count.)  -1, errno. */
int place_is_empty(int dir_fd);

/* A finding for a path that cannot be opened or asked, by errno. */
void place_failed(struct outcome *o, int error, const char *shown,
    enum reason missing);

#endif
