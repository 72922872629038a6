/* SPDX-License-Identifier: BSD-2-Clause */
/* The graph of services: order, cycles, waits, frontier, and its size. */
#include "compose/graph.h"

#include <jansson.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "harness.h"

static void
join(struct graph *g, const char *from, const char *to,
    enum graph_condition condition, bool required)
{
	struct err err;

	if (graph_add_edge(g, &(struct graph_wish){ .from = from, .to = to,
	    .condition = condition, .required = required }, &err) == -1)
		ok(false, "an edge is taken: %s", err.text);
}

/*
 * "a b c>a d>c!b?" and so on: services, and after each '>' what it waits for
 * as single letters; '!' after a letter: healthy, '$': completed, '?':
 * optional.
 */
static struct graph *
draw(const char *text)
{
	struct graph *g = graph_new("test");
	struct err err;
	char from[2] = "", to[2] = "";
	const char *p;

	for (p = text; *p != '\0'; p++)
		if (p == text || p[-1] == ' ') {
			from[0] = *p;
			graph_add_service(g, from);
		}
	for (p = text; *p != '\0'; p++) {
		enum graph_condition condition = GRAPH_STARTED;
		bool required = true;

		if (p == text || p[-1] == ' ') {
			from[0] = *p;
			continue;
		}
		if (*p == ' ' || *p == '>')
			continue;
		to[0] = *p;
		for (; p[1] == '!' || p[1] == '$' || p[1] == '?'; p++)
			if (p[1] == '?')
				required = false;
			else
				condition = p[1] == '!' ? GRAPH_HEALTHY :
				    GRAPH_COMPLETED;
		join(g, from, to, condition, required);
	}
	if (graph_seal(g, &err) == -1)
		ok(false, "%s is sealed: %s", text, err.text);
	return g;
}

/* "A B/C E G/D" */
static char *
groups_text(const struct graph *g, const struct graph_groups *groups)
{
	struct buf text = BUF_EMPTY;
	size_t i, k, count;

	for (i = 0; i < groups->count; i++) {
		const size_t *nodes = graph_group(groups, i, &count);

		for (k = 0; k < count; k++)
			buf_printf(&text, "%s%s", k > 0 ? " " :
			    i > 0 ? "/" : "", g->nodes[nodes[k]].name);
	}
	buf_byte(&text, '\0');
	return text.data;
}

static void
layers_are(const struct graph *g, const char *want, const char *what)
{
	struct graph_groups layers = GRAPH_GROUPS_EMPTY;
	struct err err;
	char *text;

	if (!ok(graph_layers(g, &layers, &err) == 0, "%s: has layers", what))
		return;
	text = groups_text(g, &layers);
	is_str(text, want, "%s: the right ones", what);
	free(text);
	graph_groups_release(&layers);
}

/* What graph_layers() says of cycles. */
static void
cycles_are(const char *drawn, const char *want)
{
	struct graph_groups layers = GRAPH_GROUPS_EMPTY;
	struct graph *g = draw(drawn);
	struct graph_path path;
	struct err err;

	ok(graph_layers(g, &layers, &err) == -1, "%s: a cycle", drawn);
	is_u64(err.class, ERR_DAMAGED, "%s: means a damaged file", drawn);
	is_str(err.text, want, "%s: is named", drawn);
	ok(graph_critical_path(g, &path, &err) == -1,
	    "%s: has no longest wait", drawn);
	graph_free(g);
}

static void
test_layers(void)
{
	struct graph *g = draw("d>c c>b b>a a e");

	layers_are(g, "a e/b/c/d", "a chain and one alone");
	graph_free(g);
	g = draw("w>ad a d>a");
	layers_are(g, "a/d/w", "the longer way decides");
	graph_free(g);
	g = draw("");
	layers_are(g, "", "no service at all");
	graph_free(g);
}

