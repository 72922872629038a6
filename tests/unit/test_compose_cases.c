/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Compose's own test cases: files, what is asked, and what has to come out.
 * What needs running containers is the executor's to show; those cases are
 * loaded, checked and ordered here, and named below.
 */
#include <time.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/pairs.h"
#include "compose/graph.h"
#include "compose/project.h"
#include "compose/yaml.h"
#include "scratch.h"
#include "shared_data.h"

#define CASES 70

/* Where we differ on purpose, or where a case cannot be run as it stands. */
static const struct {
	const char *id;
	const char *reason;
} changed[] = {
	{ "implicit-netmode-volumesfrom", "run as 'myproject': upstream calls "
	    "the normaliser alone, and its loader refuses 'myProject'" },
	{ "implicit-all", "run as 'myproject', as above" },
	{ "normalize-volumes", "run as 'myproject', as above" },
};

/* Parts of expectations that only running containers can show. */
static const char *const executor_keys[] = { "exit", "message", "state",
	"after_rm", "note" };

/* One case while it is run. */
struct run {
	const char *id;
	json_t *expect;
	char dir[SCRATCH_MAX];
	struct compose_project *project;
	bool failed;			/* and err says why */
	struct err err;
	double seconds;
};

static bool
is_changed(const char *id)
{
	size_t i;

	for (i = 0; i < sizeof(changed) / sizeof(changed[0]); i++)
		if (strcmp(changed[i].id, id) == 0)
			return true;
	return false;
}

/* A copy of text, with "myProject" in lower case for changed cases. */
static char *
adapt(const char *id, const char *text)
{
	char *copy = mem_text(text);
	char *at = copy;

	while (is_changed(id) && (at = strstr(at, "myProject")) != NULL)
		at[2] = 'p';
	return copy;
}

/* ---- running */

static const char **
texts_of(const json_t *list, size_t *count)
{
	const char **texts = mem_zero(json_array_size(list) + 1,
	    sizeof(*texts));

	for (*count = 0; *count < json_array_size(list); (*count)++)
		texts[*count] = json_string_value(json_array_get(list,
		    *count));
	return texts;
}

static void
write_files(const struct run *run, json_t *files)
{
	const char *name;
	json_t *text;
	char *adapted;

	json_object_foreach(files, name, text) {
		adapted = adapt(run->id, json_string_value(text));
		if (!scratch_put(run->dir, name, adapted))
			ok(false, "%s: cannot write %s", run->id, name);
		free(adapted);
	}
}

static void
select_services(struct run *run, json_t *test)
{
	json_t *list = json_object_get(test, "select");
	const char **names;
	size_t count;

	if (list == NULL)
		list = json_object_get(json_object_get(run->expect,
		    "executor"), "select");
	if (list == NULL)
		list = json_object_get(json_object_get(run->expect,
		    "executor"), "select_ok");
	names = texts_of(list, &count);
	if (compose_select(run->project, names, count, &run->err) == -1)
		run->failed = true;
	free(names);
}

/* Compose's loader ends with these two; cases that stop short of them upstream
 * may not ask for the first. */
static void
judge(struct run *run)
{
	struct graph_groups layers = GRAPH_GROUPS_EMPTY;
	struct graph *graph;

	if (run->failed)
		return;
	if (json_object_get(run->expect, "normalized_yaml") != NULL)
		return;
	if (run->project->service_count > 0 &&
	    compose_check(run->project, &run->err) == -1) {
		run->failed = true;
		return;
	}
	graph = graph_from_project(run->project, &run->err);
	run->failed = graph == NULL ||
	    graph_layers(graph, &layers, &run->err) == -1;
	graph_groups_release(&layers);
	graph_free(graph);
}

