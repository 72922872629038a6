/* SPDX-License-Identifier: BSD-2-Clause */
/* What verify remembers; see memory.h. */
#include "memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/escape.h"
#include "base/mem.h"
#include "carry.h"
#include "catalog/catalog.h"
#include "catalog/learn.h"
#include "catalog/media.h"
#include "catalog/runs.h"
#include "check/judgement.h"
#include "cli/cli.h"
#include "deep.h"
#include "io/io.h"

_Static_assert(CATALOG_STATE_LEN == DIGEST_STATE_LEN, "states fit");

#define PENDING_MAX 256		/* verdicts held back */
#define LOSSES_HELD 64
#define HEADS_MAX 4		/* verdicts on them */
#define FLUSH_MS 200		/* at least between two transactions */
#define FLUSH_MS_MAX 1000
/* Writing should cost no more than this part of the time: 2 %. */
#define FLUSH_SHARE 50

/* COMPLETE, SHA256SUMS, the folder: told before the snapshot is known. */
struct head {
	char file[64];
	struct files_fact fact;
};

struct loss {
	char *snapshot;
	char *source;
	char *path;
	char *verdict;
	char *why;
};

struct memory {
	struct cli *cli;
	struct memory_options options;
	struct files_memory files_calls;
	struct catalog *catalog;	/* NULL: nothing is recorded */
	const struct medium *on;	/* borrowed, of the run at hand */
	int64_t medium;			/* rows; 0: none */
	int64_t run;
	int64_t snapshot;
	struct memory_known known;

	struct medium_name name;	/* the snapshot at hand */
	int64_t generation;
	struct learnt_file *files;	/* in the order of its sums */
	size_t file_count;
	struct head heads[HEADS_MAX];
	size_t head_count;

	struct catalog_check *pending;
	size_t pending_count;
	struct loss losses[LOSSES_HELD];
	size_t loss_count;
	uint64_t losses_told;		/* in this run */
	struct catalog_progress progress;
	uint64_t since_ms;		/* when the last was written */
	uint64_t interval_ms;

	uint64_t begun_ms;
	uint64_t max_bytes;		/* of this medium's run; 0: all */
	uint64_t all_bytes;		/* on it, see memory_learn() */
	uint64_t taken;			/* bytes of it that were given out */
	bool is_spent;
	bool is_partial;		/* a file was left */
};

/* Said once: from here on nothing is recorded. */
static void
give_up(struct memory *m, const struct err *why)
{
	cli_say(m->cli, "history is not recorded: %s", why->text);
	catalog_close(m->catalog);
	m->catalog = NULL;
}

static void
drop_losses(struct memory *m)
{
	size_t i;

	for (i = 0; i < m->loss_count; i++) {
		free(m->losses[i].snapshot);
		free(m->losses[i].source);
		free(m->losses[i].path);
		free(m->losses[i].verdict);
		free(m->losses[i].why);
	}
	m->loss_count = 0;
}

static int
write_pending(struct memory *m, struct err *err)
{
	size_t i;

	for (i = 0; i < m->pending_count; i++)
		if (catalog_check_put(m->catalog, m->run, &m->pending[i],
		    err) == -1)
			return -1;
	for (i = 0; i < m->loss_count; i++) {
		const struct loss *l = &m->losses[i];
		const struct catalog_loss loss = {
			l->snapshot, l->source, l->path, l->verdict, l->why
		};

		if (catalog_loss_put(m->catalog, m->run, &loss, err) == -1)
			return -1;
	}
	return catalog_run_progress(m->catalog, m->run, &m->progress, err);
}

/*
 * All that was held back, as one transaction; state: how the run ended, or
 * NULL while it goes on.
 */