static void
test_cycles(void)
{
	struct graph_groups cycles = GRAPH_GROUPS_EMPTY;
	struct graph *g;
	size_t *round;
	char *text;

	cycles_are("a>b b>c c>a",
	    "dependency cycle detected: a -> b -> c -> a");
	cycles_are("a>a b", "dependency cycle detected: a -> a");
	/* Compose enters the knot where the walk from a does. */
	cycles_are("a>z z>m m>z", "dependency cycle detected: z -> m -> z");
	cycles_are("a>b b>a c>d d>c e>ac",
	    "dependency cycle detected: a -> b -> a; "
	    "dependency cycle detected: c -> d -> c");
	cycles_are("a>b b>ac c>bd d>c",
	    "dependency cycle detected: a -> b -> a, in the same knot: c d");
	/* An optional edge closes a cycle like any other. */
	cycles_are("a>b? b>a", "dependency cycle detected: a -> b -> a");

	g = draw("a>b b>a c>d d>c e>ac f>f g>f");
	graph_cycles(g, &cycles, &round);
	text = groups_text(g, &cycles);
	is_str(text, "a b/c d/f", "all components, without what hangs on");
	ok(round[0] == 2 && round[1] == 2 && round[2] == 1,
	    "and how long each way round is");
	free(text);
	free(round);
	graph_groups_release(&cycles);
	graph_free(g);
	g = draw("a b>a c>ab");
	graph_cycles(g, &cycles, &round);
	is_u64(cycles.count, 0, "no cycle where there is none");
	free(round);
	graph_groups_release(&cycles);
	graph_free(g);
}

static void
test_missing(void)
{
	struct graph *g = graph_new("test");
	struct err err;

	graph_add_service(g, "test");
	join(g, "test", "another", GRAPH_STARTED, true);
	ok(graph_seal(g, &err) == -1, "a required service is missing");
	is_u64(err.class, ERR_NOT_FOUND, "which is 'not found'");
	is_str(err.text, "service \"test\" depends on unknown service "
	    "\"another\"", "and named in Compose's words");
	graph_free(g);

	g = draw("t>a?");
	is_u64(g->missing_count, 1, "a missing optional one is told");
	is_str(g->missing[0].to, "a", "by name");
	is_u64(g->edge_count, 0, "and makes no edge");
	graph_free(g);

	g = graph_new("test");
	graph_add_service(g, "a");
	join(g, "a", "\033[31mred", GRAPH_STARTED, true);
	ok(graph_seal(g, &err) == -1 && strchr(err.text, '\033') == NULL,
	    "control characters of a name do not reach an error");
	graph_free(g);
}

static void
test_explicit_edge_decides(void)
{
	struct graph_wish wish = { .from = "a", .to = "b",
	    .kind = GRAPH_LINK, .required = true, .restart = true };
	struct graph *g = graph_new("test");
	struct err err;

	graph_add_service(g, "b");
	graph_add_service(g, "a");
	(void)graph_add_edge(g, &wish, &err);
	wish.kind = GRAPH_IPC;
	(void)graph_add_edge(g, &wish, &err);
	ok(graph_add_service(g, "a") == &g->nodes[1],
	    "a service is added once");
	wish = (struct graph_wish){ .from = "a", .to = "b",
	    .condition = GRAPH_HEALTHY, .required = true };
	(void)graph_add_edge(g, &wish, &err);
	if (!ok(graph_seal(g, &err) == 0, "three wishes"))
		goto out;
	is_u64(g->edge_count, 1, "are one edge");
	ok(g->edges[0].kind == GRAPH_DEPENDS_ON && !g->edges[0].restart &&
	    g->edges[0].condition == GRAPH_HEALTHY,
	    "the explicit one, though it came last");
	is_str(g->nodes[0].name, "a", "nodes stand by name");
	is_u64(g->nodes[1].wanted, GRAPH_HEALTHY, "b is wanted healthy");
	ok(!g->nodes[1].is_one_shot, "and is no one-shot");
out:
	graph_free(g);
}

static void
test_subgraph(void)
{
	struct graph *g = draw("a b c>a!b e>b d>ce f>d g>a h>x?");
	const char *const d[] = { "d" }, *const h[] = { "h" };
	const char *const none[] = { "d", "nobody" };
	struct graph *sub, *turned;
	struct err err;

	sub = graph_subgraph(g, d, 1, GRAPH_WITH_NEEDS, &err);
	layers_are(sub, "a b/c e/d", "what d needs");
	is_u64(sub->nodes[graph_find(sub, "a")].wanted, GRAPH_HEALTHY,
	    "with its conditions");
	graph_free(sub);
	sub = graph_subgraph(g, d, 1, GRAPH_WITH_DEPENDENTS, &err);
	layers_are(sub, "d/f", "who needs d");
	graph_free(sub);
	sub = graph_subgraph(g, h, 1, GRAPH_WITH_NEEDS, &err);
	ok(sub != NULL && sub->missing_count == 1,
	    "what is missing stays missing");
	graph_free(sub);
	ok(graph_subgraph(g, none, 2, GRAPH_WITH_NEEDS, &err) == NULL &&
	    err.class == ERR_NOT_FOUND, "an unknown service");
	is_str(err.text, "no such service: nobody", "is named");
	turned = graph_reversed(g);
	layers_are(turned, "f g h/d/c e/a b", "stopping");
	graph_free(turned);
	graph_free(g);
}