static void
load(struct run *run, json_t *test)
{
	struct compose_options options = { 0 };
	struct pairs env = PAIRS_EMPTY;
	struct timespec start;
	struct timespec end;
	const char **names;
	const char *key;
	json_t *value;
	size_t i;

	names = texts_of(json_object_get(test, "main"), &options.file_count);
	for (i = 0; i < options.file_count; i++)
		names[i] = mem_format("%s/%s", run->dir, names[i]);
	options.files = names;
	options.profiles = texts_of(json_object_get(test, "profiles"),
	    &options.profile_count);
	json_object_foreach(json_object_get(test, "env"), key, value)
		pairs_put(&env, key, json_string_value(value));
	options.environment = &env;
	(void)clock_gettime(CLOCK_MONOTONIC, &start);
	run->failed = compose_load(&options, &run->project, &run->err) == -1;
	(void)clock_gettime(CLOCK_MONOTONIC, &end);
	run->seconds = (double)(end.tv_sec - start.tv_sec) +
	    (double)(end.tv_nsec - start.tv_nsec) / 1e9;
	for (i = 0; i < options.file_count; i++)
		free((char *)(uintptr_t)names[i]);
	free(names);
	free((const char **)(uintptr_t)options.profiles);
	pairs_release(&env);
}

/* ---- comparing */

/* services.web.volumes[0].source */
static const struct yaml_node *
node_at(const struct yaml_node *node, const char *path)
{
	char key[256];
	size_t len;

	while (node != NULL && *path != '\0') {
		if (*path == '[') {
			size_t i = strtoul(path + 1, NULL, 10);

			node = yaml_is_list(node) && i < node->count ?
			    node->items[i].value : NULL;
			path = strchr(path, ']') + 1;
		} else {
			path += *path == '.';
			len = strcspn(path, ".[");
			(void)snprintf(key, sizeof(key), "%.*s", (int)len,
			    path);
			node = yaml_get(node, key);
			path += len;
		}
	}
	return node;
}

static bool
same(const json_t *want, const struct yaml_node *got)
{
	const char *text = yaml_scalar(got);
	const char *key;
	json_t *value;
	size_t i;

	if (json_is_string(want))
		return text != NULL &&
		    strcmp(text, json_string_value(want)) == 0;
	if (json_is_false(want) && got == NULL)
		return true;
	if (json_is_boolean(want))
		return text != NULL && strcmp(text, json_is_true(want) ?
		    "true" : "false") == 0;
	if (json_is_array(want)) {
		/* Names, where we keep a map of them. */
		for (i = 0; got != NULL && i < json_array_size(want); i++) {
			value = json_array_get(want, i);
			if (yaml_is_map(got) ? yaml_get(got,
			    json_string_value(value)) == NULL :
			    i >= got->count ||
			    !same(value, got->items[i].value))
				return false;
		}
		return got != NULL && got->count == json_array_size(want);
	}
	if (!json_is_object(want) || !yaml_is_map(got) ||
	    got->count != json_object_size(want))
		return false;
	json_object_foreach((json_t *)(uintptr_t)want, key, value)
		if (!same(value, yaml_get(got, key)))
			return false;
	return true;
}

static void
check_get(struct run *run, json_t *want)
{
	const char *path;
	json_t *value;

	json_object_foreach(want, path, value)
		ok(same(value, node_at(run->project->model, path)), "%s: %s",
		    run->id, path);
}

static void
check_absent(struct run *run, json_t *want)
{
	size_t i;
	json_t *path;

	json_array_foreach(want, i, path)
		ok(node_at(run->project->model, json_string_value(path)) ==
		    NULL, "%s: no %s", run->id, json_string_value(path));
}

static bool
is_in(const json_t *list, const char *name)
{
	size_t i;

	for (i = 0; i < json_array_size(list); i++)
		if (strcmp(json_string_value(json_array_get(list, i)),
		    name) == 0)
			return true;
	return false;
}

static void
check_services(struct run *run, json_t *want)
{
	size_t enabled = 0;
	size_t wrong = 0;
	size_t i;

	for (i = 0; i < run->project->service_count; i++) {
		const struct compose_service *s = &run->project->services[i];

		enabled += s->is_enabled;
		if (s->is_enabled != is_in(want, s->name))
			wrong++;
	}
	ok(wrong == 0 && enabled == json_array_size(want),
	    "%s: the enabled services", run->id);
}

/* The names of a top-level section. */
static void
check_section(struct run *run, const char *section, json_t *want)
{
	ok(same(want, yaml_get(run->project->model, section)), "%s: the %s",
	    run->id, section);
}

