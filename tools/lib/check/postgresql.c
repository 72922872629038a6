/* SPDX-License-Identifier: BSD-2-Clause */
/* The set checker for PostgreSQL data directories. */
#include "check/postgresql.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/utc.h"
#include "check/pg.h"
#include "check/pg_name.h"
#include "check/pg_small.h"

#define SECONDS_MAX INT64_C(253402300799)	/* the end of the year 9999 */

/* --------------------------------------------------------------- recognise */

/* path ends in "/tail", or is it; *root_len: of what is before. */
static bool
ends_in(const char *path, size_t len, const char *tail, size_t *root_len)
{
	size_t tail_len = strlen(tail);

	if (len < tail_len || strcmp(path + len - tail_len, tail) != 0)
		return false;
	len -= tail_len;
	if (len > 0 && path[len - 1] != '/')
		return false;
	*root_len = len > 0 ? len - 1 : 0;
	return true;
}

/* Each database's folder has a PG_VERSION as well; its name is a number. */
static bool
is_database(const char *path, size_t root_len)
{
	size_t from = root_len;

	while (from > 0 && path[from - 1] != '/')
		from--;
	return root_len > from &&
	    strspn(path + from, "0123456789") >= root_len - from;
}

static bool
recognise(const struct entry *entry, size_t *root_len)
{
	const char *path = buf_text(&entry->path);
	size_t len = entry->path.len;

	if (entry->type != ENTRY_FILE)
		return false;
	if (ends_in(path, len, "global/pg_control", root_len))
		return true;
	return ends_in(path, len, "PG_VERSION", root_len) &&
	    !is_database(path, *root_len);
}

/* ------------------------------------------------------------- pg_control */

/* Without pg_control: the sizes that nearly every server has. */
static int
assume_control(struct pg *pg, struct err *err)
{
	struct buf text = BUF_EMPTY;
	const char *path = pg_path(pg, "PG_VERSION");
	int ret = tree_read_path(pg->tree, path, PG_SMALL_MAX, &text, err);

	if (ret == -1 && err->class != ERR_INTERRUPTED) {
		err_clear(err);	/* judged with the small files */
		ret = 0;
	}
	pg_control_assume(&pg->control, pg_version_parse(buf_text(&text)));
	buf_release(&text);
	return ret;
}

static int
load_control(struct pg *pg, struct err *err)
{
	struct buf path = BUF_EMPTY, data = BUF_EMPTY;
	int ret;

	buf_puts(&path, pg_path(pg, "global/pg_control"));
	ret = tree_read_path(pg->tree, buf_text(&path), PG_SMALL_MAX, &data,
	    err);
	if (ret == 0)
		ret = pg_control_parse((const uint8_t *)buf_text(&data),
		    data.len, &pg->control, err);
	if (ret == -1) {
		if (err->class != ERR_INTERRUPTED)
			(void)err_append(err, "the server refuses to start");
		ret = judge_failure(pg->judgement, buf_text(&path), err);
		if (ret == 0)
			ret = assume_control(pg, err);
	} else if (!pg->control.crc_ok) {
		judge_find(pg->judgement, VERDICT_DAMAGED, buf_text(&path),
		    "its checksum does not match: the server refuses to "
		    "start");
	}
	buf_release(&path);
	buf_release(&data);
	return ret;
}

static void
judge_unknown(struct pg *pg)
{
	judge_find(pg->judgement, VERDICT_UNCHECKED,
	    pg_path(pg, "global/pg_control"), "of a release that is not "
	    "known (%u, catalog %u): the cluster was left %s",
	    pg->control.version, pg->control.catalog_version,
	    pg_state_name(pg->control.state));
}

static void
judge_state(struct pg *pg)
{
	const struct pg_control *c = &pg->control;
	char time[UTC_TEXT_MAX] = "a time that makes no sense";
	const char *path = pg_path(pg, "global/pg_control");

	if (c->updated_s >= 0 && c->updated_s <= SECONDS_MAX)
		(void)utc_rfc3339(c->updated_s, time);
	if (c->state == PG_STARTING || c->state > PG_IN_PRODUCTION)
		judge_find(pg->judgement, VERDICT_DAMAGED, path,
		    "its state is %u, %s: the server refuses to start",
		    c->state, pg_state_name(c->state));
	else if (pg->is_clean)
		judge_say(pg->judgement, "%s at %s", pg_state_name(c->state),
		    time);
	else
		judge_find(pg->judgement, VERDICT_RECOVERABLE, path,
		    "the cluster was %s, last at %s", pg_state_name(c->state),
		    time);
	if (c->checksums > 1)
		judge_find(pg->judgement, VERDICT_CLEAN, path, "checksums "
		    "were being switched on or off: pages are not checked by "
		    "them");
}

