/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Private to the project loader: from files to one merged tree.  Each document
 * is interpolated, brought into canonical form, given what it includes and
 * extends, and merged over what came before.
 */
#ifndef COMPOSE_MODEL_H
#define COMPOSE_MODEL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/pairs.h"
#include "compose/canonical.h"
#include "compose/interpolate.h"
#include "compose/project.h"
#include "compose/yaml.h"

#define MODEL_INCLUDE_DEPTH_MAX 50
#define MODEL_EXTENDS_DEPTH_MAX 100

/* A file that services extend, read once per environment. */
struct model_source {
	char *file;
	char *dir;			/* its own extends.file starts here */
	const struct pairs *env;
	struct yaml_node *services;
};

struct model {
	const struct compose_options *options;
	struct compose_project *project;
	struct yaml_tree *tree;
	struct model_source **sources;
	size_t source_count;
	size_t load_count;		/* files read, the same one too */
	struct yaml_node *warned;	/* variables already complained about */
	struct pairs **envs;		/* of includes; live as long as m */
	size_t env_count;
	struct err *err;
};

/* Where relative paths and variables of some files come from. */
struct model_scope {
	const char *dir;			/* absolute */
	const struct pairs *env;
	const struct model_scope *parent;	/* that includes this one */
	const char *file;			/* the first; for cycles */
	unsigned depth;
};

void model_init(struct model *m, const struct compose_options *options,
    struct compose_project *project, struct err *err);
void model_release(struct model *m);

/* Read a file into its documents; path is absolute. */
int model_read(struct model *m, const char *path,
    struct yaml_node **documents);

/*
 * Merge the documents of one file over *merged (NULL: nothing yet), with all
 * that they include and extend.
 */
int model_merge_file(struct model *m, const struct model_scope *scope,
    const char *path, const struct yaml_node *documents,
    struct yaml_node **merged);

/* Variables replaced, one form for everything; paths relative to dir. */
int model_prepare(struct model *m, const struct pairs *env, const char *dir,
    struct yaml_node *document);

/* *document with what its "include" names below it. */
int model_include(struct model *m, const struct model_scope *scope,
    struct yaml_node **document);

/* The services of document (of path) with what they extend. */
int model_extend(struct model *m, const struct model_scope *scope,
    const char *path, struct yaml_node *document);

/* Take the services' bare variables from the environment. */
void model_resolve_environment(struct model *m, const struct pairs *env,
    struct yaml_node *merged);

/* Files of variables; env keeps what it has.  A missing one is an error. */
int model_read_env(struct model *m, char *const *paths, size_t count,
    struct pairs *env);

/* Note that a file of variables belongs to the project, once. */
void model_note_env_file(struct compose_project *project, const char *path,
    bool is_required);

/* The interpolation of one environment; lookup is the caller's. */
struct model_lookup {
	struct model *m;
	const struct pairs *env;
};
struct interpolate_env model_lookup(struct model_lookup *lookup);

/* Absolute and clean; the caller frees it. */
char *model_path(const char *dir, const struct pairs *env, const char *path);
/* The directory of an absolute path; the caller frees it. */
char *model_dir(const char *path);
bool model_is_file(const char *path);

/* One line for the caller of compose_load(). */
void model_warn(const struct model *m, const char *text);

#endif