static void
flush_as(struct memory *m, const char *state, int status)
{
	uint64_t begun = io_ticks_ms(), now;
	struct err err;

	if (m->catalog == NULL || m->run == 0)
		goto out;
	m->progress.milliseconds = begun - m->since_ms;
	if (catalog_begin(m->catalog, &err) == -1 ||
	    write_pending(m, &err) == -1 || (state != NULL &&
	    catalog_run_end(m->catalog, m->run, state, status, &err) == -1) ||
	    catalog_commit(m->catalog, &err) == -1)
		give_up(m, &err);
out:
	now = io_ticks_ms();
	m->interval_ms = (now - begun) * FLUSH_SHARE;
	if (m->interval_ms < FLUSH_MS)
		m->interval_ms = FLUSH_MS;
	if (m->interval_ms > FLUSH_MS_MAX)
		m->interval_ms = FLUSH_MS_MAX;
	m->since_ms = begun;
	m->pending_count = 0;
	drop_losses(m);
	memset(&m->progress, 0, sizeof m->progress);
}

static void
flush(struct memory *m)
{
	flush_as(m, NULL, 0);
}

static void
flush_when_due(struct memory *m)
{
	if (m->pending_count == PENDING_MAX || m->loss_count == LOSSES_HELD ||
	    io_ticks_ms() - m->since_ms >= m->interval_ms)
		flush(m);
}

/* A verdict on a file that the catalogue knows by row. */
static void
put_check(struct memory *m, int64_t row, const struct files_fact *fact)
{
	struct catalog_check *check;

	if (m->catalog == NULL || row == 0)
		return;
	check = &m->pending[m->pending_count++];
	memset(check, 0, sizeof *check);
	check->file = row;
	check->at = io_now();
	check->is_bad = fact->verdict != FILE_OK;
	check->is_direct = fact->is_direct;
	check->bytes = fact->bytes;
	check->milliseconds = fact->milliseconds;
	check->retries = fact->retries;
	(void)snprintf(check->verdict, sizeof check->verdict, "%s",
	    file_verdict_name(fact->verdict));
	(void)snprintf(check->why, sizeof check->why, "%s", fact->why);
	m->progress.files++;
	m->progress.bytes += fact->bytes;
	if (check->is_bad)
		m->progress.bad++;
	flush_when_due(m);
}

static void
put_loss(struct memory *m, const char *source, const char *path,
    const char *verdict, const char *why)
{
	struct loss *l;

	if (m->catalog == NULL || m->losses_told >= CATALOG_LOSSES_MAX)
		return;
	m->losses_told++;
	l = &m->losses[m->loss_count++];
	l->snapshot = mem_text(m->name.text);
	l->source = mem_text(source);
	l->path = mem_text(path);
	l->verdict = mem_text(verdict);
	l->why = mem_text(why);
	flush_when_due(m);
}

/* ------------------------------------------------------------ a snapshot */

/* All that is known of the snapshot, as one transaction. */
static int
register_snapshot(struct memory *m, const struct snapshot *s, bool has_info,
    struct err *err)
{
	if (catalog_begin(m->catalog, err) == -1)
		return -1;
	if (learn_snapshot(m->catalog, m->medium, s, has_info, m->files,
	    &m->snapshot, err) == 0 && catalog_commit(m->catalog, err) == 0)
		return 0;
	catalog_rollback(m->catalog);
	return -1;
}

/* The verdicts that came before the snapshot had a row. */
static void
put_heads(struct memory *m)
{
	struct err err;
	int64_t row;
	size_t i;

	for (i = 0; i < m->head_count && m->catalog != NULL; i++) {
		const struct head *head = &m->heads[i];

		if ((m->snapshot == 0 && learn_name(m->catalog, m->medium,
		    &m->name, &m->snapshot, &err) == -1) ||
		    learn_head(m->catalog, m->snapshot, head->file,
		    head->fact.bytes, &row, &err) == -1) {
			give_up(m, &err);
			break;
		}
		put_check(m, row, &head->fact);
	}
	m->head_count = 0;
}

static void
on_opened(void *ctx, const struct snapshot *s, bool has_info)
{
	struct memory *m = ctx;
	struct err err;
	size_t i;

	free(m->files);
	m->files = mem_zero(s->sums.count, sizeof *m->files);
	m->file_count = s->sums.count;
	for (i = 0; i < s->sums.count; i++)
		m->files[i].bytes = learn_size(s, s->sums.items[i].name);
	if (m->catalog == NULL)
		return;
	if (register_snapshot(m, s, has_info, &err) == -1) {
		give_up(m, &err);
		return;
	}
	put_heads(m);
}