static const struct compose_edge *
edge_to(const struct compose_service *service, const char *name)
{
	size_t i;

	for (i = 0; i < service->edge_count; i++)
		if (strcmp(service->edges[i].service, name) == 0)
			return &service->edges[i];
	return NULL;
}

static void
check_depends_on(struct run *run, json_t *want)
{
	const char *name;
	const char *target;
	json_t *edges;
	json_t *edge;

	json_object_foreach(want, name, edges) {
		const struct compose_service *service = compose_service(
		    run->project, name);

		if (!ok(service != NULL, "%s: %s is there", run->id, name))
			continue;
		is_u64(service->edge_count, json_object_size(edges),
		    "%s: how many edges %s has", run->id, name);
		json_object_foreach(edges, target, edge) {
			const struct compose_edge *got = edge_to(service,
			    target);

			ok(got != NULL && strcmp(
			    compose_condition_name(got->condition),
			    json_string_value(json_object_get(edge,
			    "condition"))) == 0 && got->is_required ==
			    json_is_true(json_object_get(edge, "required")) &&
			    got->restarts ==
			    json_is_true(json_object_get(edge, "restart")),
			    "%s: %s -> %s", run->id, name, target);
		}
	}
}

static void
check_layers(struct run *run, json_t *want)
{
	struct graph_groups layers = GRAPH_GROUPS_EMPTY;
	struct graph *graph = graph_from_project(run->project, &run->err);
	const size_t *nodes;
	size_t count;
	size_t i;
	size_t j;
	bool held;

	held = graph != NULL && graph_layers(graph, &layers, &run->err) == 0 &&
	    layers.count == json_array_size(want);
	for (i = 0; held && i < layers.count; i++) {
		nodes = graph_group(&layers, i, &count);
		held = count == json_array_size(json_array_get(want, i));
		for (j = 0; held && j < count; j++)
			held = is_in(json_array_get(want, i),
			    graph->nodes[nodes[j]].name);
	}
	ok(held, "%s: the layers", run->id);
	graph_groups_release(&layers);
	graph_free(graph);
}

/* ---- Compose's normalised form */

/* {b: {condition, restart, required}} against the struct's edges. */
static bool
same_edges(const struct compose_service *service,
    const struct yaml_node *want)
{
	const struct compose_edge *edge;
	const struct yaml_node *item;
	const char *restart;
	uint32_t i;

	if (service == NULL || service->edge_count != (want == NULL ? 0 :
	    want->count))
		return false;
	for (i = 0; want != NULL && i < want->count; i++) {
		edge = edge_to(service, want->items[i].key);
		item = want->items[i].value;
		restart = yaml_scalar(yaml_get(item, "restart"));
		if (edge == NULL || !edge->is_required || strcmp(
		    compose_condition_name(edge->condition),
		    yaml_scalar(yaml_get(item, "condition"))) != 0 ||
		    edge->restarts != (restart != NULL &&
		    strcmp(restart, "true") == 0))
			return false;
	}
	return true;
}

static void
check_normal_services(struct run *run, const struct yaml_node *want)
{
	uint32_t i;

	for (i = 0; want != NULL && i < want->count; i++) {
		const char *name = want->items[i].key;
		struct yaml_node *item = want->items[i].value;
		struct compose_service *service = compose_service(
		    run->project, name);

		if (!ok(same_edges(service, yaml_get(item, "depends_on")),
		    "%s: the edges of %s", run->id, name))
			continue;
		(void)yaml_remove(item, "depends_on");
		(void)yaml_remove((struct yaml_node *)(uintptr_t)
		    service->model, "depends_on");
		ok(yaml_equal(item, service->model), "%s: all else of %s",
		    run->id, name);
	}
}