/* ---------------------------------------------------------------- waiting */

static void
check(struct graph_node *node, uint64_t start, uint64_t interval,
    uint64_t timeout, uint64_t retries)
{
	node->health_known = GRAPH_HEALTH_SET;
	node->health = (struct graph_health){ interval, timeout, start,
	    retries };
}

static void
test_critical_path(void)
{
	struct graph *g = graph_new("test");
	struct graph_path path = { .steps = NULL };
	struct err err;

	check(graph_add_service(g, "db"), 5000, 1000, 2000, 3);
	check(graph_add_service(g, "slow"), 0, 60000, 60000, 9);
	graph_add_service(g, "job");
	check(graph_add_service(g, "web"), 0, 1000, 0, 2);
	join(g, "api", "db", GRAPH_HEALTHY, true);
	join(g, "api", "slow", GRAPH_STARTED, true);
	graph_add_service(g, "api");
	join(g, "web", "api", GRAPH_STARTED, true);
	/* The slow one is waited for by nobody, so it must not decide. */
	graph_add_service(g, "slow")->health.retries = 0;
	if (!ok(graph_seal(g, &err) == 0 &&
	    graph_critical_path(g, &path, &err) == 0, "a path"))
		goto out;
	ok(path.is_bounded, "every wait has a bound");
	is_u64(path.count, 3, "three services");
	is_str(g->nodes[path.steps[0].node].name, "db", "the first");
	ok(path.steps[0].edge == GRAPH_NONE, "waits for nobody");
	is_str(g->nodes[path.steps[2].node].name, "web", "the last");
	is_u64(path.steps[1].start_ms, 14000, "5 s + 3 * (1 s + 2 s)");
	is_u64(path.total_ms, 16000, "and the last one's own check");
out:
	graph_path_release(&path);
	graph_free(g);

	g = draw("a b>a$ c>b");
	ok(graph_critical_path(g, &path, &err) == 0 && path.count == 3 &&
	    !path.is_bounded, "a one-shot has no bound");
	ok(g->nodes[0].is_one_shot && !g->nodes[1].is_one_shot,
	    "and is known as one");
	graph_path_release(&path);
	graph_free(g);
	g = draw("a b>a!");
	ok(graph_critical_path(g, &path, &err) == 0 && !path.is_bounded,
	    "nor has a check that the image may hold");
	graph_path_release(&path);
	graph_free(g);
	g = draw("");
	ok(graph_critical_path(g, &path, &err) == 0 && path.count == 0,
	    "nothing is waited for in an empty project");
	graph_path_release(&path);
	graph_free(g);
}

static void
test_bound_overflow(void)
{
	struct graph_health health = { UINT64_MAX, 1, 0, 1 };

	is_u64(graph_health_bound_ms(&health), UINT64_MAX, "a huge interval");
	health = (struct graph_health){ 1, 1, UINT64_MAX, 1 };
	is_u64(graph_health_bound_ms(&health), UINT64_MAX, "a huge start");
	health = (struct graph_health){ 30000, 30000, 0, 3 };
	is_u64(graph_health_bound_ms(&health), 180000, "the engine's own");
}

/* The names that may start now. */
static void
next_are(struct graph_frontier *f, const struct graph *g, const char *want,
    const char *what)
{
	struct buf text = BUF_EMPTY;
	size_t node;

	while ((node = graph_frontier_next(f)) != GRAPH_NONE)
		buf_puts(&text, g->nodes[node].name);
	is_str(buf_text(&text), want, "%s", what);
	buf_release(&text);
}