static bool
on_was_whole(void *ctx)
{
	struct memory *m = ctx;
	bool was_whole = false;
	struct err err;

	if (m->catalog != NULL && catalog_snapshot_was_whole(m->catalog,
	    m->medium, m->name.text, &was_whole, &err) == -1)
		give_up(m, &err);
	return was_whole;
}

static bool
verdict_of(const char *name, enum file_verdict *verdict)
{
	int v;

	for (v = FILE_OK; v <= FILE_FOREIGN; v++)
		if (strcmp(file_verdict_name((enum file_verdict)v),
		    name) == 0) {
			*verdict = (enum file_verdict)v;
			return true;
		}
	return false;
}

/* The verdict that the run which goes on had given. */
static bool
recall(struct memory *m, const struct learnt_file *file,
    struct files_fact *known)
{
	struct catalog_check check;
	bool is_known = false;
	struct err err;

	if (!m->known.is_continued || m->catalog == NULL ||
	    file->generation != m->run)
		return false;
	if (catalog_check_find(m->catalog, m->run, file->row, &check,
	    &is_known, &err) == -1) {
		give_up(m, &err);
		return false;
	}
	if (!is_known || !verdict_of(check.verdict, &known->verdict))
		return false;
	known->bytes = check.bytes;
	known->milliseconds = check.milliseconds;
	known->retries = check.retries;
	known->is_direct = check.is_direct;
	(void)snprintf(known->why, sizeof known->why, "%s", check.why);
	return true;
}

/* One file always fits, or a small budget would never get anywhere. */
static bool
fits(struct memory *m, uint64_t bytes)
{
	if (m->is_spent)
		return false;
	m->is_spent = (m->options.max_ms > 0 &&
	    io_ticks_ms() - m->begun_ms >= m->options.max_ms) ||
	    (m->max_bytes > 0 && m->taken > 0 &&
	    m->taken + bytes > m->max_bytes);
	if (m->is_spent)
		return false;
	m->taken += bytes;
	return true;
}

static enum files_choice
on_choose(void *ctx, size_t index, struct files_fact *known)
{
	struct memory *m = ctx;
	const struct learnt_file *file = &m->files[index];

	memset(known, 0, sizeof *known);
	if (recall(m, file, known))
		return FILES_KNOWN;
	known->bytes = file->bytes;
	if (!memory_has_budget(m))
		return FILES_READ;
	if (m->catalog != NULL && file->generation != m->generation)
		return FILES_LEAVE;	/* another visit's */
	if (fits(m, file->bytes))
		return FILES_READ;
	m->is_partial = true;
	return FILES_LEAVE;
}

/* Where in a large file the run that goes on was cut off. */
static bool
on_resume(void *ctx, size_t index, struct hash_place *place)
{
	struct memory *m = ctx;
	struct catalog_place known;
	bool is_known = false;
	struct err err;

	if (!m->known.is_continued || m->catalog == NULL)
		return false;
	if (catalog_place_find(m->catalog, m->run, m->files[index].row,
	    &known, &is_known, &err) == -1) {
		give_up(m, &err);
		return false;
	}
	if (!is_known || known.bytes == 0 || known.bytes % HASH_PLACE != 0)
		return false;
	place->bytes = known.bytes;
	memcpy(place->state, known.state, sizeof place->state);
	return true;
}

static void
on_placed(void *ctx, size_t index, const struct hash_place *place)
{
	struct memory *m = ctx;
	struct catalog_place known = { .bytes = place->bytes };
	struct err err;

	if (m->catalog == NULL || m->files[index].row == 0)
		return;
	memcpy(known.state, place->state, sizeof known.state);
	if (catalog_place_put(m->catalog, m->run, m->files[index].row, &known,
	    &err) == -1)
		give_up(m, &err);
}

static void
on_done(void *ctx, size_t index, const struct files_fact *fact)
{
	struct memory *m = ctx;

	m->files[index].is_read = true;
	put_check(m, m->files[index].row, fact);
}

void
memory_enter(struct memory *m, const struct medium_name *name,
    int64_t generation)
{
	m->name = *name;
	m->generation = generation;
	m->snapshot = 0;
	m->head_count = 0;
}

