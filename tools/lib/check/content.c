/* SPDX-License-Identifier: BSD-2-Clause */
/* Who checks what in a tree; see content.h. */
#include "check/content.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "check/registry.h"

struct set {
	const struct set_checker *checker;
	char *root;
};

struct run {
	struct content content;
	content_judged *judged;
	void *ctx;
	struct content_counts *counts;
	struct set *sets;
	size_t set_count;
	bool is_full;		/* more sets than CONTENT_SETS_MAX */
};

bool
content_is_below(const char *root, const char *path)
{
	size_t len = strlen(root);

	return len == 0 || (strncmp(root, path, len) == 0 &&
	    (path[len] == '\0' || path[len] == '/'));
}

const char *
content_path(struct buf *out, const char *root, const char *name)
{
	buf_set(out, root, strlen(root));
	if (root[0] != '\0' && name[0] != '\0')
		buf_byte(out, '/');
	buf_puts(out, name);
	return buf_text(out);
}

const char *
content_name(const char *root, const struct entry *entry)
{
	const char *path = buf_text(&entry->path);
	size_t skip = strlen(root);

	if (entry->path.len <= skip)
		return NULL;
	return skip > 0 ? path + skip + 1 : path;
}

static void
hand_out(struct run *run, struct judgement *j)
{
	judgement_close(j);
	run->counts->judged[j->verdict]++;
	run->judged(run->ctx, j);
}

/* -------------------------------------------------------------------- sets */

static bool
is_known(const struct run *run, const struct set_checker *checker,
    const char *root, size_t len)
{
	size_t i;

	for (i = 0; i < run->set_count; i++)
		if (run->sets[i].checker == checker &&
		    strlen(run->sets[i].root) == len &&
		    memcmp(run->sets[i].root, root, len) == 0)
			return true;
	return false;
}

static void
add_set(struct run *run, const struct set_checker *checker, const char *root,
    size_t len)
{
	struct set *set;

	if (is_known(run, checker, root, len))
		return;
	if (run->set_count == CONTENT_SETS_MAX) {
		run->is_full = true;
		return;
	}
	run->sets = mem_resize(run->sets, run->set_count + 1,
	    sizeof *run->sets);
	set = &run->sets[run->set_count++];
	set->checker = checker;
	set->root = mem_format("%.*s", (int)len, root);
}

static int
look_for_sets(void *ctx, const struct entry *entry, struct err *err)
{
	struct run *run = ctx;
	size_t i, len;

	(void)err;
	for (i = 0; registry_sets[i] != NULL; i++)
		if (registry_sets[i]->recognise(entry, &len))
			add_set(run, registry_sets[i], buf_text(&entry->path),
			    len);
	return 0;
}

static int
check_sets(struct run *run, struct err *err)
{
	struct judgement j;
	size_t i;

	for (i = 0; i < run->set_count; i++) {
		const struct set *set = &run->sets[i];
		int ret;

		judgement_init(&j, set->checker->name, set->root);
		ret = set->checker->check(&run->content, set->root, &j, err);
		if (ret == 0)
			hand_out(run, &j);
		judgement_release(&j);
		if (ret == -1)
			return -1;
	}
	if (!run->is_full)
		return 0;
	judgement_init(&j, "content", "");
	judge_find(&j, VERDICT_UNCHECKED, NULL, "holds more than %d data "
	    "sets; the others were not looked into", CONTENT_SETS_MAX);
	hand_out(run, &j);
	judgement_release(&j);
	return 0;
}

/* ------------------------------------------------------------------- files */

static bool
is_owned(const struct run *run, const char *path)
{
	size_t i;

	for (i = 0; i < run->set_count; i++)
		if (run->sets[i].checker->owns_root &&
		    strcmp(run->sets[i].root, path) == 0)
			return true;
	return false;
}

static const struct file_checker *
checker_of(const struct entry *entry, const uint8_t *head, size_t len)
{
	size_t i;

	for (i = 0; registry_files[i] != NULL; i++)
		if (registry_files[i]->recognise(entry, head, len))
			return registry_files[i];
	return registry_plain;
}

/* A file that is open: who knows it, and what does he say? */
static int
check_open_file(struct run *run, const struct entry *entry,
    struct source *file, struct judgement *j, struct err *err)
{
	uint8_t head[CONTENT_HEAD_LEN];
	size_t len = file->size < sizeof head ? (size_t)file->size :
	    sizeof head;
	const struct file_checker *checker;

	if (file->read_at(file, 0, head, len, err) == -1)
		return judge_failure(j, buf_text(&entry->path), err);
	checker = checker_of(entry, head, len);
	j->checker = checker->name;
	return checker->check(&run->content, entry, file, j, err);
}

/* A file that nobody knows and that passes is not worth a line. */
static bool
is_worth_a_line(struct run *run, const struct entry *entry,
    const struct judgement *j)
{
	if (j->checker != registry_plain->name)
		return true;
	run->counts->unknown_files++;
	run->counts->unknown_bytes += entry->size;
	return j->verdict != VERDICT_CLEAN;
}

static int
check_file(struct run *run, const struct entry *entry, struct err *err)
{
	const char *path = buf_text(&entry->path);
	struct source *file = NULL;
	struct judgement j;
	int ret;

	judgement_init(&j, registry_plain->name, path);
	if (tree_open_file(run->content.tree, entry, &file, err) == -1)
		ret = judge_failure(&j, path, err);
	else
		ret = check_open_file(run, entry, file, &j, err);
	tree_close_file(run->content.tree, file);
	if (ret == 0 && is_worth_a_line(run, entry, &j))
		hand_out(run, &j);
	judgement_release(&j);
	return ret;
}

static int
visit_file(void *ctx, const struct entry *entry, struct err *err)
{
	struct run *run = ctx;

	if (entry->type == ENTRY_DIR)
		return is_owned(run, buf_text(&entry->path)) ? 1 : 0;
	/* The other names of a file have the same content. */
	if (entry->type != ENTRY_FILE || entry->hardlink.len > 0)
		return 0;
	return check_file(run, entry, err);
}

int
content_check(struct tree *tree, const char *below,
    const struct content_facts *facts, content_judged *judged, void *ctx,
    struct content_counts *counts, struct err *err)
{
	struct run run = { .content = { tree, facts }, .judged = judged,
	    .ctx = ctx, .counts = counts };
	int ret = -1;
	size_t i;

	memset(counts, 0, sizeof *counts);
	if (tree_walk(tree, below, look_for_sets, &run, err) == 0 &&
	    check_sets(&run, err) == 0 &&
	    tree_walk(tree, below, visit_file, &run, err) == 0)
		ret = 0;
	for (i = 0; i < run.set_count; i++)
		free(run.sets[i].root);
	free(run.sets);
	return ret;
}
