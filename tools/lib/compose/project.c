/* SPDX-License-Identifier: BSD-2-Clause */
/* A loaded project: names, selection, release. */
#include "compose/project.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/escape.h"
#include "base/mem.h"
#include "compose/yaml.h"

const char *
compose_condition_name(enum compose_condition condition)
{
	static const char *const names[] = {
		[COMPOSE_STARTED] = "service_started",
		[COMPOSE_HEALTHY] = "service_healthy",
		[COMPOSE_COMPLETED] = "service_completed_successfully",
	};

	return names[condition];
}

const char *
compose_why_name(enum compose_why why)
{
	static const char *const names[] = {
		[COMPOSE_DEPENDS_ON] = "depends_on",
		[COMPOSE_LINKS] = "links",
		[COMPOSE_NETWORK_MODE] = "network_mode",
		[COMPOSE_IPC] = "ipc",
		[COMPOSE_PID] = "pid",
		[COMPOSE_UTS] = "uts",
		[COMPOSE_CGROUP] = "cgroup",
		[COMPOSE_VOLUMES_FROM] = "volumes_from",
	};

	return names[why];
}

struct compose_service *
compose_service(const struct compose_project *project, const char *name)
{
	size_t low = 0;
	size_t high = project->service_count;
	size_t middle;
	int order;

	while (low < high) {
		middle = low + (high - low) / 2;
		order = strcmp(name, project->services[middle].name);
		if (order == 0)
			return &project->services[middle];
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

void
compose_free(struct compose_project *project)
{
	size_t i;

	if (project == NULL)
		return;
	for (i = 0; i < project->volume_count; i++) {
		pairs_release(&project->volumes[i].options);
		pairs_release(&project->volumes[i].labels);
	}
	for (i = 0; i < project->file_count; i++)
		free(project->files[i]);
	free(project->files);
	for (i = 0; i < project->env_file_count; i++)
		free(project->env_files[i].path);
	free(project->env_files);
	free(project->name);
	free(project->working_dir);
	pairs_release(&project->environment);
	/* The rest, texts and lists, is in the tree. */
	yaml_tree_free(project->tree);
	free(project);
}

/* ---- selection */

static bool
shares_profile(const struct compose_service *a,
    const struct compose_service *b)
{
	size_t i;
	size_t j;

	for (i = 0; i < a->profile_count; i++)
		for (j = 0; j < b->profile_count; j++)
			if (strcmp(a->profiles[i], b->profiles[j]) == 0)
				return true;
	return false;
}

/* The profiles of a named service are active from now on. */
static void
enable_profiles(struct compose_project *project,
    const struct compose_service *named)
{
	struct compose_service *service;
	size_t i;

	for (i = 0; i < project->service_count; i++) {
		service = &project->services[i];
		if (service->is_enabled || !shares_profile(named, service))
			continue;
		service->is_enabled = true;
		service->is_profiled_out = false;
	}
}

static int
enable_named(struct compose_project *project, const char *const *names,
    size_t count, struct err *err)
{
	char shown[ESCAPE_NAME_MAX];
	size_t i;

	for (i = 0; i < count; i++) {
		const struct compose_service *service = compose_service(
		    project, names[i]);

		if (service == NULL)
			return err_set(err, ERR_NOT_FOUND, 0,
			    "no such service: %s",
			    escape_name(names[i], shown));
		if (!service->is_enabled)
			enable_profiles(project, service);
	}
	return 0;
}

/*
 * Mark the named services and, from each on, what it depends on.  work holds
 * the services whose edges are still to be followed; each enters it once.
 */
static void
mark_needed(const struct compose_project *project, const char *const *names,
    size_t count, bool *is_needed)
{
	const struct compose_service **work =
	    mem_zero(project->service_count + 1, sizeof(*work));
	size_t todo = 0;
	size_t i;

	for (i = 0; i < count; i++) {
		const struct compose_service *s = compose_service(project,
		    names[i]);

		if (!is_needed[s - project->services])
			work[todo++] = s;
		is_needed[s - project->services] = true;
	}
	while (todo > 0) {
		const struct compose_service *s = work[--todo];

		for (i = 0; i < s->edge_count; i++) {
			const struct compose_service *next = compose_service(
			    project, s->edges[i].service);

			if (next == NULL || !next->is_enabled ||
			    is_needed[next - project->services])
				continue;
			is_needed[next - project->services] = true;
			work[todo++] = next;
		}
	}
	free(work);
}

int
compose_select(struct compose_project *project, const char *const *names,
    size_t count, struct err *err)
{
	bool *is_needed;
	size_t i;

	if (count == 0)
		return 0;
	if (enable_named(project, names, count, err) == -1)
		return -1;
	is_needed = mem_zero(project->service_count + 1, sizeof(*is_needed));
	mark_needed(project, names, count, is_needed);
	for (i = 0; i < project->service_count; i++)
		if (!is_needed[i])
			project->services[i].is_enabled = false;
	free(is_needed);
	return 0;
}