/*
 * A checkpoint that ended while files were copied may have written pages
 * after they were copied, and told the log that they are safe.  No page shows
 * that.
 */
static void
judge_copy(struct pg *pg)
{
	const struct content_facts *facts = pg->facts;
	const char *path = pg_path(pg, "global/pg_control");

	if (!facts->is_hot)
		return;
	if (facts->copied_at == 0)
		judge_find(pg->judgement, VERDICT_UNCHECKED, path,
		    "the server may have been running, and when the copying "
		    "began is not known: a checkpoint in between would not "
		    "be noticed");
	else if (pg->control.updated_s >= facts->copied_at)
		judge_find(pg->judgement, VERDICT_UNCHECKED, path,
		    "it was written after the copying began: whether pages "
		    "copied before lack what the log no longer has cannot be "
		    "known");
}

/* ------------------------------------------------------------------- check */

static int
is_cluster(struct pg *pg, bool *is, struct err *err)
{
	enum entry_type type;
	uint64_t size;

	if (pg_find(pg, pg_path(pg, "global"), is, &type, &size, err) == -1)
		return -1;
	if (!*is && pg_find(pg, pg_path(pg, "base"), is, &type, &size,
	    err) == -1)
		return -1;
	if (!*is)
		judge_find(pg->judgement, VERDICT_UNCHECKED,
		    pg_path(pg, "PG_VERSION"), "stands alone: without base/ "
		    "and global/ this is no cluster");
	return 0;
}

static int
load(struct pg *pg, struct err *err)
{
	enum entry_type type;
	bool is_standby, is_archive, has_conf;
	uint64_t size;

	if (load_control(pg, err) == -1 ||
	    pg_label_load(pg, err) == -1 ||
	    pg_find(pg, pg_path(pg, "standby.signal"), &is_standby, &type,
	    &size, err) == -1 ||
	    pg_find(pg, pg_path(pg, "recovery.signal"), &is_archive, &type,
	    &size, err) == -1 ||
	    pg_find(pg, pg_path(pg, "recovery.conf"), &has_conf, &type,
	    &size, err) == -1)
		return -1;
	pg->is_trusted = pg->control.has_layout && pg->control.crc_ok;
	pg->is_clean = pg->is_trusted && !pg->label.is_there &&
	    pg_control_is_clean(&pg->control);
	/* A standby has none of their pages, not even after a clean stop. */
	pg->empties_unlogged = !pg->is_clean ||
	    pg->control.state == PG_SHUT_DOWN_IN_RECOVERY;
	pg->asks_archive = is_standby || is_archive ||
	    (has_conf && pg->control.major < 12);
	pg->is_recovering = pg->asks_archive ||
	    pg->control.state == PG_SHUT_DOWN_IN_RECOVERY ||
	    pg->control.state == PG_IN_ARCHIVE_RECOVERY;
	return 0;
}

/* In the order in which an archive is read fastest. */
static int
check_parts(struct pg *pg, struct err *err)
{
	if (load(pg, err) == -1)
		return -1;
	if (pg->control.version != 0 && !pg->control.has_layout) {
		judge_unknown(pg);
		return 0;
	}
	if (pg->is_trusted) {
		judge_state(pg);
		judge_copy(pg);
	}
	if (pg_log_check(pg, err) == -1 || pg_spaces_load(pg, err) == -1 ||
	    pg_files_check(pg, err) == -1 ||
	    pg_catalog_check(pg, err) == -1 ||
	    pg_house_check(pg, err) == -1)
		return -1;
	return pg_backup_check(pg, err);
}

static int
check(const struct content *c, const char *root, struct judgement *j,
    struct err *err)
{
	struct pg pg = {
		.tree = c->tree,
		.facts = c->facts,
		.root = root,
		.judgement = j,
		.path = BUF_EMPTY,
		.walk = { .notes = PG_NOTES_EMPTY },
	};
	uint64_t unlisted = tree_unlisted(c->tree);
	bool is = false;
	unsigned i;
	int ret = is_cluster(&pg, &is, err);

	if (ret == 0 && is)
		ret = check_parts(&pg, err);
	if (tree_unlisted(c->tree) > unlisted)
		judge_find(j, VERDICT_UNCHECKED, NULL,
		    "some folders could not be listed");
	for (i = 0; i < pg.space_count; i++)
		free(pg.spaces[i].path);
	free(pg.spaces);
	pg_notes_release(&pg.walk.notes);
	buf_release(&pg.path);
	return ret;
}

const struct set_checker check_postgresql = {
	.name = "postgresql",
	.owns_root = true,
	.recognise = recognise,
	.check = check,
};
