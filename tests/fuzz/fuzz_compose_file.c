/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A hostile Compose file, as far as it goes without opening others: parsed,
 * brought into form, merged over a copy of itself, made into a project.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "compose/canonical.h"
#include "compose/fill.h"
#include "compose/merge.h"
#include "compose/project.h"
#include "compose/yaml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void
must(bool held)
{
	if (!held)
		abort();
}

static void
check_project(struct compose_project *project)
{
	const char *name;
	struct err err;
	size_t i;
	size_t j;

	for (i = 0; i < project->service_count; i++) {
		const struct compose_service *s = &project->services[i];

		must(compose_service(project, s->name) == s);
		for (j = 1; j < s->edge_count; j++)
			must(strcmp(s->edges[j - 1].service,
			    s->edges[j].service) < 0);
		for (j = 0; j < s->mount_count; j++)
			must(s->mounts[j].source != NULL &&
			    s->mounts[j].target != NULL);
		for (j = 0; j < s->env_file_count; j++)
			must(s->env_files[j].path[0] != '\0' ||
			    s->env_files[j].is_required);
	}
	if (project->service_count > 0) {
		name = project->services[0].name;
		must(compose_select(project, &name, 1, &err) == 0);
		must(compose_service(project, name)->is_enabled);
	}
}

static void
load(struct compose_project *project, struct yaml_node *root)
{
	const struct canonical_paths paths = { "/srv/base", "/root" };
	struct yaml_tree *tree = project->tree;
	struct yaml_node *copy;
	struct err err;

	if (canonical_document(tree, root, &paths, &err) == -1)
		return;
	copy = yaml_copy(tree, root);
	must(yaml_equal(copy, root));
	/* A second time changes nothing that matters: one form only. */
	if (canonical_document(tree, copy, &paths, &err) == -1)
		abort();
	if (merge_documents(tree, root, copy, &err) == -1 ||
	    yaml_settle(root) == NULL)
		return;
	merge_unique(tree, root);
	if (fill_project(project, root, NULL, 0, &err) == 0)
		check_project(project);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct compose_project *project = mem_zero(1, sizeof(*project));
	struct yaml_node *documents;
	struct err err;
	uint32_t i;

	project->tree = yaml_tree_new();
	project->name = mem_text("fuzz");
	project->working_dir = mem_text("/srv/base");
	if (yaml_parse(project->tree, (const char *)data, len, &documents,
	    &err) == 0) {
		for (i = 0; i < documents->count; i++)
			if (yaml_is_map(documents->items[i].value))
				break;
		if (i < documents->count)
			load(project, documents->items[i].value);
	}
	compose_free(project);
	return 0;
}