void
memory_leave(struct memory *m)
{
	put_heads(m);
	free(m->files);
	m->files = NULL;
	m->file_count = 0;
}

const struct files_memory *
memory_files(struct memory *m)
{
	return &m->files_calls;
}

void
memory_told(struct memory *m, const char *file, enum file_verdict verdict,
    const char *why, uint64_t bytes)
{
	struct head *head;

	if (verdict == FILE_FOREIGN) {
		put_loss(m, "", file, file_verdict_name(verdict), why);
		return;
	}
	if (m->head_count == HEADS_MAX)
		return;
	head = &m->heads[m->head_count++];
	memset(head, 0, sizeof *head);
	(void)snprintf(head->file, sizeof head->file, "%s", file);
	head->fact.verdict = verdict;
	head->fact.bytes = bytes;
	(void)snprintf(head->fact.why, sizeof head->fact.why, "%s", why);
}

/* ------------------------------------------------------------ sources */

bool
memory_has_read(const struct memory *m, const struct snapshot *s,
    const struct source_info *source)
{
	const struct source_info **owners;
	bool all = true;
	size_t i;

	if (!memory_has_budget(m))
		return true;
	owners = mem_zero(s->sums.count, sizeof *owners);
	learn_owners(s, owners);
	for (i = 0; i < s->sums.count; i++)
		if (owners[i] == source && !m->files[i].is_read)
			all = false;
	free(owners);
	return all;
}

/* Written at once: they are few, and each stands for much reading. */
static void
put_verdict(struct memory *m, const struct catalog_verdict *verdict)
{
	struct err err;

	if (m->catalog == NULL || m->snapshot == 0)
		return;
	flush(m);
	if (m->catalog != NULL &&
	    catalog_verdict_put(m->catalog, m->run, verdict, &err) == -1)
		give_up(m, &err);
}

static void
name_verdict(const struct memory *m, struct catalog_verdict *v,
    const char *source, const char *checker, const char *root)
{
	char name[ESCAPE_NAME_MAX];

	memset(v, 0, sizeof *v);
	v->snapshot = m->snapshot;
	(void)snprintf(v->source, sizeof v->source, "%.*s",
	    (int)sizeof v->source - 1, escape_name(source, name));
	(void)snprintf(v->checker, sizeof v->checker, "%s", checker);
	(void)snprintf(v->root, sizeof v->root, "%s", root);
}

bool
memory_knows_deep(struct memory *m, const char *source, uint64_t *members)
{
	struct catalog_verdict v;
	bool is_known = false;
	struct err err;

	if (m->catalog == NULL || !m->known.is_continued || m->snapshot == 0)
		return false;
	name_verdict(m, &v, source, "deep", "");
	if (catalog_verdict_find(m->catalog, m->run, &v, &is_known,
	    &err) == -1) {
		give_up(m, &err);
		return false;
	}
	*members = v.items;
	return is_known && !v.is_bad;
}

void
memory_deep(struct memory *m, const char *source,
    const struct deep_result *result, const char *why)
{
	struct catalog_verdict v;
	unsigned i;

	name_verdict(m, &v, source, "deep", "");
	v.items = result->counts.entries;
	for (i = 0; i < sizeof result->counts.bad /
	    sizeof result->counts.bad[0]; i++)
		if (i != CHECK_OK)
			v.affected += result->counts.bad[i];
	v.is_bad = why != NULL || v.affected > 0 || result->is_damaged;
	(void)snprintf(v.verdict, sizeof v.verdict, "%s",
	    v.is_bad ? "DAMAGED" : "OK");
	(void)snprintf(v.summary, sizeof v.summary, "%.*s",
	    CATALOG_TEXT_MAX, why == NULL ? "" : why);
	put_verdict(m, &v);
}

void
memory_member(struct memory *m, const char *source, const char *path,
    const char *verdict, const char *why)
{
	char name[ESCAPE_NAME_MAX];

	put_loss(m, escape_name(source, name), path, verdict, why);
}

