/* SPDX-License-Identifier: BSD-2-Clause */
/* medium/info: snapshot.json, written, read, and refused. */
#include <stdlib.h>

#include "base/err.h"
#include "base/mem.h"
#include "harness.h"
#include "medium/info.h"

static void
fill(struct info *info)
{
	struct part part = { .name = "db.tar.zst", .bytes = 1000 };
	struct source_info *s = info_add(info);

	info->sequence = 7;
	info->started = 1795232700;
	info->finished = 1795232760;
	info->version = mem_text("0.1");
	info->host = mem_text("h\\303\\244\"");
	info->data_root = mem_text("/var/lib/docker");
	s->name = mem_text("db");
	s->origin = mem_text("/var/lib/docker/volumes/db/_data");
	s->manifest = mem_text("db.mtree");
	s->driver = mem_text("local");
	s->consistency = CONSISTENCY_HOT;
	s->tar_bytes = 10240;
	s->entries = 3;
	parts_add(&s->parts, &part);
	pairs_put(&s->labels, "com.docker.compose.project", "shop");
	pairs_put(&s->users, "shop_db_1", "running");
}

static void
test_round_trip(struct buf *text)
{
	struct info info = INFO_EMPTY, got = INFO_EMPTY;
	struct err err;

	fill(&info);
	if (!ok(info_format(&info, text, &err) == 0, "is written") ||
	    !ok(info_parse(&got, text->data, text->len, &err) == 0,
	    "is read"))
		return;
	is_u64(got.sequence, 7, "sequence");
	is_u64((uint64_t)(got.finished - got.started), 60, "times");
	is_str(got.host, "h\\303\\244\"", "host");
	is_u64(got.count, 1, "one source");
	is_str(got.sources[0].name, "db", "its name");
	ok(got.sources[0].consistency == CONSISTENCY_HOT, "consistency");
	is_u64(parts_bytes(&got.sources[0].parts), 1000, "its parts");
	is_str(pairs_get(&got.sources[0].labels,
	    "com.docker.compose.project"), "shop", "its labels");
	is_str(pairs_get(&got.sources[0].users, "shop_db_1"), "running",
	    "its users");
	ok(info_find(&got, "db") == &got.sources[0] &&
	    info_find(&got, "x") == NULL, "found by name");
	info_release(&info);
	info_release(&got);
}

/* text with the first occurrence of from replaced must be refused. */
static void
refuse(const struct buf *text, const char *from, const char *to)
{
	const char *at = strstr(text->data, from);
	struct info got = INFO_EMPTY;
	struct buf bad = BUF_EMPTY;
	struct err err;

	if (!ok(at != NULL, "'%s' is in the text", from))
		return;
	buf_append(&bad, text->data, (size_t)(at - text->data));
	buf_puts(&bad, to);
	buf_puts(&bad, at + strlen(from));
	err_clear(&err);
	ok(info_parse(&got, bad.data, bad.len, &err) == -1 &&
	    (err.class == ERR_DAMAGED || err.class == ERR_LIMIT) &&
	    got.count == 0, "%s -> %s is refused: %s", from, to, err.text);
	buf_release(&bad);
}

static void
test_refusals(const struct buf *text)
{
	refuse(text, "\"format\": 1", "\"format\": 2");
	refuse(text, "\"sequence\": 7", "\"sequence\": -7");
	refuse(text, "\"sequence\": 7", "\"sequence\": \"7\"");
	refuse(text, "\"sequence\": 7", "\"sequence\": 7, \"sequence\": 8");
	refuse(text, "\"sequence\": 7", "\"sequence\": 7, \"new\": 8");
	refuse(text, "2026-11-21T03:45:00Z", "2026-11-31T03:45:00Z");
	refuse(text, "\"db.mtree\"", "\"../db.mtree\"");
	refuse(text, "\"db.tar.zst\"", "\"a/b\"");
	refuse(text, "\"bytes\": 1000", "\"bytes\": 0");
	refuse(text, "\"bytes\": 1000", "\"bytes\": 1e300");
	refuse(text, "\"hot\"", "\"warm\"");
	refuse(text, "\"volume\"", "\"tape\"");
	refuse(text, "\"entries\": 3", "\"entries\": -1");
	refuse(text, "\"shop\"", "[\"shop\"]");
	refuse(text, "\"name\": \"db\"", "\"name\": \"\"");
	refuse(text, "\"name\": \"db\"", "\"name\": \"d\\u001b[2Jb\"");
	refuse(text, "\"name\": \"db\"", "\"name\": \"d\\u009bb\"");
	refuse(text, "\"host\": \"", "\"host\": \"\\u007f");
	refuse(text, "\"driver\": \"", "\"driver\": \"\\n");
	refuse(text, "\"sources\": [", "\"sources\": [], \"x\": [");
	refuse(text, "{", "[");
}

static void
test_writer(void)
{
	struct info info = INFO_EMPTY;
	struct buf text = BUF_EMPTY;
	struct err err;

	fill(&info);
	free(info.sources[0].name);
	info.sources[0].name = mem_text("d\xff");
	ok(info_format(&info, &text, &err) == -1,
	    "a name that JSON cannot hold is an error, not left out");
	info_release(&info);
	fill(&info);
	free(info.version);
	free(info.host);
	free(info.data_root);
	fill(&info);	/* sets these again, and adds a second source */
	if (ok(info_format(&info, &text, &err) == 0, "two of one name")) {
		struct info got = INFO_EMPTY;

		ok(info_parse(&got, text.data, text.len, &err) == -1,
		    "are refused");
	}
	info_release(&info);
	buf_release(&text);
}

static void
test_truncation(const struct buf *text)
{
	struct info got = INFO_EMPTY;
	size_t i, refused = 0;
	struct err err;

	/* The last byte is the newline, which JSON does not need. */
	for (i = 0; i + 1 < text->len; i++)
		if (info_parse(&got, text->data, i, &err) == -1)
			refused++;
	is_u64(refused, text->len - 1, "every truncation is refused");
}

int
main(void)
{
	struct buf text = BUF_EMPTY;

	test_round_trip(&text);
	test_refusals(&text);
	test_writer();
	test_truncation(&text);
	buf_release(&text);
	return done();
}
