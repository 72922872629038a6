/* SPDX-License-Identifier: BSD-2-Clause */
/* medium/patient: reading on past bad sectors, on a device made up here. */
#include <errno.h>
#include <stdlib.h>

#include "base/err.h"
#include "harness.h"
#include "medium/patient.h"

#define SECTOR PATIENT_SECTOR
#define SIZE ((size_t)3 << 20)

/* Byte i is (uint8_t)(i / 7); sectors in bad cannot be read. */
struct device {
	uint64_t size;
	bool bad[SIZE / SECTOR + 1];
	size_t least;		/* smaller reads are EINVAL */
	unsigned transient;	/* so many reads fail, whatever they ask */
	unsigned long reads;
	unsigned long dies_at;	/* 0: never */
	int dies_of;
};

static ssize_t
device_read(void *ctx, void *data, size_t len, uint64_t offset)
{
	struct device *d = ctx;
	uint64_t at;

	d->reads++;
	if (d->dies_at != 0 && d->reads >= d->dies_at) {
		errno = d->dies_of;
		return -1;
	}
	if (len < d->least) {
		errno = EINVAL;
		return -1;
	}
	if (d->transient > 0) {
		d->transient--;
		errno = EIO;
		return -1;
	}
	if (len > d->size - offset)
		len = (size_t)(d->size - offset);
	for (at = offset; at < offset + len; at++) {
		if (d->bad[at / SECTOR]) {
			errno = EIO;
			return -1;
		}
		((uint8_t *)data)[at - offset] = (uint8_t)(at / 7);
	}
	return (ssize_t)len;
}

static struct device *
new_device(uint64_t size)
{
	struct device *d = calloc(1, sizeof *d);

	d->size = size;
	return d;
}

/* All of it, 1 MiB at a time; what is not in p->bad must be right. */
static bool
read_all(struct device *d, struct patient *p, struct err *err)
{
	const size_t cap = (size_t)1 << 20;
	uint8_t *block = aligned_alloc(PATIENT_ALIGN, cap);
	uint64_t at = 0, i;
	bool good = true;
	size_t got = 0;

	patient_init(p, device_read, d, d->size, SECTOR, NULL);
	do {
		good = patient_fill(p, at, block, cap, &got, err) == 0;
		for (i = 0; good && i < got; i++)
			good = block[i] == (bad_list_hits(&p->bad, at + i,
			    at + i + 1) ? 0 : (uint8_t)((at + i) / 7));
		at += got;
	} while (good && got > 0);
	free(block);
	return good && at == d->size;
}

static bool
is_range(const struct bad_list *list, size_t i, uint64_t from, uint64_t to)
{
	return i < list->count && list->items[i].from == from &&
	    list->items[i].to == to;
}

static void
test_list(void)
{
	struct bad_list list = BAD_LIST_EMPTY;
	char text[BAD_LIST_TEXT];
	uint64_t i;

	bad_list_add(&list, 10, 10);
	is_u64(list.count, 0, "an empty range is none");
	bad_list_add(&list, 100, 200);
	bad_list_add(&list, 300, 400);
	bad_list_add(&list, 0, 50);
	ok(list.count == 3 && is_range(&list, 0, 0, 50) && list.bytes == 250,
	    "in order, whatever the order they came in");
	ok(bad_list_hits(&list, 49, 50) && !bad_list_hits(&list, 50, 100) &&
	    bad_list_hits(&list, 0, 1000) && !bad_list_hits(&list, 400, 500),
	    "what touches one");
	bad_list_add(&list, 200, 300);
	ok(list.count == 2 && is_range(&list, 1, 100, 400),
	    "neighbours are one");
	bad_list_add(&list, 20, 1000);
	ok(list.count == 1 && is_range(&list, 0, 0, 1000), "so are overlaps");
	is_str(bad_list_text(&list, text), "1000 bytes from byte 0", "as text");
	bad_list_release(&list);
	for (i = 0; i < PATIENT_RANGES_MAX - 1; i++)
		bad_list_add(&list, i * 10, i * 10 + 1);
	is_u64(list.count, PATIENT_RANGES_MAX - 1, "one below the limit");
	bad_list_add(&list, i * 10, i * 10 + 1);
	is_u64(list.count, PATIENT_RANGES_MAX, "at the limit");
	i++;
	bad_list_add(&list, i * 10, i * 10 + 1);
	ok(list.count == PATIENT_RANGES_MAX && is_range(&list,
	    PATIENT_RANGES_MAX - 1, (i - 1) * 10, i * 10 + 1),
	    "above it the last two become one");
	bad_list_release(&list);
}

