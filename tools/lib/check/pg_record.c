/* SPDX-License-Identifier: BSD-2-Clause */
/* What a record of PostgreSQL's log means for files. */
#include "check/pg_record.h"

#include "base/bytes.h"

#define RM_XACT 1
#define RM_SMGR 2
#define RM_CLOG 3
#define RM_DBASE 4

/* What stands before the data: one byte each says what comes. */
#define ID_BLOCK_MAX 32
#define ID_TOP_XID 252
#define ID_ORIGIN 253
#define ID_LONG 254
#define ID_SHORT 255

#define FORK_MASK 0x0F
#define HAS_IMAGE 0x10
#define WILL_INIT 0x40
#define SAME_RELATION 0x80

#define IMAGE_HAS_HOLE 0x01

/* A place in the head, which never moves past its end. */
struct cursor {
	const uint8_t *at;
	size_t left;
	bool failed;
};

static const uint8_t *
take(struct cursor *c, size_t len)
{
	static const uint8_t nothing[16];
	const uint8_t *here = c->at;

	if (c->failed || len > c->left) {
		c->failed = true;
		return nothing;
	}
	c->at += len;
	c->left -= len;
	return here;
}

static unsigned
take_byte(struct cursor *c)
{
	return *take(c, 1);
}

static void
take_relation(struct cursor *c, struct pg_block *b)
{
	const uint8_t *p = take(c, 12);

	b->space = get_le32(p);
	b->database = get_le32(p + 4);
	b->file = get_le32(p + 8);
}

/* *whole: replay puts the image in place, rather than only comparing it. */
static uint64_t
take_image(struct cursor *c, unsigned major, bool *whole)
{
	/* Release 15 made room for more ways to compress. */
	unsigned apply = major >= 15 ? 0x02 : 0x04;
	unsigned compressed = major >= 15 ? 0x1C : 0x02;
	uint64_t len = get_le16(take(c, 2));
	unsigned flags;

	(void)take(c, 2);	/* where the hole is */
	flags = take_byte(c);
	if ((flags & IMAGE_HAS_HOLE) != 0 && (flags & compressed) != 0)
		(void)take(c, 2);
	*whole = (flags & apply) != 0;
	return len;
}

/* Returns how much data follows later for it. */
static uint64_t
take_block(struct cursor *c, unsigned major, struct pg_block *b,
    struct pg_notes *notes)
{
	unsigned flags = take_byte(c);
	uint64_t len = get_le16(take(c, 2));
	bool whole = false;

	b->fork = flags & FORK_MASK;
	if ((flags & HAS_IMAGE) != 0)
		len += take_image(c, major, &whole);
	if ((flags & SAME_RELATION) == 0)
		take_relation(c, b);
	b->block = get_le32(take(c, 4));
	if (!c->failed && (whole || (flags & WILL_INIT) != 0))
		pg_blocks_add(&notes->blocks, b);
	return len;
}

/*
 * Walk what stands before the data, noting blocks.  Returns where the main
 * data, which comes last, starts within the head; an empty cursor when there
 * is none, or it lies beyond the head.
 */
static struct cursor
find_main(const struct pg_record *r, struct pg_notes *notes)
{
	struct cursor c = { r->head, r->head_len, false };
	struct cursor none = { r->head, 0, false };
	struct pg_block block = { 0 };
	uint64_t data = 0, main_len = 0, used;

	do {
		unsigned id = take_byte(&c);

		if (id <= ID_BLOCK_MAX)
			data += take_block(&c, r->major, &block, notes);
		else if (id == ID_TOP_XID)
			(void)take(&c, 4);
		else if (id == ID_ORIGIN)
			(void)take(&c, 2);
		else if (id == ID_SHORT)
			main_len = take_byte(&c);
		else if (id == ID_LONG)
			main_len = get_le32(take(&c, 4));
		else
			return none;
		used = (uint64_t)(r->head_len - c.left);
	} while (!c.failed && main_len == 0 && used + data < r->body_len);
	if (c.failed || main_len == 0 || used + data + main_len != r->body_len)
		return none;
	if (data > c.left)
		return none;
	(void)take(&c, (size_t)data);
	return c;
}

