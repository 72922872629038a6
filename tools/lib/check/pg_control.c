/* SPDX-License-Identifier: BSD-2-Clause */
/* global/pg_control of a PostgreSQL cluster. */
#include "check/pg_control.h"

#include <string.h>

#include "base/bytes.h"
#include "base/err.h"
#include "codec/crc.h"

/* Where each field stands, by the version of the file. */
struct layout {
	uint32_t version;
	uint16_t redo;
	uint16_t timeline;
	uint16_t next_xid;
	uint16_t next_multi;
	uint16_t oldest_xid;
	uint16_t checkpoint_s;
	uint16_t min_recovery;
	uint16_t block_size;
	uint16_t wal_block_size;
	uint16_t checksums;
	uint16_t crc;
};

static const struct layout layouts[] = {
	{  960, 48, 56, 72, 80,  88, 104, 136, 216, 224, 252, 256 },
	{ 1002, 48, 56, 72, 80,  88, 104, 136, 216, 224, 252, 288 },
	{ 1100, 40, 48, 64, 72,  80,  96, 128, 208, 216, 244, 280 },
	{ 1201, 40, 48, 64, 76,  84, 104, 136, 216, 224, 252, 288 },
	{ 1300, 40, 48, 64, 76,  84, 104, 136, 216, 224, 252, 288 },
	{ 1700, 40, 48, 64, 76,  84, 104, 136, 216, 224, 252, 288 },
	{ 1800, 40, 48, 64, 76,  84, 104, 136, 216, 224, 252, 292 },
	{ 1902, 40, 48, 72, 84,  96, 112, 144, 224, 236, 264, 304 },
};

/* Where the version does not tell the release, the catalog does. */
static const struct {
	uint32_t catalog;
	unsigned major;
} catalogs[] = {
	{ 202007201, 13 }, { 202107181, 14 }, { 202209061, 15 },
	{ 202307071, 16 },
};

static const struct {
	uint32_t version;
	unsigned major;
} versions[] = {
	{ 960, 9 }, { 1002, 10 }, { 1100, 11 }, { 1201, 12 },
	{ 1700, 17 }, { 1800, 18 }, { 1902, 19 },
};

static unsigned
major_of(uint32_t version, uint32_t catalog_version)
{
	size_t i;

	for (i = 0; i < sizeof(versions) / sizeof(versions[0]); i++)
		if (versions[i].version == version)
			return versions[i].major;
	for (i = 0; i < sizeof(catalogs) / sizeof(catalogs[0]); i++)
		if (catalogs[i].catalog == catalog_version)
			return catalogs[i].major;
	return 0;
}

static const struct layout *
layout_of(uint32_t version)
{
	size_t i;

	for (i = 0; i < sizeof(layouts) / sizeof(layouts[0]); i++)
		if (layouts[i].version == version)
			return &layouts[i];
	return NULL;
}

static bool
crc_at(const uint8_t *data, size_t at)
{
	return crc_32c(0, data, at) == get_le32(data + at);
}

/* A release that we do not know has its checksum somewhere near the others. */
static bool
crc_anywhere(const uint8_t *data, size_t len)
{
	size_t at;

	for (at = 256; at + 4 <= len; at += 4)
		if (crc_at(data, at))
			return true;
	return false;
}

static bool
is_power_of_two(uint32_t n, uint32_t min, uint32_t max)
{
	return n >= min && n <= max && (n & (n - 1)) == 0;
}

/* What configure and initdb allow. */
static bool
sizes_are_possible(const struct pg_control *c)
{
	return is_power_of_two(c->block_size, 1024, 32768) &&
	    is_power_of_two(c->wal_block_size, 1024, 65536) &&
	    is_power_of_two(c->wal_segment_size, 1U << 20, 1U << 30) &&
	    c->segment_blocks > 0;
}

static void
read_fields(const uint8_t *data, const struct layout *l, struct pg_control *c)
{
	c->has_layout = true;
	c->redo = get_le64(data + l->redo);
	c->timeline = get_le32(data + l->timeline);
	c->next_xid = get_le32(data + l->next_xid);
	c->next_multi = get_le32(data + l->next_multi);
	/* Its database, then the oldest multi: always in this order. */
	c->oldest_xid = get_le32(data + l->oldest_xid);
	c->oldest_multi = get_le32(data + l->oldest_xid + 8);
	c->checkpoint_s = (int64_t)get_le64(data + l->checkpoint_s);
	c->min_recovery = get_le64(data + l->min_recovery);
	c->min_recovery_timeline = get_le32(data + l->min_recovery + 8);
	c->backup_start = get_le64(data + l->min_recovery + 16);
	c->block_size = get_le32(data + l->block_size);
	c->segment_blocks = get_le32(data + l->block_size + 4);
	c->wal_block_size = get_le32(data + l->wal_block_size);
	c->wal_segment_size = get_le32(data + l->wal_block_size + 4);
	c->checksums = get_le32(data + l->checksums);
	c->crc_ok = crc_at(data, l->crc);
}

int
pg_control_parse(const uint8_t *data, size_t len, struct pg_control *c,
    struct err *err)
{
	uint8_t head[PG_CONTROL_USED] = { 0 };
	struct pg_control read = { 0 };
	const struct layout *layout;

	if (len > sizeof(head))
		len = sizeof(head);
	memcpy(head, data, len);
	read.system_id = get_le64(head);
	read.version = get_le32(head + 8);
	read.catalog_version = get_le32(head + 12);
	read.state = get_le32(head + 16);
	read.updated_s = (int64_t)get_le64(head + 24);
	read.checkpoint = get_le64(head + 32);
	read.major = major_of(read.version, read.catalog_version);
	layout = layout_of(read.version);
	if (len < (layout != NULL ? layout->crc + 4U : 256U))
		return err_set(err, ERR_DAMAGED, 0,
		    "%zu bytes are too few for a control file", len);
	if (layout == NULL) {
		read.crc_ok = crc_anywhere(head, len);
	} else {
		read_fields(head, layout, &read);
		if (!sizes_are_possible(&read))
			return err_set(err, ERR_DAMAGED, 0,
			    "it gives block sizes that no server has");
	}
	*c = read;
	return 0;
}

void
pg_control_assume(struct pg_control *c, unsigned major)
{
	*c = (struct pg_control){
		.major = major,
		.state = PG_IN_PRODUCTION,
		.block_size = 8192,
		.segment_blocks = 131072,
		.wal_block_size = 8192,
		.wal_segment_size = 16U << 20,
	};
}

bool
pg_control_is_clean(const struct pg_control *c)
{
	return c->state == PG_SHUT_DOWN ||
	    c->state == PG_SHUT_DOWN_IN_RECOVERY;
}

const char *
pg_state_name(uint32_t state)
{
	static const char *const names[] = {
		[PG_STARTING] = "starting up",
		[PG_SHUT_DOWN] = "shut down",
		[PG_SHUT_DOWN_IN_RECOVERY] = "shut down in recovery",
		[PG_SHUTTING_DOWN] = "shutting down",
		[PG_IN_CRASH_RECOVERY] = "in crash recovery",
		[PG_IN_ARCHIVE_RECOVERY] = "in archive recovery",
		[PG_IN_PRODUCTION] = "in production",
	};

	if (state >= sizeof(names) / sizeof(names[0]))
		return "in a state that is not known";
	return names[state];
}
