/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Pages of relations, rows in them, maps, slots, labels: whatever lies there,
 * nothing outside is read.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "check/pg_heap.h"
#include "check/pg_name.h"
#include "check/pg_page.h"
#include "check/pg_small.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

#define SIZE 1024U

static void
must(bool held)
{
	if (!held)
		abort();
}

static enum pg_xact
state_of(void *ctx, uint32_t xid)
{
	(void)ctx;
	return (enum pg_xact)(xid % 4);
}

static void
read_rows(const uint8_t *page)
{
	unsigned item = 0, rows = 0, major;
	struct pg_database database;
	struct pg_class class;
	struct pg_row row;

	while (pg_heap_next(page, SIZE, &item, &row)) {
		must(row.data >= page && row.data + row.len <= page + SIZE);
		must(++rows <= SIZE / 4);
		(void)pg_row_live(&row, state_of, NULL, rows % 2 == 0);
		for (major = 12; major <= 18; major++) {
			if (pg_row_class(&row, major, &class))
				must(strlen(class.name) < PG_NAME_MAX);
			if (pg_row_database(&row, major, &database))
				must(strlen(database.name) < PG_NAME_MAX);
		}
	}
}

static void
read_small(const uint8_t *data, size_t len)
{
	char *text = malloc(len + 1);
	uint64_t a, b;
	struct pg_slot slot;
	struct pg_name name;
	struct pg_map map;
	struct err err;
	uint32_t tli;

	must(text != NULL);
	memcpy(text, data, len);
	text[len] = '\0';
	err_clear(&err);
	(void)pg_label_parse(text, &a, &b, &err);
	(void)pg_pid_parse(text, &a);
	(void)pg_version_parse(text);
	(void)pg_lsn_parse(text, &a);
	if (pg_name_parse(text, &name))
		must(name.file > 0);
	if (pg_name_parse_wal(text, 16U << 20, &tli, &a)) {
		char back[PG_WAL_NAME_LEN + 1];

		pg_name_format_wal(tli, a, 16U << 20, back);
		must(strcmp(text, back) == 0);
	}
	if (pg_slot_parse(data, len, &slot, &err) == 0)
		must(strlen(slot.name) < PG_NAME_MAX);
	if (pg_map_parse(data, len, &map, &err) == 0)
		must(map.count <= PG_MAP_MAX);
	free(text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	uint8_t *page = calloc(1, SIZE);

	must(page != NULL);
	memcpy(page, data, len < SIZE ? len : SIZE);
	(void)pg_page_check(page, SIZE, 7, true);
	(void)pg_page_lsn(page);
	read_rows(page);
	free(page);
	read_small(data, len);
	return 0;
}