static void
test_frontier(void)
{
	struct graph *g = draw("a b>a! c>a d>c$b e>a?! f>g g>f");
	struct graph_frontier *f = graph_frontier_new(g);

	next_are(f, g, "a", "only one has nothing to wait for");
	graph_frontier_reached(f, graph_find(g, "a"), GRAPH_STARTED);
	next_are(f, g, "c", "a runs: c may, b waits for its health");
	graph_frontier_reached(f, graph_find(g, "a"), GRAPH_HEALTHY);
	graph_frontier_reached(f, graph_find(g, "a"), GRAPH_HEALTHY);
	next_are(f, g, "be", "a is healthy, said twice");
	graph_frontier_reached(f, graph_find(g, "c"), GRAPH_STARTED);
	graph_frontier_reached(f, graph_find(g, "b"), GRAPH_HEALTHY);
	next_are(f, g, "", "c has not ended");
	graph_frontier_reached(f, graph_find(g, "c"), GRAPH_COMPLETED);
	next_are(f, g, "d", "c has ended");
	is_u64(graph_frontier_left(f), 2, "a cycle never comes");
	graph_frontier_free(f);

	f = graph_frontier_new(g);
	next_are(f, g, "a", "again from the start");
	graph_frontier_failed(f, graph_find(g, "a"));
	next_are(f, g, "e", "a failed: only the optional edge opens");
	graph_frontier_free(f);
	graph_free(g);
}

/* ------------------------------------------------------ cases of Compose */

static struct graph *
read_case(const json_t *nodes, const json_t *edges, const json_t *extra)
{
	struct graph *g = graph_new("case");
	struct err err;
	const json_t *item;
	size_t i;

	json_array_foreach(nodes, i, item)
		graph_add_service(g, json_string_value(item));
	json_array_foreach(edges, i, item)
		join(g, json_string_value(json_array_get(item, 0)),
		    json_string_value(json_array_get(item, 1)),
		    GRAPH_STARTED, true);
	if (extra != NULL)
		join(g, json_string_value(json_array_get(extra, 0)),
		    json_string_value(json_array_get(extra, 1)),
		    GRAPH_STARTED, true);
	if (graph_seal(g, &err) == -1)
		ok(false, "the case is sealed: %s", err.text);
	return g;
}

static char *
join_names(const json_t *list)
{
	struct buf text = BUF_EMPTY;
	const json_t *item;
	size_t i;

	json_array_foreach(list, i, item)
		buf_printf(&text, "%s%s", i > 0 ? " " : "",
		    json_string_value(item));
	buf_byte(&text, '\0');
	return text.data;
}

static char *
join_layers(const json_t *layers)
{
	struct buf text = BUF_EMPTY;
	const json_t *layer;
	size_t i;

	json_array_foreach(layers, i, layer) {
		char *names = join_names(layer);

		buf_printf(&text, "%s%s", i > 0 ? "/" : "", names);
		free(names);
	}
	buf_byte(&text, '\0');
	return text.data;
}

static void
check_subset(const struct graph *g, const char *roots, const json_t *want)
{
	const char *names[26];
	char letters[26][2] = { "" };
	struct graph *sub;
	struct err err;
	size_t count = 0, i;
	const json_t *item;

	for (i = 0; roots[i] != '\0' && count < 26; i++)
		if (roots[i] != ',') {
			letters[count][0] = roots[i];
			names[count] = letters[count];
			count++;
		}
	sub = graph_subgraph(g, names, count, GRAPH_WITH_DEPENDENTS, &err);
	if (!ok(sub != NULL && sub->node_count == json_array_size(want),
	    "%s and dependents: as many as Compose finds", roots))
		goto out;
	json_array_foreach(want, i, item)
		is_str(sub->nodes[i].name, json_string_value(item),
		    "among them %s", json_string_value(item));
out:
	graph_free(sub);
}

/* "dependency cycle detected: a -> b -> a" with one edge more. */
static void
check_cycle_case(const json_t *all)
{
	const json_t *adding = json_object_get(all, "cycle_when_adding");
	struct graph *g = read_case(json_object_get(all, "nodes"),
	    json_object_get(all, "edges_src_depends_on_dst"),
	    json_object_get(adding, "edge"));
	const char *message =
	    json_string_value(json_object_get(adding, "message"));
	struct graph_groups layers = GRAPH_GROUPS_EMPTY;
	struct err err;

	ok(graph_layers(g, &layers, &err) == -1, "one edge more: a cycle");
	ok(strncmp(err.text, message, strlen(message)) == 0,
	    "in Compose's words first: %s", err.text);
	graph_free(g);
}

static void
check_cases(json_t *all)
{
	struct graph *g = read_case(json_object_get(all, "nodes"),
	    json_object_get(all, "edges_src_depends_on_dst"), NULL);
	char *want = join_layers(json_object_get(all, "layers_derived"));
	json_t *subsets = json_object_get(all, "subsets_root_and_dependents");
	const char *roots;
	json_t *names;

	layers_are(g, want, "Compose's seven services");
	free(want);
	ok(json_object_size(subsets) > 0, "there are sub-sets");
	json_object_foreach(subsets, roots, names)
		check_subset(g, roots, names);
	check_cycle_case(all);
	graph_free(g);
}

