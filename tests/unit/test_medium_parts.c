/* SPDX-License-Identifier: BSD-2-Clause */
/* medium/parts: one archive as several files, and read again as one. */
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/err.h"
#include "harness.h"
#include "io/io.h"
#include "medium/parts.h"

#define UNIT 1000

static char folder[] = "/tmp/drydock-parts-XXXXXX";

static void
unit_bytes(uint8_t unit[UNIT], unsigned n)
{
	size_t i;

	for (i = 0; i < UNIT; i++)
		unit[i] = (uint8_t)(n * 7 + i * 13);
}

/* 25 units into parts of at most 10 units and a half. */
static bool
write_parts(int fd, bool numbers_first, struct parts *parts)
{
	struct part_writer w;
	uint8_t unit[UNIT];
	struct err err;
	bool good;
	unsigned i;

	good = part_writer_init(&w, fd, "a.tar.zst", 10 * UNIT + UNIT / 2,
	    numbers_first, &err) == 0;
	for (i = 0; good && i < 25; i++) {
		unit_bytes(unit, i);
		good = w.writer.write(&w.writer, unit, UNIT, &err) == 0;
	}
	good = good && part_writer_finish(&w, &err) == 0;
	*parts = w.done;
	w.done.items = NULL;
	part_writer_release(&w);
	return good;
}

static void
test_write(int fd, struct parts *parts)
{
	ok(write_parts(fd, true, parts), "written");
	is_u64(parts->count, 3, "in three parts");
	is_str(parts->items[0].name, "a.tar.zst.000", "numbered from 0");
	is_str(parts->items[2].name, "a.tar.zst.002", "to 2");
	is_u64(parts->items[0].bytes, 10 * UNIT, "a unit is never divided");
	is_u64(parts->items[2].bytes, 5 * UNIT, "the rest in the last");
	is_u64(parts_bytes(parts), 25 * UNIT, "nothing is lost");
}

static void
test_read(int fd, const struct parts *parts)
{
	uint8_t all[25 * UNIT], unit[UNIT];
	struct part_source s;
	struct err err;
	bool same = true;
	unsigned i;

	if (!ok(part_source_init(&s, fd, parts, &err) == 0, "opened"))
		return;
	is_u64(s.source.size, 25 * UNIT, "as one source");
	ok(s.source.read_at(&s.source, 0, all, sizeof all, &err) == 0,
	    "read across parts");
	for (i = 0; i < 25; i++) {
		unit_bytes(unit, i);
		same = same && memcmp(all + i * UNIT, unit, UNIT) == 0;
	}
	ok(same, "every byte in its place");
	ok(s.source.read_at(&s.source, 25 * UNIT, all, 1, &err) == -1 &&
	    err.class == ERR_DAMAGED, "nothing beyond the end");
	ok(part_source_check(&s, &err) == 0, "all digests agree");
	part_source_release(&s);
	if (!ok(part_source_init(&s, fd, parts, &err) == 0, "again"))
		return;
	ok(s.source.read_at(&s.source, 24 * UNIT, all, UNIT, &err) == 0 &&
	    s.source.read_at(&s.source, 0, all, 3, &err) == 0 &&
	    s.source.read_at(&s.source, 1, all, 5, &err) == 0 &&
	    part_source_check(&s, &err) == 0,
	    "reads that jump and overlap do not spoil the digests");
	part_source_release(&s);
}

static void
test_damage(int fd, const struct parts *parts)
{
	struct part_source s;
	uint8_t byte = 0;
	struct err err;
	size_t got;
	int part;

	part = io_open(fd, "a.tar.zst.001", O_RDWR, 0);
	(void)io_pread(part, &byte, 1, 4321, &got);
	byte ^= 0x10;
	(void)io_pwrite(part, &byte, 1, 4321);
	ok(part_source_init(&s, fd, parts, &err) == 0 &&
	    part_source_check(&s, &err) == -1 && err.class == ERR_DAMAGED &&
	    strstr(err.text, "a.tar.zst.001") != NULL,
	    "a flipped bit is found and its part named");
	part_source_release(&s);
	ok(ftruncate(part, 4000) == 0 &&
	    part_source_init(&s, fd, parts, &err) == -1 &&
	    err.class == ERR_DAMAGED &&
	    strstr(err.text, "a.tar.zst.001") != NULL, "so is a cut part");
	(void)close(part);
	(void)unlinkat(fd, "a.tar.zst.001", 0);
	ok(part_source_init(&s, fd, parts, &err) == -1 &&
	    err.class == ERR_DAMAGED, "and a missing one");
	part_source_init_lenient(&s, fd, parts, NULL);
	ok(s.source.read_at(&s.source, 10 * UNIT, &byte, 1, &err) == -1 &&
	    err.class == ERR_DAMAGED, "leniently: what is lost is lost");
	ok(s.source.read_at(&s.source, 20 * UNIT, &byte, 1, &err) == 0,
	    "and the rest can be read");
	part_source_release(&s);
}

static void
test_never_over(int fd)
{
	struct put p = PUT_EMPTY;
	struct err err;

	ok(put_file(fd, "once", "a", 1, NULL, &err) == 0, "a new file");
	ok(put_open(&p, fd, "once", &err) == -1 && err.class == ERR_IO,
	    "is never written over");
	put_release(&p);
	(void)unlinkat(fd, "once", 0);
}

int
main(void)
{
	struct parts parts = PARTS_EMPTY, single = PARTS_EMPTY;
	struct err err;
	int fd;

	if (mkdtemp(folder) == NULL)
		return 1;
	fd = io_open_typed(folder, O_RDONLY | O_DIRECTORY, 0);
	test_write(fd, &parts);
	test_read(fd, &parts);
	test_damage(fd, &parts);
	(void)unlinkat(fd, "a.tar.zst.000", 0);
	(void)unlinkat(fd, "a.tar.zst.002", 0);
	ok(write_parts(fd, false, &single) &&
	    strcmp(single.items[0].name, "a.tar.zst") == 0 &&
	    strcmp(single.items[1].name, "a.tar.zst.001") == 0,
	    "an archive that outgrew its guess goes on in .001");
	test_never_over(fd);
	(void)close(fd);
	fd = io_open_typed("/tmp", O_RDONLY | O_DIRECTORY, 0);
	ok(io_remove_tree(fd, folder + strlen("/tmp/"), &err) == 0,
	    "nothing is left behind");
	(void)close(fd);
	parts_release(&parts);
	parts_release(&single);
	return done();
}
