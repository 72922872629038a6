/* SPDX-License-Identifier: BSD-2-Clause */
#include "compose/model.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/escape.h"
#include "base/mem.h"
#include "compose/dotenv.h"
#include "compose/merge.h"
#include "io/io.h"

void
model_init(struct model *m, const struct compose_options *options,
    struct compose_project *project, struct err *err)
{
	*m = (struct model){ .options = options, .project = project,
	    .tree = project->tree, .err = err };
	m->warned = yaml_map(m->tree);
}

void
model_release(struct model *m)
{
	size_t i;

	for (i = 0; i < m->source_count; i++) {
		free(m->sources[i]->file);
		free(m->sources[i]->dir);
		free(m->sources[i]);
	}
	free(m->sources);
	for (i = 0; i < m->env_count; i++) {
		pairs_release(m->envs[i]);
		free(m->envs[i]);
	}
	free(m->envs);
}

void
model_warn(const struct model *m, const char *text)
{
	if (m->options->warn != NULL)
		m->options->warn(m->options->warn_context, text);
}

char *
model_path(const char *dir, const struct pairs *env, const char *path)
{
	const struct canonical_paths paths = { dir, pairs_get(env, "HOME") };
	struct buf out = BUF_EMPTY;
	char *copy;

	canonical_path(&paths, path, &out);
	copy = mem_text(buf_text(&out));
	buf_release(&out);
	return copy;
}

char *
model_dir(const char *path)
{
	const char *slash = strrchr(path, '/');

	if (slash == NULL || slash == path)
		return mem_text("/");
	return mem_format("%.*s", (int)(slash - path), path);
}

bool
model_is_file(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && !S_ISDIR(st.st_mode);
}

/* ---- reading */

/* The person names these files and may well have linked them. */
static int
read_text(struct model *m, const char *path, size_t max, struct buf *out)
{
	char shown[ESCAPE_NAME_MAX];
	size_t got = 0;
	struct stat st;
	int ret = -1;
	int fd;

	(void)escape_name(path, shown);
	fd = io_open_typed(path, O_RDONLY | O_NONBLOCK, 0);
	if (fd == -1)
		return err_set(m->err, errno == ENOENT ? ERR_NOT_FOUND : ERR_IO,
		    errno, "open %s", shown);
	if (fstat(fd, &st) == -1 || !S_ISREG(st.st_mode))
		err_set(m->err, ERR_DAMAGED, 0, "%s is not a file", shown);
	else if ((uint64_t)st.st_size > max)
		err_set(m->err, ERR_LIMIT, 0,
		    "%s is larger than %zu bytes", shown, max);
	else if (io_read(fd, buf_reserve(out, (size_t)st.st_size),
	    (size_t)st.st_size, &got) == -1)
		err_set(m->err, ERR_IO, errno, "read %s", shown);
	else
		ret = 0;
	if (ret == 0) {
		out->len = got;
		out->data[got] = '\0';
	}
	(void)io_close(fd);	/* read-only: nothing to lose */
	return ret;
}

static void
note_file(struct compose_project *project, const char *path)
{
	size_t i;

	for (i = 0; i < project->file_count; i++)
		if (strcmp(project->files[i], path) == 0)
			return;
	project->files = mem_resize(project->files, project->file_count + 1,
	    sizeof(*project->files));
	project->files[project->file_count++] = mem_text(path);
}

void
model_note_env_file(struct compose_project *project, const char *path,
    bool is_required)
{
	size_t i;

	for (i = 0; i < project->env_file_count; i++)
		if (strcmp(project->env_files[i].path, path) == 0)
			return;
	project->env_files = mem_resize(project->env_files,
	    project->env_file_count + 1, sizeof(*project->env_files));
	project->env_files[project->env_file_count++] =
	    (struct compose_file_need){ mem_text(path), is_required };
}

int
model_read(struct model *m, const char *path, struct yaml_node **documents)
{
	char shown[ESCAPE_NAME_MAX];
	struct buf text = BUF_EMPTY;
	int ret;

	if (++m->load_count > COMPOSE_FILES_MAX)
		return err_set(m->err, ERR_LIMIT, 0,
		    "%s: more than %d files are included and extended",
		    escape_name(path, shown), COMPOSE_FILES_MAX);
	note_file(m->project, path);
	ret = read_text(m, path, COMPOSE_FILE_BYTES_MAX, &text);
	yaml_set_file(m->tree, path);
	if (ret == 0) {
		ret = yaml_parse(m->tree, buf_text(&text), text.len, documents,
		    m->err);
		if (ret == -1)
			err_context(m->err, "%s", escape_name(path, shown));
	}
	buf_release(&text);
	return ret;
}

/* ---- variables */

static const char *
look_up(void *context, const char *name)
{
	const struct model_lookup *lookup = context;

	return pairs_get(lookup->env, name);
}

static void
warn_unset(void *context, const char *name)
{
	const struct model_lookup *lookup = context;
	struct model *m = lookup->m;
	char *text;

	if (yaml_get(m->warned, name) != NULL)
		return;
	yaml_put(m->tree, m->warned, yaml_keep(m->tree, name, strlen(name)),
	    yaml_null(m->tree));
	text = mem_format("The \"%s\" variable is not set. Defaulting to a "
	    "blank string.", name);
	model_warn(m, text);
	free(text);
}

struct interpolate_env
model_lookup(struct model_lookup *lookup)
{
	return (struct interpolate_env){ look_up, warn_unset, lookup };
}

static int
read_env_file(struct model *m, const char *path, const struct pairs *env,
    struct pairs *out)
{
	struct model_lookup lookup = { m, env };
	const struct interpolate_env outer = model_lookup(&lookup);
	char shown[ESCAPE_NAME_MAX];
	struct buf text = BUF_EMPTY;
	int ret;

