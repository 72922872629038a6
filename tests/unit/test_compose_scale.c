/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Large projects: 5,000 services with 50,000 edges inside a second and 64 MiB,
 * and the limits of what is taken at all.  A program of its own, because the
 * peak of its memory is what counts.
 */
#include <sys/resource.h>
#include <time.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "compose/project.h"
#include "harness.h"
#include "scratch.h"

#if defined(__SANITIZE_ADDRESS__)
#define IS_SANITIZED true
#else
#define IS_SANITIZED false
#endif

static int
load(const char *dir, const char *name, struct compose_project **project,
    struct err *err)
{
	struct compose_options options = { .file_count = 1 };
	char *path = mem_format("%s/%s", dir, name);
	const char *files[] = { path };
	int ret;

	options.files = files;
	ret = compose_load(&options, project, err);
	free(path);
	return ret;
}

static size_t
edges_of(const struct compose_project *project)
{
	size_t sum = 0;
	size_t i;

	for (i = 0; i < project->service_count; i++)
		sum += project->services[i].edge_count;
	return sum;
}

/* Each service waits for the ten before it, in the long form. */
static void
write_stack(struct buf *text, int services)
{
	int i;
	int j;

	buf_puts(text, "services:\n");
	for (i = 0; i < services; i++) {
		buf_printf(text, "  s%d:\n    image: x\n", i);
		if (i == 0)
			continue;
		buf_puts(text, "    depends_on:\n");
		for (j = i > 10 ? i - 10 : 0; j < i; j++)
			buf_printf(text, "      s%d: {condition: "
			    "service_healthy, restart: true}\n", j);
	}
}

static void
test_large_stack(const char *dir)
{
	struct compose_project *project = NULL;
	struct buf text = BUF_EMPTY;
	struct rusage usage;
	clock_t start;
	double seconds;
	struct err err;

	write_stack(&text, 5000);
	ok(scratch_put(dir, "large", buf_text(&text)), "a file of %zu bytes",
	    text.len);
	buf_release(&text);
	start = clock();
	if (!ok(load(dir, "large", &project, &err) == 0, "loads"))
		return;
	seconds = (double)(clock() - start) / CLOCKS_PER_SEC;
	(void)getrusage(RUSAGE_SELF, &usage);
	is_u64(project->service_count, 5000, "all services");
	is_u64(edges_of(project), 49945, "all edges");
	ok(seconds < (IS_SANITIZED ? 10 : 1), "in %.2f s", seconds);
	if (IS_SANITIZED)
		skip("memory says nothing under the sanitizers");
	else
		ok(usage.ru_maxrss < 65536, "in %ld KiB", usage.ru_maxrss);
	compose_free(project);
}

static void
test_service_limit(const char *dir)
{
	struct compose_project *project = NULL;
	struct buf text = BUF_EMPTY;
	struct err err;
	int i;

	buf_puts(&text, "services:\n");
	for (i = 0; i < COMPOSE_SERVICES_MAX; i++)
		buf_printf(&text, "  s%d: {}\n", i);
	ok(scratch_put(dir, "f", buf_text(&text)) &&
	    load(dir, "f", &project, &err) == 0, "as many as may be");
	compose_free(project);
	buf_puts(&text, "  more: {}\n");
	ok(scratch_put(dir, "f", buf_text(&text)) &&
	    load(dir, "f", &project, &err) == -1 && err.class == ERR_LIMIT,
	    "one service more");
	buf_release(&text);
}

/* A hundred services that extend one with 10,000 edges. */
static void
test_edge_limit(const char *dir)
{
	struct compose_project *project = NULL;
	struct buf text = BUF_EMPTY;
	struct err err;
	int i;

	buf_puts(&text, "services: {b: {links: [");
	for (i = 0; i < COMPOSE_EDGES_MAX / 100; i++)
		buf_printf(&text, "s%d,", i);
	buf_puts(&text, "]}}\n");
	ok(scratch_put(dir, "base", buf_text(&text)), "a base");
	buf_cut(&text, 0);
	buf_puts(&text, "services:\n");
	for (i = 0; i < 100; i++)
		buf_printf(&text,
		    "  s%d: {extends: {file: base, service: b}}\n", i);
	ok(scratch_put(dir, "f", buf_text(&text)) &&
	    load(dir, "f", &project, &err) == 0 &&
	    edges_of(project) == COMPOSE_EDGES_MAX, "as many as may be");
	compose_free(project);
	buf_puts(&text, "  more: {links: [s0]}\n");
	ok(scratch_put(dir, "f", buf_text(&text)) &&
	    load(dir, "f", &project, &err) == -1 && err.class == ERR_LIMIT,
	    "one edge more");
	buf_release(&text);
}

int
main(void)
{
	char dir[SCRATCH_MAX];

	if (ok(scratch_make(dir), "a folder")) {
		test_large_stack(dir);
		test_service_limit(dir);
		test_edge_limit(dir);
		ok(scratch_remove(dir), "the folder goes");
	}
	return done();
}
