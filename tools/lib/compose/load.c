/* SPDX-License-Identifier: BSD-2-Clause */
/* From options to a project: which files, which variables, which name. */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/escape.h"
#include "base/mem.h"
#include "compose/fill.h"
#include "compose/known_keys.h"
#include "compose/merge.h"
#include "compose/model.h"
#include "compose/project.h"

struct loader {
	struct model m;
	const struct compose_options *options;
	struct compose_project *project;
	char *current;			/* directory */
	char **files;			/* absolute, asked for or found */
	size_t file_count;
	struct yaml_node **documents;	/* of each file */
	char **profiles;
	size_t profile_count;
	struct err *err;
};

static void
add_text(char ***list, size_t *count, char *text)
{
	*list = mem_resize(*list, *count + 1, sizeof(**list));
	(*list)[(*count)++] = text;
}

static void
free_texts(char **list, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		free(list[i]);
	free(list);
}

static const char *
variable(const struct loader *l, const char *name)
{
	const char *value = pairs_get(&l->project->environment, name);

	return value != NULL && *value != '\0' ? value : NULL;
}

/* Each part of text between separators, not the empty ones. */
static void
split(const char *text, const char *separator, char ***list, size_t *count)
{
	const char *end;
	size_t len;

	while (*text != '\0') {
		end = strstr(text, separator);
		len = end == NULL ? strlen(text) : (size_t)(end - text);
		if (len > 0)
			add_text(list, count, mem_format("%.*s", (int)len,
			    text));
		text += len + (end == NULL ? 0 : strlen(separator));
	}
}

static int
find_current(struct loader *l)
{
	char path[PATH_MAX];

	if (getcwd(path, sizeof(path)) == NULL)
		return err_set(l->err, ERR_IO, errno,
		    "cannot tell the current directory");
	l->current = mem_text(path);
	return 0;
}

static char *
absolute(const struct loader *l, const char *path)
{
	return model_path(l->current, &l->project->environment, path);
}

/* ---- variables */

static bool
has_no_env_file(const struct loader *l)
{
	const char *value = variable(l, "COMPOSE_DISABLE_ENV_FILE");

	return value != NULL && (strcmp(value, "1") == 0 ||
	    strcmp(value, "true") == 0);
}

/* --env-file, or the .env of dir when there is one. */
static int
read_variables(struct loader *l, const char *dir)
{
	char **paths = NULL;
	size_t count = 0;
	char *path;
	size_t i;
	int ret;

	for (i = 0; i < l->options->env_file_count; i++)
		add_text(&paths, &count, absolute(l,
		    l->options->env_files[i]));
	if (count == 0 && !has_no_env_file(l)) {
		path = mem_format("%s/.env", strcmp(dir, "/") == 0 ? "" : dir);
		if (model_is_file(path))
			add_text(&paths, &count, path);
		else
			free(path);
	}
	for (i = 0; i < count; i++)
		model_note_env_file(l->project, paths[i],
		    l->options->env_file_count > 0);
	ret = model_read_env(&l->m, paths, count, &l->project->environment);
	free_texts(paths, count);
	return ret;
}

/* ---- files */

static void
take_files(struct loader *l)
{
	const char *listed = variable(l, "COMPOSE_FILE");
	const char *separator = variable(l, "COMPOSE_PATH_SEPARATOR");
	char **paths = NULL;
	size_t count = 0;
	size_t i;

	for (i = 0; i < l->options->file_count; i++)
		add_text(&l->files, &l->file_count, absolute(l,
		    l->options->files[i]));
	if (l->file_count > 0 || listed == NULL)
		return;
	split(listed, separator == NULL ? ":" : separator, &paths, &count);
	for (i = 0; i < count; i++)
		add_text(&l->files, &l->file_count, absolute(l, paths[i]));
	free_texts(paths, count);
}

