/* SPDX-License-Identifier: BSD-2-Clause */
/* Files of Redis and Valkey; see redis_file.h. */
#include "check/redis_file.h"

#include "base/err.h"
#include "base/num.h"
#include "base/utc.h"
#include "check/rdb.h"
#include "check/resp.h"
#include "check/scan.h"

typedef unsigned long long ull;

struct job {
	const struct content *c;
	const struct redis_file *what;
	struct source *file;
	struct redis_totals *totals;
	struct judgement *j;
	bool has_ended;		/* nothing more can be said of this file */
};

/* --------------------------------------------------------------------- RDB */

static void
add_up(struct job *job, const struct rdb_facts *f)
{
	struct redis_totals *t = job->totals;

	t->keys += f->keys;
	t->expires += f->expires;
	t->expired += f->expired;
	t->functions += f->functions;
	if (f->databases > t->databases)
		t->databases = f->databases;
}

/*
 * Whether the last 8 bytes of the file are the checksum of all the others:
 * then it is as it was written, whatever we make of it.
 */
static int
sum_of_file(struct job *job, struct rdb_facts *f, struct err *err)
{
	struct scan s;
	int ret;

	scan_init(&s, job->file, 0, job->file->size);
	scan_sum_begin(&s, SCAN_SUM_CRC_64_JONES);
	ret = rdb_sum_rest(&s, f, err);
	scan_release(&s);
	if (ret == -1 && err->class == ERR_DAMAGED) {
		f->sum = RDB_SUM_NONE;
		err_clear(err);
		ret = 0;
	}
	return ret;
}

/* The walk failed: is it the file, or do we not know this format? */
static int
judge_failed_walk(struct job *job, struct rdb_facts *f, struct err *why)
{
	struct err err;

	job->has_ended = true;
	if (why->class != ERR_DAMAGED)
		return judge_failure(job->j, job->what->path, why);
	err_clear(&err);
	if (f->version > 0 && sum_of_file(job, f, &err) == -1) {
		*why = err;
		return judge_failure(job->j, job->what->path, why);
	}
	if (f->sum == RDB_SUM_GOOD) {
		judge_find(job->j, VERDICT_UNCHECKED, job->what->path,
		    "its checksum is right, but it cannot be followed here: "
		    "%s", why->text);
		job->totals->summed_bytes += job->file->size;
	} else {
		judge_find(job->j, VERDICT_DAMAGED, job->what->path,
		    "the server refuses to start: %s (%llu keys before it)",
		    why->text, (ull)f->keys);
	}
	err_clear(why);
	return 0;
}

/* Whether a server newer than what is known here may have written it. */
static bool
is_novel(const struct rdb_facts *f)
{
	return f->version > (f->is_valkey ? RDB_VALKEY_KNOWN :
	    RDB_REDIS_KNOWN);
}

static int
judge_partial(struct job *job, struct rdb_facts *f, struct err *err)
{
	job->has_ended = true;
	if (sum_of_file(job, f, err) == -1)
		return judge_failure(job->j, job->what->path, err);
	if (f->sum == RDB_SUM_BAD && !job->what->is_log) {
		judge_find(job->j, VERDICT_DAMAGED, job->what->path,
		    "the server refuses to start: wrong checksum");
		return 0;
	}
	if (f->sum != RDB_SUM_GOOD && !is_novel(f)) {
		judge_find(job->j, VERDICT_DAMAGED, job->what->path,
		    "the server refuses to start: offset %llu: no such kind "
		    "of a value: %u (%llu keys before it)",
		    (ull)f->unknown_at, f->unknown, (ull)f->keys);
		return 0;
	}
	judge_find(job->j, VERDICT_UNCHECKED, job->what->path,
	    "kind %u of %s version %u is not known here: from offset %llu on "
	    "%s", f->unknown, f->is_valkey ? "VALKEY" : "REDIS", f->version,
	    (ull)f->unknown_at, f->sum == RDB_SUM_GOOD ?
	    "only the checksum of the file was checked, and is right" :
	    "nothing was checked");
	if (f->sum == RDB_SUM_GOOD)
		job->totals->summed_bytes += job->file->size;
	return 0;
}

static void
judge_walked(struct job *job, const struct rdb_facts *f)
{
	const char *path = job->what->path;

	switch (f->sum) {
	case RDB_SUM_GOOD:
		job->totals->summed_bytes += f->end;
		break;
	case RDB_SUM_BAD:
		judge_find(job->j, VERDICT_DAMAGED, path,
		    "the server refuses to start: wrong checksum");
		job->has_ended = true;
		return;
	case RDB_SUM_OFF:
	case RDB_SUM_NONE:
		judge_find(job->j, VERDICT_CLEAN, path,
		    "made without a checksum: changed values are not seen");
		job->totals->unsummed_bytes += f->end;
		break;
	}
	/* With a right checksum it is as written, by whatever program. */
	if (f->mismatched > 0)
		judge_find(job->j, f->sum == RDB_SUM_GOOD ? VERDICT_CLEAN :
		    VERDICT_SUSPECT, path, "in %llu databases the number of "
		    "keys is not the one that was announced",
		    (ull)f->mismatched);
}