void
memory_judgement(struct memory *m, const char *source,
    const struct judgement *j)
{
	struct catalog_verdict v;

	if (m == NULL)
		return;
	name_verdict(m, &v, source, j->checker, j->root);
	v.is_bad = j->verdict == VERDICT_DAMAGED ||
	    j->verdict == VERDICT_SUSPECT;
	v.affected = j->finding_count;
	(void)snprintf(v.verdict, sizeof v.verdict, "%s",
	    verdict_name(j->verdict));
	(void)snprintf(v.summary, sizeof v.summary, "%.*s", CATALOG_TEXT_MAX,
	    buf_text(&j->said));
	put_verdict(m, &v);
}

/* ------------------------------------------------------------ the run */

/* A new run, or the one that was cut off. */
static int
put_run(struct memory *m, const char *scope, struct err *err)
{
	const struct catalog_run run = { m->medium, m->options.kind, scope };
	struct catalog_unfinished old;

	if (!m->options.restart && !memory_has_budget(m)) {
		if (catalog_run_unfinished(m->catalog, &run, MEMORY_AGE_MAX,
		    &old, err) == -1)
			return -1;
		if (old.row != 0) {
			m->run = old.row;
			m->known.is_continued = true;
			m->known.since = old.started;
			m->known.files = old.files;
			m->known.bytes = old.bytes;
			return catalog_run_resume(m->catalog, m->run, err);
		}
	}
	return catalog_run_begin(m->catalog, &run, &m->run, err);
}

/* Runs of other hosts, before ours: it is to be the newest. */
static int
take_carried(struct memory *m, const struct carry_list *found,
    const struct medium *medium, const struct medium_list *list,
    struct err *err)
{
	size_t i;

	for (i = 0; i < list->count; i++)
		memory_learn(m, medium, &list->items[i]);
	return m->catalog == NULL ? 0 : carry_import(found, m->cli,
	    m->catalog, medium, m->medium, err);
}

/* Told once: who removed it on purpose knows. */
static void
tell_gone(void *ctx, const char *name)
{
	struct memory *m = ctx;

	cli_warn(m->cli, "snapshot %s is gone from this medium, where it was "
	    "seen before", name);
}

/* The medium and its run, as one transaction unless there is more to learn. */
static int
begin(struct memory *m, const struct medium *medium, const char *scope,
    const struct medium_list *list, struct err *err)
{
	struct carry_list found = CARRY_LIST_EMPTY;
	int ret = -1;

	if (catalog_begin(m->catalog, err) == -1)
		return -1;
	if (learn_medium(m->catalog, medium, list, &m->medium, err) == -1)
		goto out;
	if (list != NULL && catalog_snapshots_gone(m->catalog, m->medium,
	    tell_gone, m, err) == -1)
		goto out;
	if (list != NULL)
		carry_find(&found, m->cli, m->catalog, medium);
	if (found.count > 0 && (catalog_commit(m->catalog, err) == -1 ||
	    take_carried(m, &found, medium, list, err) == -1))
		goto out;
	if (m->catalog == NULL) {
		ret = 0;
		goto out;
	}
	if (found.count > 0 && catalog_begin(m->catalog, err) == -1)
		goto out;
	if (put_run(m, scope, err) == 0)
		ret = catalog_commit(m->catalog, err);
out:
	if (ret == -1 && m->catalog != NULL)
		catalog_rollback(m->catalog);
	carry_list_release(&found);
	return ret;
}

void
memory_begin(struct memory *m, const struct medium *medium,
    const char *scope, const struct medium_list *list)
{
	struct err err;

	m->on = medium;
	m->medium = m->run = m->snapshot = 0;
	memset(&m->known, 0, sizeof m->known);
	memset(&m->progress, 0, sizeof m->progress);
	m->losses_told = 0;
	m->begun_ms = m->since_ms = io_ticks_ms();
	m->interval_ms = FLUSH_MS;
	m->max_bytes = m->options.max_bytes;
	m->taken = m->all_bytes = 0;
	m->is_spent = m->is_partial = false;
	if (m->catalog != NULL &&
	    begin(m, medium, scope, list, &err) == -1)
		give_up(m, &err);
	m->all_bytes = 0;	/* plan.h learns anew, and counts */
}