/* The first of names in dir; more than one is worth a warning. */
static bool
find_in(struct loader *l, const char *dir, const char *const *names)
{
	const char *slash = strcmp(dir, "/") == 0 ? "" : "/";
	char shown[ESCAPE_NAME_MAX];
	char *found = NULL;
	char *text;
	char *path;

	for (; *names != NULL; names++) {
		path = mem_format("%s%s%s", dir, slash, *names);
		if (!model_is_file(path)) {
			free(path);
			continue;
		}
		if (found == NULL) {
			found = path;
			continue;
		}
		free(path);
		text = mem_format("Found multiple config files, using %s",
		    escape_name(found, shown));
		model_warn(&l->m, text);
		free(text);
		break;
	}
	if (found != NULL)
		add_text(&l->files, &l->file_count, found);
	return found != NULL;
}

/* The default names, in dir and then in the folders above it. */
static int
search_files(struct loader *l, const char *dir)
{
	static const char *const names[] = { "compose.yaml", "compose.yml",
	    "docker-compose.yml", "docker-compose.yaml", NULL };
	static const char *const overrides[] = { "compose.override.yml",
	    "compose.override.yaml", "docker-compose.override.yml",
	    "docker-compose.override.yaml", NULL };
	char shown[ESCAPE_NAME_MAX];
	char *at = mem_text(dir);
	char *above;

	while (!find_in(l, at, names)) {
		if (strcmp(at, "/") == 0) {
			free(at);
			return err_set(l->err, ERR_NOT_FOUND, 0, "no "
			    "configuration file provided: not found: %s and "
			    "the folders above it have no compose.yaml",
			    escape_name(dir, shown));
		}
		above = model_dir(at);
		free(at);
		at = above;
	}
	(void)find_in(l, at, overrides);
	free(at);
	return 0;
}

/*
 * As Compose does it: .env where we stand may say which files, and the .env
 * beside those adds what the first did not have.
 */
static int
choose_files(struct loader *l)
{
	const char *given = l->options->project_directory;
	char *dir = given != NULL ? absolute(l, given) :
	    mem_text(l->current);
	int ret = 0;

	take_files(l);
	if (l->file_count == 0) {
		ret = read_variables(l, dir);
		if (ret == 0)
			take_files(l);
		if (ret == 0 && l->file_count == 0)
			ret = search_files(l, dir);
	}
	if (ret == -1) {
		free(dir);
		return -1;
	}
	if (l->file_count > COMPOSE_FILES_MAX) {
		free(dir);
		return err_set(l->err, ERR_LIMIT, 0,
		    "more than %d Compose files", COMPOSE_FILES_MAX);
	}
	if (given == NULL) {
		free(dir);
		dir = model_dir(l->files[0]);
	}
	l->project->working_dir = dir;
	return read_variables(l, dir);
}

static int
read_files(struct loader *l)
{
	size_t i;

	l->documents = mem_zero(l->file_count, sizeof(*l->documents));
	for (i = 0; i < l->file_count; i++)
		if (model_read(&l->m, l->files[i], &l->documents[i]) == -1)
			return -1;
	l->project->main_file_count = l->project->file_count;
	return 0;
}

/* ---- the name */

static bool
is_name_byte(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
	    c == '_';
}

/* What Compose makes of any text: lower case, without the bytes it minds. */
static char *
normal_name(const char *text)
{
	struct buf out = BUF_EMPTY;
	char *copy;
	char c;

	for (; *text != '\0'; text++) {
		c = *text >= 'A' && *text <= 'Z' ? (char)(*text + 32) : *text;
		if (is_name_byte(c) &&
		    (out.len > 0 || (c != '-' && c != '_')))
			buf_byte(&out, (unsigned char)c);
	}
	copy = mem_text(buf_text(&out));
	buf_release(&out);
	return copy;
}

static int
take_name(struct loader *l, const char *name, enum err_class class)
{
	char *normal = normal_name(name);
	char shown[ESCAPE_NAME_MAX];
	bool is_normal = strcmp(normal, name) == 0 && *name != '\0';

	if (is_normal) {
		l->project->name = normal;
		return 0;
	}
	free(normal);
	return err_set(l->err, class, 0, "invalid project name \"%s\": must "
	    "consist only of lowercase alphanumeric characters, hyphens, and "
	    "underscores as well as start with a letter or number",
	    escape_name(name, shown));
}