static int
judge_rdb(struct job *job, struct scan *s, struct err *err)
{
	struct rdb_facts f;

	if (rdb_read(s, job->c->facts->now * 1000, &f, err) == -1)
		return judge_failed_walk(job, &f, err);
	add_up(job, &f);
	if (f.is_partial)
		return judge_partial(job, &f, err);
	judge_walked(job, &f);
	if (job->has_ended || job->what->is_log || scan_left(s) == 0)
		return 0;
	judge_find(job->j, VERDICT_SUSPECT, job->what->path,
	    "%llu bytes behind its end, which the server does not read",
	    (ull)scan_left(s));
	return 0;
}

/* ---------------------------------------------------------------- commands */

static void
say_cut(struct job *job, const struct resp_facts *f, uint64_t size)
{
	char when[UTC_TEXT_MAX];
	const char *what = f->end == RESP_CUT ?
	    "ends in the middle of a command" :
	    "ends in a transaction without its EXEC";

	if (!job->what->is_last || job->what->refuses_cut) {
		judge_find(job->j, VERDICT_DAMAGED, job->what->path,
		    "the server refuses to start: it %s, and %s", what,
		    !job->what->is_last ? "is not the last file" :
		    "aof-load-truncated is no");
		return;
	}
	judge_find(job->j, VERDICT_RECOVERABLE, job->what->path,
	    "%s: the server cuts it at offset %llu, and what stands in the "
	    "last %llu bytes is lost%s%s", what, (ull)f->good_to,
	    (ull)(size - f->good_to),
	    f->last_remark > 0 ? "; last time written in it: " : "",
	    f->last_remark > 0 ? utc_rfc3339(f->last_remark, when) : "");
}

static void
say_bad(struct job *job, const struct resp_facts *f, uint64_t size)
{
	judge_find(job->j, VERDICT_DAMAGED, job->what->path,
	    "the server refuses to start: offset %llu: %s%s; %llu commands "
	    "before it are whole, up to offset %llu, and redis-check-aof --fix "
	    "would drop the %llu bytes behind that", (ull)f->bad_at, f->why,
	    f->has_zero_tail ? ", and only zeros from there on, as a power "
	    "cut leaves files" : "", (ull)f->commands, (ull)f->good_to,
	    (ull)(size - f->good_to));
}

static int
judge_commands(struct job *job, struct scan *s, struct err *err)
{
	uint64_t began = s->at;
	struct resp_facts f;

	if (resp_read(s, &f, err) == -1)
		return judge_failure(job->j, job->what->path, err);
	job->totals->commands += f.commands;
	job->totals->unsummed_bytes += f.good_to - began;
	if (f.end == RESP_CUT || f.end == RESP_OPEN)
		say_cut(job, &f, s->end);
	else if (f.end == RESP_BAD)
		say_bad(job, &f, s->end);
	if (f.strange > 0)
		judge_find(job->j, VERDICT_SUSPECT, job->what->path,
		    "offset %llu: no server is known to have a command '%s' "
		    "(%llu in all): unless a module has it, the server "
		    "refuses to start", (ull)f.strange_at, f.strange_name,
		    (ull)f.strange);
	if (f.odd > 0)
		judge_find(job->j, VERDICT_SUSPECT, job->what->path,
		    "offset %llu: not the line end that belongs there (%llu in "
		    "all): the server does not look, redis-check-aof "
		    "does, and values beside it may be wrong",
		    (ull)f.odd_at, (ull)f.odd);
	return 0;
}

int
redis_file_judge(const struct content *c, const struct redis_file *what,
    struct source *file, struct redis_totals *totals, struct judgement *j,
    struct err *err)
{
	struct job job = { .c = c, .what = what, .file = file,
	    .totals = totals, .j = j };
	const uint8_t *head;
	struct scan s;
	size_t len;
	int ret = 0;

	scan_init(&s, file, 0, file->size);
	head = scan_window(&s, &len, err);
	if (head == NULL)
		ret = judge_failure(j, what->path, err);
	else if (!what->is_log || rdb_matches(head, len))
		ret = judge_rdb(&job, &s, err);
	if (ret == 0 && head != NULL && what->is_log && !job.has_ended)
		ret = judge_commands(&job, &s, err);
	scan_release(&s);
	return ret;
}

void
redis_totals_say(const struct redis_totals *t, struct judgement *j)
{
	char count[NUM_COUNT_TEXT], bytes[NUM_COUNT_TEXT];

	if (t->expired > 0)
		judge_say(j, "%s of %llu keys with a time to live have expired "
		    "since: the server drops them when it loads",
		    num_format_count(t->expired, count), (ull)t->expires);
	if (t->keys > 0 || t->summed_bytes > 0)
		judge_cover(j, "%s keys in %llu databases",
		    num_format_count(t->keys, count), (ull)t->databases);
	if (t->functions > 0)
		judge_cover(j, "%llu function libraries", (ull)t->functions);
	if (t->summed_bytes > 0)
		judge_cover(j, "%s bytes by checksum",
		    num_format_count(t->summed_bytes, bytes));
	if (t->commands > 0)
		judge_cover(j, "%s commands by their form",
		    num_format_count(t->commands, count));
	if (t->unsummed_bytes > 0)
		judge_cover(j, "%s bytes have no checksum: changed values "
		    "in them are not seen",
		    num_format_count(t->unsummed_bytes, bytes));
}