void
memory_end(struct memory *m, bool is_cut, int status)
{
	if (m->run != 0)
		flush_as(m, is_cut ? CATALOG_CUT : m->is_partial ?
		    CATALOG_PARTIAL : CATALOG_FINISHED, status);
	if (m->options.carries)
		carry_out(m->cli, m->catalog, m->on, m->run);
	m->run = 0;
}

struct memory_known
memory_known(const struct memory *m)
{
	return m->known;
}

bool
memory_has_budget(const struct memory *m)
{
	return m->options.max_bytes > 0 || m->options.max_ms > 0 ||
	    m->options.percent > 0;
}

uint64_t
memory_budget(const struct memory *m)
{
	if (m->options.max_ms > 0)
		return 0;
	return m->max_bytes < m->all_bytes ? m->max_bytes : m->all_bytes;
}

bool
memory_is_spent(const struct memory *m)
{
	return m->is_spent;
}

bool
memory_coverage(struct memory *m, uint64_t *files, uint64_t *of_files,
    uint64_t *bytes, uint64_t *of_bytes)
{
	struct catalog_coverage c;
	struct err err;

	if (m->catalog == NULL)
		return false;
	flush(m);
	if (m->catalog == NULL || catalog_run_coverage(m->catalog, m->medium,
	    m->run, &c, &err) == -1)
		return false;
	*files = c.read_files;
	*of_files = c.files;
	*bytes = c.read_bytes;
	*of_bytes = c.bytes;
	return true;
}

bool
memory_visits(struct memory *m, const struct catalog_visit *after,
    struct catalog_visit *visits, size_t max, size_t *count)
{
	struct err err;

	if (m->catalog == NULL)
		return false;
	flush(m);
	if (m->catalog == NULL)
		return false;
	if (catalog_visits(m->catalog, m->medium, m->run, after, visits, max,
	    count, &err) == 0)
		return true;
	give_up(m, &err);
	return false;
}

/* A share of all is a number of bytes, once all is known. */
static void
set_share(struct memory *m)
{
	uint64_t percent = m->options.percent, share;

	if (percent == 0)
		return;
	share = m->all_bytes / 100 * percent +
	    m->all_bytes % 100 * percent / 100 + 1;
	m->max_bytes = m->options.max_bytes == 0 ||
	    share < m->options.max_bytes ? share : m->options.max_bytes;
}

void
memory_learn(struct memory *m, const struct medium *medium,
    const struct medium_name *name)
{
	struct snapshot s;
	struct err err;
	bool has_info;
	size_t i;

	memory_enter(m, name, 0);
	if (snapshot_open_folder(&s, medium, name, &err) == 0 &&
	    snapshot_load_complete(&s, &err) == 0 &&
	    snapshot_load_sums(&s, &err) == 0) {
		has_info = snapshot_load_info(&s, &err) == 0;
		on_opened(m, &s, has_info);
		for (i = 0; i < m->file_count; i++)
			m->all_bytes += m->files[i].bytes;
	}
	snapshot_close(&s);
	memory_leave(m);
	set_share(m);
}

struct memory *
memory_open(struct cli *cli, const struct memory_options *o)
{
	struct memory *m = mem_zero(1, sizeof *m);
	const struct files_memory calls = {
		m, on_was_whole, on_opened, on_choose, on_resume, on_placed,
		on_done
	};
	struct err err;

	m->cli = cli;
	m->options = *o;
	m->files_calls = calls;
	m->pending = mem_zero(PENDING_MAX, sizeof *m->pending);
	if (cli->dry_run)
		return m;
	if (catalog_open(&m->catalog, o->catalog, CATALOG_WRITE, &err) == -1) {
		m->catalog = NULL;
		cli_say(cli, "history is not recorded: %s", err.text);
	} else if (catalog_note(m->catalog) != NULL) {
		cli_say(cli, "%s", catalog_note(m->catalog));
	}
	return m;
}

void
memory_close(struct memory *m)
{
	flush(m);
	drop_losses(m);
	catalog_close(m->catalog);
	free(m->files);
	free(m->pending);
	free(m);
}
