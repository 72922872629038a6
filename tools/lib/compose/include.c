/* SPDX-License-Identifier: BSD-2-Clause */
/* "include": others' files, with a folder and variables of their own. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/escape.h"
#include "base/mem.h"
#include "compose/merge.h"
#include "compose/model.h"

/* One entry of the list. */
struct entry {
	char **files;			/* absolute */
	size_t file_count;
	char *dir;			/* project_directory, absolute */
	char **env_files;		/* absolute */
	size_t env_file_count;
};

static void
free_texts(char **texts, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		free(texts[i]);
	free(texts);
}

static void
entry_release(struct entry *entry)
{
	free_texts(entry->files, entry->file_count);
	free_texts(entry->env_files, entry->env_file_count);
	free(entry->dir);
}

static int
wrong(struct model *m, const struct yaml_node *at, const char *what)
{
	return err_set(m->err, ERR_DAMAGED, 0, "line %u: include%s",
	    (unsigned)at->line, what);
}

static void
add_path(const struct model_scope *scope, const char *path, char ***list,
    size_t *count)
{
	*list = mem_resize(*list, *count + 1, sizeof(**list));
	(*list)[(*count)++] = model_path(scope->dir, scope->env, path);
}

/* A text or a list of texts, as absolute paths. */
static int
take_paths(struct model *m, const struct model_scope *scope,
    const struct yaml_node *value, char ***list, size_t *count)
{
	const char *text = yaml_scalar(value);
	uint32_t i;

	if (text != NULL) {
		add_path(scope, text, list, count);
		return 0;
	}
	if (!yaml_is_list(value) || value->count > COMPOSE_FILES_MAX)
		return wrong(m, value, ": a path must be a string or a list");
	for (i = 0; i < value->count; i++) {
		text = yaml_scalar(value->items[i].value);
		if (text == NULL)
			return wrong(m, value, ": a path must be a string");
		add_path(scope, text, list, count);
	}
	return 0;
}

static bool
is_remote(const char *path)
{
	return strstr(path, "://") != NULL || strncmp(path, "git@", 4) == 0 ||
	    strncmp(path, "github.com/", 11) == 0;
}

static int
refuse_remote(struct model *m, const struct yaml_node *path)
{
	const char *first = yaml_scalar(yaml_is_list(path) && path->count > 0 ?
	    path->items[0].value : path);
	char shown[ESCAPE_NAME_MAX];

	if (first == NULL || !is_remote(first))
		return 0;
	return err_set(m->err, ERR_DAMAGED, 0,
	    "line %u: include of %s: only local files can be included",
	    (unsigned)path->line, escape_name(first, shown));
}

static int
read_entry(struct model *m, const struct model_scope *scope,
    const struct yaml_node *value, struct entry *entry)
{
	const struct yaml_node *path = yaml_is_map(value) ?
	    yaml_some(value, "path") : value;
	const struct yaml_node *env = yaml_some(value, "env_file");
	const char *dir = yaml_scalar(yaml_get(value, "project_directory"));

	if (path == NULL || (!yaml_is_map(value) && !yaml_is_scalar(value)))
		return wrong(m, value, ": path is missing");
	if (refuse_remote(m, path) == -1 ||
	    take_paths(m, scope, path, &entry->files,
	    &entry->file_count) == -1)
		return -1;
	if (entry->file_count == 0)
		return wrong(m, value, ": path is missing");
	entry->dir = dir == NULL || *dir == '\0' ?
	    model_dir(entry->files[0]) :
	    model_path(scope->dir, scope->env, dir);
	return env == NULL ? 0 : take_paths(m, scope, env, &entry->env_files,
	    &entry->env_file_count);
}

/* A file that is already being included, from the outermost on. */
static int
refuse_cycle(struct model *m, const struct model_scope *scope,
    const char *path)
{
	const struct model_scope *at;
	struct buf text = BUF_EMPTY;
	struct buf rest = BUF_EMPTY;
	bool is_cycle = false;

	for (at = scope; at != NULL; at = at->parent) {
		buf_set(&rest, buf_text(&text), text.len);
		buf_cut(&text, 0);
		escape_text(&text, at->file, strlen(at->file));
		buf_puts(&text, " include ");
		buf_append(&text, buf_text(&rest), rest.len);
		is_cycle = is_cycle || strcmp(at->file, path) == 0;
	}
	escape_text(&text, path, strlen(path));
	if (is_cycle)
		err_set(m->err, ERR_DAMAGED, 0, "include cycle detected: %s",
		    buf_text(&text));
	buf_release(&text);
	buf_release(&rest);
	return is_cycle ? -1 : 0;
}