/* The last "name:" of the files, its variables replaced, or "". */
static int
name_in_files(struct loader *l, struct buf *name)
{
	struct model_lookup lookup = { &l->m, &l->project->environment };
	const struct interpolate_env env = model_lookup(&lookup);
	char shown[ESCAPE_NAME_MAX];
	const char *text;
	size_t i;
	uint32_t j;

	for (i = 0; i < l->file_count; i++) {
		for (j = 0; j < l->documents[i]->count; j++) {
			text = yaml_scalar(yaml_get(
			    l->documents[i]->items[j].value, "name"));
			if (text == NULL || *text == '\0')
				continue;
			buf_cut(name, 0);
			if (interpolate(text, &env, name, l->err) == -1)
				return err_context(l->err, "%s: name",
				    escape_name(l->files[i], shown));
		}
	}
	return 0;
}

static int
name_of_folder(struct loader *l)
{
	const char *slash = strrchr(l->project->working_dir, '/');
	char *normal = normal_name(slash == NULL ? l->project->working_dir :
	    slash + 1);

	if (*normal == '\0') {
		free(normal);
		return err_set(l->err, ERR_USAGE, 0,
		    "project name must not be empty");
	}
	l->project->name = normal;
	return 0;
}

static int
choose_name(struct loader *l)
{
	const char *given = l->options->project_name;
	struct buf name = BUF_EMPTY;
	int ret;

	if (given == NULL || *given == '\0')
		given = variable(l, "COMPOSE_PROJECT_NAME");
	if (given != NULL) {
		ret = take_name(l, given, ERR_USAGE);
	} else {
		ret = name_in_files(l, &name);
		if (ret == 0)
			ret = name.len > 0 ? take_name(l, buf_text(&name),
			    ERR_DAMAGED) : name_of_folder(l);
		buf_release(&name);
	}
	if (ret == 0)
		pairs_put(&l->project->environment, "COMPOSE_PROJECT_NAME",
		    l->project->name);
	return ret;
}

/* ---- the whole */

static void
choose_profiles(struct loader *l)
{
	const char *listed = variable(l, "COMPOSE_PROFILES");
	size_t i;

	for (i = 0; i < l->options->profile_count; i++)
		add_text(&l->profiles, &l->profile_count,
		    mem_text(l->options->profiles[i]));
	if (l->profile_count == 0 && listed != NULL)
		split(listed, ",", &l->profiles, &l->profile_count);
}

static int
build(struct loader *l)
{
	const struct model_scope scope = {
		.dir = l->project->working_dir,
		.env = &l->project->environment,
		.file = l->files[0],
	};
	struct yaml_node *merged = NULL;
	size_t i;

	for (i = 0; i < l->file_count; i++)
		if (model_merge_file(&l->m, &scope, l->files[i],
		    l->documents[i], &merged) == -1)
			return -1;
	if (merged == NULL || merged->count == 0)
		return err_set(l->err, ERR_DAMAGED, 0, "empty compose file");
	merge_unique(l->project->tree, merged);
	model_resolve_environment(&l->m, &l->project->environment, merged);
	known_keys_warn(&l->m, merged);
	choose_profiles(l);
	return fill_project(l->project, merged,
	    (const char *const *)l->profiles, l->profile_count, l->err);
}

static void
loader_release(struct loader *l)
{
	model_release(&l->m);
	free(l->current);
	free(l->documents);
	free_texts(l->files, l->file_count);
	free_texts(l->profiles, l->profile_count);
}

int
compose_load(const struct compose_options *options,
    struct compose_project **project, struct err *err)
{
	struct loader l = { .options = options, .err = err };
	int ret = -1;

	l.project = mem_zero(1, sizeof(*l.project));
	l.project->tree = yaml_tree_new();
	if (options->environment != NULL)
		pairs_copy(&l.project->environment, options->environment);
	model_init(&l.m, options, l.project, err);
	if (find_current(&l) == -1 || choose_files(&l) == -1 ||
	    read_files(&l) == -1 || choose_name(&l) == -1 || build(&l) == -1)
		goto out;
	*project = l.project;
	l.project = NULL;
	ret = 0;
out:
	loader_release(&l);
	compose_free(l.project);
	return ret;
}