static void
check_normalized(struct run *run, const char *text)
{
	struct yaml_tree *tree = yaml_tree_new();
	char *adapted = adapt(run->id, text);
	struct yaml_node *documents;
	struct yaml_node *want;
	const struct yaml_node *got = run->project->model;

	if (!ok(yaml_parse(tree, adapted, strlen(adapted), &documents,
	    &run->err) == 0 && documents->count == 1, "%s: the answer parses",
	    run->id))
		goto out;
	want = documents->items[0].value;
	is_u64(got->count, want->count, "%s: as many sections", run->id);
	check_normal_services(run, yaml_get(want, "services"));
	(void)yaml_remove(want, "services");
	(void)yaml_remove((struct yaml_node *)(uintptr_t)got, "services");
	ok(yaml_equal(want, got), "%s: the other sections", run->id);
out:
	free(adapted);
	yaml_tree_free(tree);
}

/* ---- the rest */

/* Compose's words, with the place put before them. */
static void
check_error(struct run *run, const char *key, const char *want)
{
	size_t len = strlen(run->err.text);
	const char *at = strstr(run->err.text, want);
	bool held = run->failed && at != NULL;

	if (held && strcmp(key, "error") == 0)
		held = strcmp(run->err.text + len - strlen(want), want) == 0;
	if (held && strcmp(key, "error_contains") != 0)
		held = at == run->err.text || strncmp(at - 2, ": ", 2) == 0;
	if (!ok(held, "%s: %s", run->id, key)) {
		printf("# got  '%s'\n", run->failed ? run->err.text :
		    "success");
		printf("# want '%s'\n", want);
	}
}

static void
check_env(struct run *run, json_t *want)
{
	const char *name;
	json_t *value;

	json_object_foreach(want, name, value) {
		size_t service = strcspn(name, ".");
		char path[256];

		(void)snprintf(path, sizeof(path),
		    "services.%.*s.environment.%s", (int)service, name,
		    name + service + 1);
		ok(same(value, node_at(run->project->model, path)), "%s: %s",
		    run->id, name);
	}
}

static void
check_env_unset(struct run *run, json_t *want)
{
	size_t i;
	json_t *name;

	json_array_foreach(want, i, name) {
		const char *text = json_string_value(name);
		size_t service = strcspn(text, ".");
		const struct yaml_node *got;
		char path[256];

		(void)snprintf(path, sizeof(path),
		    "services.%.*s.environment.%s", (int)service, text,
		    text + service + 1);
		got = node_at(run->project->model, path);
		ok(got != NULL && got->kind == YAML_NULL, "%s: %s is not set",
		    run->id, text);
	}
}

static void
check_host_files(struct run *run, json_t *want)
{
	const char *service = json_string_value(json_object_get(run->expect,
	    "service"));
	const struct yaml_node *got;
	const char *path;
	json_t *value;
	char *file;

	json_object_foreach(want, path, value) {
		got = node_at(compose_service(run->project, service)->model,
		    path);
		if (yaml_is_map(got))
			got = yaml_get(got, "path");
		file = mem_format("%s/%s", run->dir,
		    json_string_value(value));
		is_str(yaml_scalar(got), file, "%s: %s", run->id, path);
		free(file);
	}
}

static void
check_executor(struct run *run, json_t *want)
{
	const char *key;
	json_t *value;
	size_t i;
	json_t *name;

	json_object_foreach(want, key, value) {
		if (strcmp(key, "order") == 0) {
			check_layers(run, value);
		} else if (strcmp(key, "not_created") == 0) {
			json_array_foreach(value, i, name)
				ok(!compose_service(run->project,
				    json_string_value(name))->is_enabled,
				    "%s: %s stays out", run->id,
				    json_string_value(name));
		} else if (strcmp(key, "error_service") == 0) {
			check_error(run, "error_contains", json_string_value(
			    json_object_get(want, "message")));
		} else if (strncmp(key, "select", 6) != 0) {
			bool is_known = false;

			for (i = 0; i < sizeof(executor_keys) /
			    sizeof(executor_keys[0]); i++)
				is_known = is_known ||
				    strcmp(key, executor_keys[i]) == 0;
			ok(is_known, "%s: '%s' is left to the executor",
			    run->id, key);
		}
	}
}

static void
check_time(struct run *run, json_t *want)
{
	ok(run->seconds < json_number_value(want), "%s: took %.3f s", run->id,
	    run->seconds);
}