	ret = read_text(m, path, COMPOSE_ENV_BYTES_MAX, &text);
	if (ret == 0) {
		ret = dotenv_parse(buf_text(&text), text.len, &outer, out,
		    m->err);
		if (ret == -1)
			err_context(m->err, "failed to read %s",
			    escape_name(path, shown));
	}
	buf_release(&text);
	return ret;
}

int
model_read_env(struct model *m, char *const *paths, size_t count,
    struct pairs *env)
{
	struct pairs found = PAIRS_EMPTY;
	int ret = 0;
	size_t i;

	for (i = 0; i < count && ret == 0; i++)
		ret = read_env_file(m, paths[i], env, &found);
	for (i = 0; i < found.count && ret == 0; i++) {
		const struct pair *pair = &found.items[i];

		if (pair->key[0] != '\0' && pairs_get(env, pair->key) == NULL)
			pairs_put(env, pair->key, pair->value);
	}
	pairs_release(&found);
	return ret;
}

/* One walk over a document. */
struct walk {
	struct model *m;
	struct interpolate_env env;
	struct buf path;
};

static int
bad_variable(struct walk *w, const struct yaml_node *at)
{
	struct err *err = w->m->err;
	char shown[ESCAPE_NAME_MAX];
	char path[ESCAPE_NAME_MAX];

	(void)escape_name(buf_text(&w->path), path);
	if (err->class == ERR_DAMAGED &&
	    strncmp(err->text, "Invalid template", 16) == 0)
		return err_set(err, ERR_DAMAGED, 0, "line %u: invalid "
		    "interpolation format for %s. You may need to escape any "
		    "$ with another $. %s", (unsigned)at->line, path,
		    escape_name(at->text, shown));
	return err_context(err, "line %u: error while interpolating %s",
	    (unsigned)at->line, path);
}

static int
replace_text(struct walk *w, struct yaml_item *item)
{
	const struct yaml_node *old = item->value;
	struct buf out = BUF_EMPTY;
	int ret;

	ret = interpolate(old->text, &w->env, &out, w->m->err);
	if (ret == 0) {
		item->value = yaml_text_at(w->m->tree, buf_text(&out), old);
		item->value->mark = old->mark;
	} else {
		bad_variable(w, old);
	}
	buf_release(&out);
	return ret;
}

static int
replace_all(struct walk *w, struct yaml_node *node)
{
	size_t path_len = w->path.len;
	struct yaml_item *item;
	uint32_t i;
	int ret = 0;

	for (i = 0; i < node->count && ret == 0; i++) {
		item = &node->items[i];
		if (item->key == NULL)
			buf_printf(&w->path, "[%u]", (unsigned)i);
		else
			buf_printf(&w->path, "%s%s", path_len > 0 ? "." : "",
			    item->key);
		if (item->value->kind >= YAML_LIST)
			ret = replace_all(w, item->value);
		else if (item->value->kind == YAML_TEXT &&
		    interpolate_is_needed(item->value->text))
			ret = replace_text(w, item);
		buf_cut(&w->path, path_len);
	}
	return ret;
}

int
model_prepare(struct model *m, const struct pairs *env, const char *dir,
    struct yaml_node *document)
{
	const struct canonical_paths paths = { dir, pairs_get(env, "HOME") };
	struct model_lookup lookup = { m, env };
	struct walk w = { m, model_lookup(&lookup), BUF_EMPTY };
	int ret;

	ret = replace_all(&w, document);
	buf_release(&w.path);
	if (ret == 0)
		ret = canonical_document(m->tree, document, &paths, m->err);
	return ret;
}

void
model_resolve_environment(struct model *m, const struct pairs *env,
    struct yaml_node *merged)
{
	const struct yaml_node *services = yaml_some(merged, "services");
	struct yaml_node *list;
	struct yaml_item *item;
	const char *value;
	uint32_t i;
	uint32_t j;

	for (i = 0; services != NULL && i < services->count; i++) {
		list = yaml_get(services->items[i].value, "environment");
		for (j = 0; yaml_is_map(list) && j < list->count; j++) {
			item = &list->items[j];
			if (item->value->kind != YAML_NULL)
				continue;
			value = pairs_get(env, item->key);
			if (value != NULL)
				item->value = yaml_text(m->tree, value);
		}
	}
}

/* ---- merging */

static int
merge_document(struct model *m, const struct model_scope *scope,
    const char *path, struct yaml_node *document, struct yaml_node **merged)
{
	if (document->kind == YAML_NULL)
		return 0;
	if (!yaml_is_map(document))
		return err_set(m->err, ERR_DAMAGED, 0,
		    "line %u: top-level object must be a mapping",
		    (unsigned)document->line);
	if (model_prepare(m, scope->env, scope->dir, document) == -1 ||
	    model_include(m, scope, &document) == -1 ||
	    model_extend(m, scope, path, document) == -1)
		return -1;
	if (*merged == NULL)
		*merged = yaml_map(m->tree);
	if (merge_documents(m->tree, *merged, document, m->err) == -1)
		return -1;
	(void)yaml_settle(*merged);
	return 0;
}

int
model_merge_file(struct model *m, const struct model_scope *scope,
    const char *path, const struct yaml_node *documents,
    struct yaml_node **merged)
{
	char shown[ESCAPE_NAME_MAX];
	uint32_t i;

	for (i = 0; i < documents->count; i++)
		if (merge_document(m, scope, path, documents->items[i].value,
		    merged) == -1)
			return err_context(m->err, "%s",
			    escape_name(path, shown));
	return 0;
}
