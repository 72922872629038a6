/* SPDX-License-Identifier: BSD-2-Clause */
/* Private to the project loader: from the merged tree to the struct. */
#ifndef COMPOSE_FILL_H
#define COMPOSE_FILL_H

#include <stddef.h>

struct compose_project;
struct compose_service;
struct err;
struct yaml_node;

/*
 * Fill the lists of project from merged, which belongs to project->tree and
 * becomes its model; project has its name, working_dir and environment.
 * Services with a profile that is not among profiles are left disabled.
 * ERR_DAMAGED: a value that cannot be what it stands for.  ERR_LIMIT.
 */
int fill_project(struct compose_project *project, struct yaml_node *merged,
    const char *const *profiles, size_t profile_count, struct err *err);

/* One service; item is its canonical map. */
int fill_service(struct compose_project *project,
    struct compose_service *service, struct yaml_node *item, struct err *err);

/* A text that lives as long as the project; NULL gives otherwise. */
char *fill_text(struct compose_project *project, const struct yaml_node *node,
    const char *otherwise);

/*
 * Whether a value says true; otherwise when node is NULL or null.
 * ERR_DAMAGED: "<where>: invalid boolean: ...".
 */
int fill_truth(const struct yaml_node *node, const char *where, int otherwise,
    struct err *err);

#endif