/* An expectation about the loaded project. */
static bool
check_project(struct run *run, const char *key, json_t *want)
{
	static const struct {
		const char *key;
		void (*check)(struct run *run, json_t *want);
	} checks[] = {
		{ "absent", check_absent }, { "depends_on", check_depends_on },
		{ "env", check_env }, { "env_unset", check_env_unset },
		{ "executor", check_executor }, { "get", check_get },
		{ "host_files", check_host_files },
		{ "layers_derived", check_layers },
		{ "services", check_services },
	};
	size_t i;

	for (i = 0; i < sizeof(checks) / sizeof(checks[0]); i++) {
		if (strcmp(key, checks[i].key) != 0)
			continue;
		if (ok(run->project != NULL, "%s: %s: loads", run->id, key))
			checks[i].check(run, want);
		else
			printf("# %s\n", run->err.text);
		return true;
	}
	return false;
}

static void
check_one(struct run *run, const char *key, json_t *want)
{
	if (strcmp(key, "note") == 0 || strcmp(key, "service") == 0)
		return;
	if (strcmp(key, "ok") == 0) {
		if (!ok(!run->failed, "%s: is accepted", run->id))
			printf("# %s\n", run->err.text);
	} else if (strcmp(key, "ok_or_error_contains") == 0) {
		if (run->failed)
			check_error(run, "error_contains",
			    json_string_value(want));
		else
			ok(run->project != NULL, "%s: is accepted", run->id);
	} else if (strncmp(key, "error", 5) == 0) {
		check_error(run, key, json_string_value(want));
	} else if (strcmp(key, "max_seconds") == 0) {
		check_time(run, want);
	} else if (strcmp(key, "normalized_yaml") == 0) {
		if (ok(run->project != NULL, "%s: loads", run->id))
			check_normalized(run, json_string_value(want));
		else
			printf("# %s\n", run->err.text);
	} else if (strcmp(key, "volumes") == 0 ||
	    strcmp(key, "secrets") == 0 || strcmp(key, "networks") == 0 ||
	    strcmp(key, "configs") == 0) {
		if (ok(run->project != NULL, "%s: loads", run->id))
			check_section(run, key, want);
	} else if (!check_project(run, key, want)) {
		ok(false, "%s: nobody knows how to check '%s'", run->id, key);
	}
}

static void
run_case(json_t *test)
{
	static const char *const order[] = { "layers_derived",
	    "normalized_yaml" };
	struct run run = { .id = json_string_value(json_object_get(test,
	    "id")), .expect = json_object_get(test, "expect") };
	const char *key;
	json_t *want;
	size_t i;

	if (!ok(run.id != NULL && run.expect != NULL && scratch_make(run.dir),
	    "a case with a name"))
		return;
	write_files(&run, json_object_get(test, "files"));
	load(&run, test);
	if (!run.failed)
		select_services(&run, test);
	judge(&run);
	json_object_foreach(run.expect, key, want)
		if (strcmp(key, order[0]) != 0 && strcmp(key, order[1]) != 0)
			check_one(&run, key, want);
	/* The last of these takes the model apart. */
	for (i = 0; i < 2; i++)
		if ((want = json_object_get(run.expect, order[i])) != NULL)
			check_one(&run, order[i], want);
	compose_free(run.project);
	if (!scratch_remove(run.dir))
		ok(false, "%s: its folder stays behind", run.id);
}

static void
test_cases(void)
{
	json_t *data = shared_data_load("compose-cases.json");
	json_t *cases = json_object_get(data, "cases");
	json_t *test;
	size_t found = 0;
	size_t i;

	is_u64(json_array_size(cases), CASES, "all cases are there");
	json_array_foreach(cases, i, test) {
		found += is_changed(json_string_value(json_object_get(test,
		    "id")));
		run_case(test);
	}
	for (i = 0; i < sizeof(changed) / sizeof(changed[0]); i++)
		printf("# changed: %s: %s\n", changed[i].id,
		    changed[i].reason);
	is_u64(found, sizeof(changed) / sizeof(changed[0]),
	    "each changed case is still there");
	json_decref(data);
}

int
main(void)
{
	if (!shared_data_is_there())
		skip("no test data ($DRYDOCK_TEST_DATA)");
	else
		test_cases();
	return done();
}