static void
test_compose_cases(void)
{
	const char *data = getenv("DRYDOCK_TEST_DATA");
	char *path = mem_format("%s/graph-cases.json",
	    data != NULL ? data : "../shared/data");
	json_error_t why;
	json_t *all = json_load_file(path, 0, &why);

	if (all == NULL)
		skip("no graph-cases.json ($DRYDOCK_TEST_DATA)");
	else
		check_cases(all);
	json_decref(all);
	free(path);
}

/* ------------------------------------------------------------------- size */

#define MANY_SERVICES 5000
#define MANY_EDGES 50000

static uint64_t
now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

/* Edges to lower numbers only, the chain of all among them. */
static struct graph *
draw_many(void)
{
	struct graph *g = graph_new("many");
	uint32_t seed = 1;
	char from[16], to[16];
	struct err err;
	int i;

	for (i = 0; i < MANY_SERVICES; i++) {
		snprintf(from, sizeof from, "s%05d", i);
		graph_add_service(g, from);
	}
	for (i = 1; i < MANY_SERVICES; i++) {
		snprintf(from, sizeof from, "s%05d", i);
		snprintf(to, sizeof to, "s%05d", i - 1);
		join(g, from, to, GRAPH_HEALTHY, true);
	}
	for (i = MANY_SERVICES - 1; i < MANY_EDGES; i++) {
		int a, b;

		seed = seed * 1664525 + 1013904223;
		a = 1 + (int)(seed >> 8) % (MANY_SERVICES - 1);
		seed = seed * 1664525 + 1013904223;
		b = (int)(seed >> 8) % a;
		snprintf(from, sizeof from, "s%05d", a);
		snprintf(to, sizeof to, "s%05d", b);
		join(g, from, to, GRAPH_STARTED, true);
	}
	if (graph_seal(g, &err) == -1)
		ok(false, "sealed: %s", err.text);
	return g;
}

static void
test_many(void)
{
	uint64_t start = now_ms();
	struct graph *g = draw_many();
	struct graph_groups layers = GRAPH_GROUPS_EMPTY;
	struct graph_path path = { .steps = NULL };
	struct rusage usage;
	struct err err;

	ok(graph_layers(g, &layers, &err) == 0 &&
	    layers.count == MANY_SERVICES, "5,000 layers from one chain");
	ok(graph_critical_path(g, &path, &err) == 0 &&
	    path.count == MANY_SERVICES, "and the longest wait through all");
	graph_groups_release(&layers);
	graph_path_release(&path);
	graph_free(g);
	start = now_ms() - start;
	printf("# %llu ms\n", (unsigned long long)start);
	getrusage(RUSAGE_SELF, &usage);
	printf("# %ld KiB\n", usage.ru_maxrss);
#if defined(__SANITIZE_ADDRESS__)
	skip("time and memory are the sanitizers' here");
#else
	ok(start < 1000, "within a second");
	ok(usage.ru_maxrss < 64 * 1024, "and 64 MiB");
#endif
}

static void
test_long_cycle(void)
{
	struct graph_groups cycles = GRAPH_GROUPS_EMPTY;
	struct graph *g = graph_new("ring");
	struct err err;
	size_t *round;
	char from[16], to[16];
	int i;

	for (i = 0; i < MANY_SERVICES; i++) {
		snprintf(from, sizeof from, "s%05d", i);
		snprintf(to, sizeof to, "s%05d", (i + 1) % MANY_SERVICES);
		graph_add_service(g, from);
		join(g, from, to, GRAPH_STARTED, true);
	}
	ok(graph_seal(g, &err) == 0, "a ring of 5,000");
	graph_cycles(g, &cycles, &round);
	ok(cycles.count == 1 && round[0] == MANY_SERVICES, "is one cycle");
	graph_groups_release(&cycles);
	free(round);
	ok(graph_layers(g, &cycles, &err) == -1 &&
	    strstr(err.text, "... 4980 more ...") != NULL &&
	    strstr(err.text, "s04999 -> s00000") != NULL,
	    "told in one line, with its ends");
	graph_free(g);
}

int
main(void)
{
	test_layers();
	test_cycles();
	test_missing();
	test_explicit_edge_decides();
	test_subgraph();
	test_critical_path();
	test_bound_overflow();
	test_frontier();
	test_compose_cases();
	test_many();
	test_long_cycle();
	return done();
}