static void
note_relation(struct pg_notes *notes, struct pg_block *b, uint32_t what)
{
	b->fork = what;
	b->block = 0;
	pg_blocks_add(&notes->blocks, b);
}

/* A commit names the files that go with it. */
static void
note_commit(const struct pg_record *r, struct cursor c, struct pg_notes *notes)
{
	enum { HAS_DATABASE = 1, HAS_CHILDREN = 2, HAS_DROPS = 4 };
	struct pg_block b = { 0 };
	uint32_t what, count;
	uint64_t children;

	if ((r->info & 0x80) == 0)
		return;
	(void)take(&c, 8);	/* time */
	what = get_le32(take(&c, 4));
	if ((what & HAS_DROPS) == 0)
		return;
	if ((what & HAS_DATABASE) != 0)
		(void)take(&c, 8);
	if ((what & HAS_CHILDREN) != 0) {
		children = (uint64_t)get_le32(take(&c, 4)) * 4;
		(void)take(&c, children <= c.left ? (size_t)children :
		    c.left + 1);
	}
	count = get_le32(take(&c, 4));
	while (count-- > 0 && !c.failed) {
		take_relation(&c, &b);
		if (!c.failed)
			note_relation(notes, &b, PG_BLOCK_DROPPED);
	}
	if (c.failed)
		notes->lost_some = true;
}

static void
note_cut(struct cursor c, struct pg_notes *notes)
{
	struct pg_block b = { 0 };

	(void)take(&c, 4);	/* the new length */
	take_relation(&c, &b);
	if (!c.failed)
		note_relation(notes, &b, PG_BLOCK_CUT);
}

/* A database that goes is kept as if it were a relation of no space. */
static void
note_database(struct cursor c, struct pg_notes *notes)
{
	struct pg_block b = { .file = get_le32(take(&c, 4)) };

	note_relation(notes, &b, PG_BLOCK_DROPPED);
}

static void
note_xlog(uint8_t kind, struct cursor c, struct pg_notes *notes)
{
	if (kind != PG_XLOG_BACKUP_END || c.left < 8)
		return;
	notes->has_backup_end = true;
	notes->backup_end_of = get_le64(take(&c, 8));
}

/* The page's number in front grew to 64 bits in 17. */
static void
note_clog(unsigned major, uint8_t kind, struct cursor c,
    struct pg_notes *notes)
{
	if (kind != 0x10)
		return;
	(void)take(&c, major >= 17 ? 8 : 4);
	if (c.left < 4)
		return;
	notes->has_oldest_xid = true;
	notes->oldest_xid = get_le32(take(&c, 4));
}

void
pg_record_note(const struct pg_record *r, struct pg_notes *notes)
{
	struct cursor c = find_main(r, notes);
	uint8_t kind = r->info & 0xF0;
	uint8_t drop_database = r->major >= 15 ? 0x20 : 0x10;

	switch (r->rmid) {
	case PG_RM_XLOG:
		note_xlog(kind, c, notes);
		break;
	case RM_XACT:
		/* At once, or of a transaction prepared earlier. */
		if ((kind & 0x70) == 0x00 || (kind & 0x70) == 0x30)
			note_commit(r, c, notes);
		break;
	case RM_SMGR:
		if (kind == 0x20)
			note_cut(c, notes);
		break;
	case RM_CLOG:
		note_clog(r->major, kind, c, notes);
		break;
	case RM_DBASE:
		if (kind == drop_database)
			note_database(c, notes);
		break;
	default:
		break;
	}
}

void
pg_notes_release(struct pg_notes *notes)
{
	pg_blocks_release(&notes->blocks);
}