static void
test_sectors(void)
{
	struct device *d = new_device(SIZE);
	struct patient p;
	struct err err;

	ok(read_all(d, &p, &err) && p.bad.count == 0 && p.failures == 0,
	    "a good device");
	is_u64(d->reads, SIZE >> 20, "is read in large pieces");
	patient_release(&p);
	d->bad[0] = d->bad[77] = d->bad[78] = d->bad[SIZE / SECTOR - 1] = true;
	ok(read_all(d, &p, &err), "bad sectors are passed over");
	ok(p.bad.count == 3 && is_range(&p.bad, 0, 0, SECTOR) &&
	    is_range(&p.bad, 1, 77 * SECTOR, 79 * SECTOR) &&
	    is_range(&p.bad, 2, SIZE - SECTOR, SIZE),
	    "and named to the byte");
	patient_release(&p);
	free(d);
	d = new_device(SIZE - 100);
	d->bad[SIZE / SECTOR - 1] = true;
	ok(read_all(d, &p, &err) &&
	    is_range(&p.bad, 0, SIZE - SECTOR, SIZE - 100),
	    "the last sector only as far as the file goes");
	patient_release(&p);
	d->least = PATIENT_ALIGN;
	ok(read_all(d, &p, &err) &&
	    is_range(&p.bad, 0, SIZE - PATIENT_ALIGN, SIZE - 100),
	    "a device of 4096-byte sectors");
	patient_release(&p);
	free(d);
}

static void
test_tries(void)
{
	struct device *d = new_device(SIZE);
	struct patient p;
	struct err err;

	d->transient = 3 + PATIENT_TRIES - 1;
	ok(read_all(d, &p, &err) && p.bad.count == 0,
	    "what works at the last try is good");
	is_u64(p.failures, 3 + PATIENT_TRIES - 1, "but the tries are counted");
	patient_release(&p);
	d->transient = 3 + PATIENT_TRIES;
	ok(read_all(d, &p, &err) && p.bad.count == 1 && p.bad.bytes == SECTOR,
	    "one try more, and it is bad");
	patient_release(&p);
	free(d);
}

static void
test_any_place(void)
{
	struct device *d = new_device(SIZE);
	unsigned long reads;
	uint8_t data[3000];
	struct patient p;
	struct err err;
	bool good = true;
	size_t i;

	d->bad[20] = true;
	patient_init(&p, device_read, d, d->size, SECTOR, NULL);
	ok(patient_read(&p, 20 * SECTOR - sizeof data, data, sizeof data,
	    &err) == 0, "up to the bad sector");
	for (i = 0; i < sizeof data; i++)
		good = good && data[i] ==
		    (uint8_t)((20 * SECTOR - sizeof data + i) / 7);
	ok(good, "the right bytes");
	ok(patient_read(&p, 21 * SECTOR, data, 1, &err) == 0, "behind it");
	reads = d->reads;
	ok(patient_read(&p, 21 * SECTOR - 1, data, 2, &err) == -1 &&
	    err.class == ERR_DAMAGED, "into it");
	ok(d->reads - reads < 20, "a known bad sector is not tried again");
	ok(patient_read(&p, SIZE - 1, data, 1, &err) == 0, "the last byte");
	ok(patient_read(&p, SIZE - 1, data, 2, &err) == -1 &&
	    err.class == ERR_DAMAGED, "and none behind it");
	patient_release(&p);
	free(d);
}

static void
test_gone(void)
{
	struct device *d = new_device(SIZE);
	struct patient p;
	struct err err;

	d->dies_at = 2;
	d->dies_of = ENODEV;
	ok(!read_all(d, &p, &err) && p.is_gone && err.class == ERR_IO,
	    "ENODEV ends it");
	is_u64(d->reads, 2, "at once");
	patient_release(&p);
	d->reads = 0;
	d->dies_of = EIO;
	ok(!read_all(d, &p, &err) && p.is_gone && err.class == ERR_IO,
	    "errors everywhere after good reads: gone");
	ok(d->reads < 2000, "after %lu reads", d->reads);
	patient_release(&p);
	d->reads = 0;
	d->dies_at = 1;
	ok(read_all(d, &p, &err) && p.gave_up && !p.is_gone &&
	    is_range(&p.bad, 0, 0, SIZE),
	    "errors everywhere from the start: the file is given up");
	ok(d->reads < 2000, "after %lu reads", d->reads);
	patient_release(&p);
	free(d);
}

/* A large hole in the middle does not end it: the rest can be read. */
static void
test_hole(void)
{
	struct device *d = new_device(SIZE);
	struct patient p;
	struct err err;
	size_t i;

	for (i = 1000; i < 1000 + 3 * PATIENT_ROW_MAX; i++)
		d->bad[i] = true;
	ok(read_all(d, &p, &err) && p.bad.count == 1 && !p.gave_up &&
	    is_range(&p.bad, 0, 1000 * SECTOR,
	    (1000 + 3 * PATIENT_ROW_MAX) * SECTOR), "a large hole");
	patient_release(&p);
	free(d);
}

int
main(void)
{
	test_list();
	test_sectors();
	test_tries();
	test_any_place();
	test_gone();
	test_hole();
	return done();
}
