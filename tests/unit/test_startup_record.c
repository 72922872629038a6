/* SPDX-License-Identifier: BSD-2-Clause */
/* startup-order's run record: whole lines, whatever was there before. */
#include "../../tools/startup-order/record.h"
#include "../../tools/startup-order/up.h"
#include "harness.h"
#include "scratch.h"

#include "base/buf.h"
#include "catalog/catalog.h"
#include "catalog/events.h"
#include "compose/graph.h"
#include "docker/json.h"

static char base[SCRATCH_MAX];
static char file[SCRATCH_MAX + 16];
static char catalog[SCRATCH_MAX + 16];

static struct up_service services[] = {
	{ .name = "a\"b\033", .state = UP_STOPPED, .was_started = true,
	    .has_failed = true, .started_ms = 5, .took_ms = 7,
	    .text = (char *)(uintptr_t)"is unhealthy" },
	{ .name = "db", .state = UP_LEFT_ALONE,
	    .text = (char *)(uintptr_t)"" },
};

static int
append(const char *path, struct err *err)
{
	const struct record record = { .operation = "up", .outcome = "failed",
	    .error = "service 'x' failed", .engine = "/run/e.sock",
	    .began = 1767225600, .exit_code = 1 };
	const struct up_result result = { .services = services, .count = 2,
	    .ms = 1234, .is_rolled_back = true };
	struct graph *g = graph_new("shop");
	struct buf object = BUF_EMPTY;
	int ret;

	err_clear(err);
	record_format(&object, g, &record, &result);
	ret = record_append(path, &object, err);
	if (ret == 0)
		ret = record_keep(catalog, &record, &object, err);
	buf_release(&object);
	graph_free(g);
	return ret;
}

static void
read_file(struct buf *out)
{
	struct err err;

	buf_cut(out, 0);
	if (io_read_file(AT_FDCWD, file, 1 << 20, out, &err) == -1)
		ok(false, "the record: %s", err.text);
}

static size_t
lines_in(const struct buf *text)
{
	size_t i, count = 0;

	for (i = 0; i < text->len; i++)
		count += text->data[i] == '\n';
	return count;
}

static bool
text_is(const json_t *object, const char *key, const char *want)
{
	const char *got = json_string_value(json_object_get(object, key));

	return got != NULL && strcmp(got, want) == 0;
}

static void
test_record_is_json(void)
{
	struct buf text = BUF_EMPTY;
	struct err err;
	json_t *line, *list;

	ok(append(file, &err) == 0,
	    "appended %s", err.text);
	read_file(&text);
	line = docker_json_object(text.data, text.len, &err);
	if (ok(line != NULL, "a JSON object %s", err.text)) {
		list = json_object_get(line, "services");
		ok(text_is(line, "operation", "up") && text_is(line,
		    "project", "shop") && text_is(line, "began",
		    "2026-01-01T00:00:00Z") && text_is(line, "outcome",
		    "failed"), "what, whose, when and how it ended");
		ok(json_is_true(json_object_get(line, "rolled_back")) &&
		    json_integer_value(json_object_get(line, "took_ms")) ==
		    1234 && json_is_integer(json_object_get(line, "uid")),
		    "who, and how long it took");
		ok(json_array_size(list) == 2 &&
		    text_is(json_array_get(list, 0), "name", "a\"b\\033") &&
		    text_is(json_array_get(list, 0), "state", "stopped") &&
		    text_is(json_array_get(list, 1), "state", "left alone"),
		    "each service, its name escaped");
	}
	json_decref(line);
	ok(append(file, &err) == 0, "another %s", err.text);
	read_file(&text);
	is_u64(lines_in(&text), 2, "is a second line");
	buf_release(&text);
}

static void
test_record_ends_a_cut_line(void)
{
	struct buf text = BUF_EMPTY;
	struct err err;

	ok(scratch_put(base, "runs", "{\"format\":1,\"cut"), "a cut line");
	ok(append(file, &err) == 0, "appended %s", err.text);
	read_file(&text);
	is_u64(lines_in(&text), 2, "the cut one is ended");
	ok(strstr(buf_text(&text), "cut\n{\"format\":1,") != NULL,
	    "and ours stands by itself");
	buf_release(&text);
}

static void
test_record_that_cannot_be(void)
{
	struct err err;

	ok(append("/dev/full", &err) == -1 && err.class == ERR_IO,
	    "a full disk: %s", err.text);
	ok(append("/no/such/folder/runs", &err) == -1 &&
	    strstr(err.text, "/no/such/folder/runs") != NULL,
	    "no folder: %s", err.text);
	ok(append(base, &err) == -1, "a folder: %s", err.text);
}

static void
on_run(void *ctx, const struct catalog_tool_run *run)
{
	json_t *object;
	struct err err;

	(*(unsigned *)ctx)++;
	object = docker_json_object(run->json, run->json_len, &err);
	ok(object != NULL && text_is(object, "project", "shop"),
	    "its JSON, whole");
	json_decref(object);
	ok(strcmp(run->kind, "up") == 0 && run->status == 1 &&
	    run->started == 1767225600, "what, when and how it ended");
}

static void
test_catalogue_has_each(void)
{
	struct catalog *c = NULL;
	unsigned count = 0;
	struct err err;

	ok(catalog_open(&c, catalog, CATALOG_READ, &err) == 0 &&
	    catalog_tool_runs_each(c, "startup-order", 100, on_run, &count,
	    &err) == 0, "the catalogue %s", err.text);
	is_u64(count, 3, "has each run");
	catalog_close(c);
}

int
main(void)
{
	if (!ok(scratch_make(base), "a folder"))
		return done();
	(void)snprintf(file, sizeof file, "%s/runs", base);
	(void)snprintf(catalog, sizeof catalog, "%s/catalog.db", base);
	test_record_is_json();
	test_record_ends_a_cut_line();
	test_record_that_cannot_be();
	test_catalogue_has_each();
	scratch_remove(base);
	return done();
}
