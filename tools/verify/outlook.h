/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Everything that the catalogue knows, as the reports show it: every medium
 * and volume, the last runs, what was lost, and what a person should do about
 * it.  Gathered once, then only read; the reports (page.h, textfile.h) are
 * made of this and nothing else.
 */
#ifndef VERIFY_OUTLOOK_H
#define VERIFY_OUTLOOK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;

/* Rows beyond these are counted in left_out and said. */
#define OUTLOOK_MEDIA_MAX 1000
#define OUTLOOK_VOLUMES_MAX 5000
#define OUTLOOK_RUNS_MAX 200
#define OUTLOOK_LOSSES_MAX 500
#define OUTLOOK_EVENTS_MAX 40	/* restores, and as many incidents */

/* All texts are owned, escaped for terminals, never NULL. */
struct outlook_medium {
	int64_t row;		/* in the catalogue */
	char *id;
	char *label;
	char *fs;
	uint64_t snapshots;
	uint64_t files;
	uint64_t bytes;
	uint64_t never_bytes;	/* never read */
	uint64_t never_files;
	uint64_t overdue_bytes;	/* read too long ago */
	uint64_t overdue_files;
	uint64_t bad_files;
	uint64_t bad_sources;	/* whole, and damaged inside */
	int64_t full_at;	/* last read as a whole; 0: never */
	int64_t last_at;	/* last run; 0: never */
	char *last_state;
	int64_t last_run;
};

struct outlook_volume {
	char *kind;
	char *name;
	char *snapshot;		/* newest good one; "": there is none */
	char *medium;		/* label, or id, of the stick it is on */
	char *consistency;
	int64_t started;	/* when it was taken */
	uint64_t bytes;
	bool is_verified;
	int64_t verified_at;
	uint64_t copies;
	uint64_t bad_copies;
	/* The two newest copies, good or not; files 0: there is no second. */
	uint64_t newest_bytes;
	uint64_t newest_files;
	uint64_t before_bytes;
	uint64_t before_files;
	unsigned seen;		/* private: copies met so far */
};

struct outlook_run {
	char *medium;		/* its id */
	char *name;		/* its label, or id */
	char *kind;
	char *state;
	int64_t started;
	uint64_t files;
	uint64_t bad;
	uint64_t bytes;
	uint64_t milliseconds;
	int status;
};

/* What the last run on a medium found bad. */
struct outlook_loss {
	char *medium;		/* label, or id */
	char *snapshot;
	char *source;
	char *path;
	char *verdict;
	char *why;
};

/* A restore, or an incident. */
struct outlook_event {
	int64_t at;
	char *kind;		/* "restore", "snapshot-failed", ... */
	char *what;		/* which source to which target; the text */
	bool is_bad;
};

enum advice_level {
	ADVICE_BAD,		/* data is or may be lost */
	ADVICE_WARN
};

struct outlook_advice {
	enum advice_level level;
	char *what;		/* one sentence */
	char *todo;		/* one sentence, with the command */
};

struct outlook {
	int64_t now;
	int64_t every;		/* seconds that a verdict is good for */
	int64_t objective;	/* seconds that a snapshot may be old */
	struct outlook_medium *media;
	size_t medium_count;
	struct outlook_volume *volumes;	/* by kind and name */
	size_t volume_count;
	struct outlook_run *runs;	/* the newest first */
	size_t run_count;
	struct outlook_loss *losses;
	size_t loss_count;
	struct outlook_event *events;	/* restores, then incidents */
	size_t event_count;
	struct outlook_advice *advice;	/* the worst first */
	size_t advice_count;
	uint64_t left_out;
};

struct outlook_terms {
	const char *catalog;	/* or NULL */
	int64_t now;
	int64_t every;
	int64_t objective;
};

/*
 * Read the catalogue.  ERR_NOT_FOUND where there is none or it knows no
 * medium: a report about nothing would look like a good one.
 */
int outlook_read(struct outlook *o, const struct outlook_terms *terms,
    struct err *err);
/* From what was gathered; outlook_read() calls it. */
void outlook_advise(struct outlook *o);
void outlook_release(struct outlook *o);

/* "2026-11-21, 4 days ago"; "never" for 0. */
#define OUTLOOK_AGE_MAX 96
const char *outlook_age(const struct outlook *o, int64_t at,
    char text[OUTLOOK_AGE_MAX]);

#endif