/* The environment of what is included: ours, and its own files below it. */
static int
read_variables(struct model *m, const struct model_scope *scope,
    struct entry *entry, const struct pairs **result)
{
	struct pairs *env = mem_zero(1, sizeof(*env));
	bool is_named = entry->env_file_count > 0;
	char *own;
	size_t i;

	m->envs = mem_resize(m->envs, m->env_count + 1, sizeof(*m->envs));
	m->envs[m->env_count++] = env;
	pairs_copy(env, scope->env);
	if (!is_named) {
		own = model_path(entry->dir, env, ".env");
		if (model_is_file(own))
			add_path(scope, own, &entry->env_files,
			    &entry->env_file_count);
		free(own);
	}
	for (i = 0; i < entry->env_file_count; i++)
		model_note_env_file(m->project, entry->env_files[i],
		    is_named);
	*result = env;
	return model_read_env(m, entry->env_files, entry->env_file_count, env);
}

/* Only these are taken over: not the name, not extensions. */
static struct yaml_node *
resources_of(struct model *m, const struct yaml_node *merged)
{
	static const char *const sections[] = { "services", "volumes",
	    "networks", "secrets", "configs", NULL };
	struct yaml_node *taken = yaml_map(m->tree);
	struct yaml_node *section;
	size_t i;

	for (i = 0; sections[i] != NULL; i++) {
		section = yaml_some(merged, sections[i]);
		if (section != NULL)
			yaml_put(m->tree, taken, sections[i], section);
	}
	return taken;
}

static int
load_entry(struct model *m, const struct model_scope *scope,
    struct entry *entry, struct yaml_node **merged)
{
	struct model_scope inner = { .parent = scope,
	    .file = entry->files[0], .dir = entry->dir,
	    .depth = scope->depth + 1 };
	struct yaml_node *documents;
	size_t i;

	if (inner.depth > MODEL_INCLUDE_DEPTH_MAX)
		return err_set(m->err, ERR_LIMIT, 0,
		    "includes are nested deeper than %d files",
		    MODEL_INCLUDE_DEPTH_MAX);
	if (refuse_cycle(m, scope, entry->files[0]) == -1 ||
	    read_variables(m, scope, entry, &inner.env) == -1)
		return -1;
	for (i = 0; i < entry->file_count; i++)
		if (model_read(m, entry->files[i], &documents) == -1 ||
		    model_merge_file(m, &inner, entry->files[i], documents,
		    merged) == -1)
			return -1;
	if (*merged != NULL) {
		merge_unique(m->tree, *merged);
		model_resolve_environment(m, inner.env, *merged);
	}
	return 0;
}

static int
include_entry(struct model *m, const struct model_scope *scope,
    const struct yaml_node *value, struct yaml_node **document)
{
	struct yaml_node *merged = NULL;
	struct entry entry = { .file_count = 0 };
	struct yaml_node *base;
	int ret;

	ret = read_entry(m, scope, value, &entry);
	if (ret == 0)
		ret = load_entry(m, scope, &entry, &merged);
	if (ret == 0 && merged != NULL) {
		base = resources_of(m, merged);
		ret = merge_documents(m->tree, base, *document, m->err);
		*document = base;
	}
	entry_release(&entry);
	return ret;
}

int
model_include(struct model *m, const struct model_scope *scope,
    struct yaml_node **document)
{
	const struct yaml_node *list = yaml_some(*document, "include");
	uint32_t i;

	if (list == NULL || list->mark == YAML_RESET)
		return 0;
	if (!yaml_is_list(list))
		return wrong(m, list, " must be a list");
	for (i = 0; i < list->count; i++)
		if (include_entry(m, scope, list->items[i].value,
		    document) == -1)
			return -1;
	(void)yaml_remove(*document, "include");
	return 0;
}
