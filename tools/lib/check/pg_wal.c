/* SPDX-License-Identifier: BSD-2-Clause */
/* PostgreSQL's write-ahead log, walked to its end. */
#include "check/pg_wal.h"

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/err.h"
#include "base/mem.h"
#include "codec/crc.h"
#include "io/stream.h"

#define SHORT_HEADER 24U
#define LONG_HEADER 40U
#define RECORD_HEADER 24U

/* Flags of a page. */
#define PAGE_CONTINUES 0x01U	/* starts with the rest of a record */
#define PAGE_LONG 0x02U
#define PAGE_OVERWRITES 0x08U	/* that rest was never written */
#define PAGE_FLAGS 0x0FU

static const struct {
	unsigned major;
	uint16_t magic;
} magics[] = {
	{ 12, 0xD101 }, { 13, 0xD106 }, { 14, 0xD10D }, { 15, 0xD110 },
	{ 16, 0xD113 }, { 17, 0xD116 }, { 18, 0xD118 },
};

static uint16_t
magic_of(unsigned major)
{
	size_t i;

	for (i = 0; i < sizeof(magics) / sizeof(magics[0]); i++)
		if (magics[i].major == major)
			return magics[i].magic;
	return 0;
}

bool
pg_wal_is_known(unsigned major)
{
	return magic_of(major) != 0;
}

/* A place in the log, and the page around it. */
struct log {
	const struct pg_wal_segments *segments;
	const struct pg_control *control;
	uint64_t at;
	uint8_t *page;
	uint64_t page_lsn;	/* UINT64_MAX: none is loaded */
	struct source *file;
	uint64_t number;	/* of that file's segment; UINT64_MAX: none */
	enum pg_wal_end why;
};

/* What taking bytes came to. */
enum took {
	TOOK_ALL,
	TOOK_END,		/* log->why */
	TOOK_OVERWRITTEN,	/* the record was given up; go on here */
	TOOK_FAILED		/* err */
};

static enum took
ended(struct log *log, enum pg_wal_end why)
{
	log->why = why;
	return TOOK_END;
}

/* A page's header is what belongs at this place of this cluster's log. */
static bool
page_belongs(const struct pg_control *c, const uint8_t *page, uint64_t lsn)
{
	unsigned flags = get_le16(page + 2);
	bool is_first = lsn % c->wal_segment_size == 0;

	if (get_le16(page) != magic_of(c->major) ||
	    (flags & ~PAGE_FLAGS) != 0 || get_le64(page + 8) != lsn)
		return false;
	if (((flags & PAGE_LONG) != 0) != is_first)
		return false;
	return !is_first || (get_le64(page + 24) == c->system_id &&
	    get_le32(page + 32) == c->wal_segment_size &&
	    get_le32(page + 36) == c->wal_block_size);
}

/* Read the page at lsn, whatever it is. */
static enum took
read_page(struct log *log, uint64_t lsn, struct err *err)
{
	uint32_t size = log->control->wal_segment_size;
	uint64_t number = lsn / size;
	uint64_t offset = lsn % size;

	log->page_lsn = UINT64_MAX;
	if (number != log->number) {
		log->number = UINT64_MAX;
		log->file = NULL;
		if (log->segments->open(log->segments->ctx, number,
		    &log->file, err) == -1)
			return TOOK_FAILED;
		if (log->file == NULL)
			return ended(log, PG_WAL_END_NO_SEGMENT);
		log->number = number;
	}
	if (log->file->size < offset + log->control->wal_block_size)
		return ended(log, PG_WAL_END_CUT);
	if (log->file->read_at(log->file, offset, log->page,
	    log->control->wal_block_size, err) == -1) {
		if (err->class == ERR_INTERRUPTED)
			return TOOK_FAILED;
		err_clear(err);
		return ended(log, PG_WAL_END_CUT);
	}
	log->page_lsn = lsn;
	return TOOK_ALL;
}

static enum took
load_page(struct log *log, uint64_t lsn, struct err *err)
{
	enum took took;

	if (log->page_lsn == lsn)
		return TOOK_ALL;
	took = read_page(log, lsn, err);
	if (took != TOOK_ALL)
		return took;
	if (!page_belongs(log->control, log->page, lsn)) {
		log->page_lsn = UINT64_MAX;
		return ended(log, PG_WAL_END_EMPTY);
	}
	return TOOK_ALL;
}

static uint32_t
header_len(const struct log *log)
{
	return (get_le16(log->page + 2) & PAGE_LONG) != 0 ? LONG_HEADER :
	    SHORT_HEADER;
}

/*
 * At a page's start: load it and pass its header.  rest: bytes of a record
 * that must go on here; 0 when one begins.
 */
static enum took
pass_header(struct log *log, uint32_t rest, struct err *err)
{
	enum took took = load_page(log, log->at, err);
	unsigned flags;

	if (took != TOOK_ALL)
		return took;
	flags = get_le16(log->page + 2);
	if (rest == 0 && (flags & PAGE_CONTINUES) != 0)
		return ended(log, PG_WAL_END_BAD_RECORD);
	if (rest != 0 && (flags & PAGE_OVERWRITES) != 0)
		return TOOK_OVERWRITTEN;
	if (rest != 0 && ((flags & PAGE_CONTINUES) == 0 ||
	    get_le32(log->page + 16) != rest))
		return ended(log, PG_WAL_END_BAD_RECORD);
	log->at += header_len(log);
	return TOOK_ALL;
}

/*
 * The next bytes of a record within one page: at most len, *data borrowed
 * until the next call.  rest: what the record lacks, len included.
 */
static enum took
take_run(struct log *log, uint32_t len, uint32_t rest, const uint8_t **data,
    uint32_t *got, struct err *err)
{
	uint32_t size = log->control->wal_block_size;
	enum took took;
	uint32_t place;

	took = log->at % size == 0 ? pass_header(log, rest, err) :
	    load_page(log, log->at - log->at % size, err);
	if (took != TOOK_ALL)
		return took;
	place = (uint32_t)(log->at % size);
	*got = len < size - place ? len : size - place;
	*data = log->page + place;
	log->at += *got;
	return TOOK_ALL;
}

struct record {
	uint64_t start;
	uint8_t header[RECORD_HEADER];
	uint32_t len;		/* the whole of it */
	uint32_t crc;		/* of the body */
	uint8_t *head;		/* PG_RECORD_HEAD_MAX bytes of the body */
	uint32_t head_len;
};

static enum took
take_record_header(struct log *log, struct record *r, struct err *err)
{
	uint32_t have = 0, rest = 0, got;
	const uint8_t *data;
	enum took took;

	while (have < RECORD_HEADER) {
		/*
		 * Records are aligned, so that the length is always in the
		 * first run.
		 */
		took = take_run(log, RECORD_HEADER - have,
		    have == 0 ? 0 : rest - have, &data, &got, err);
		if (took != TOOK_ALL)
			return took;
		if (have == 0) {
			r->start = log->at - got;
			rest = get_le32(data);
			if (rest == 0)
				return ended(log, PG_WAL_END_EMPTY);
			if (rest < RECORD_HEADER || rest > PG_WAL_RECORD_MAX)
				return ended(log, PG_WAL_END_BAD_RECORD);
		}
		memcpy(r->header + have, data, got);
		have += got;
	}
	r->len = rest;
	return TOOK_ALL;
}

static enum took
take_record_body(struct log *log, struct record *r, struct err *err)
{
	uint32_t rest = r->len - RECORD_HEADER;
	const uint8_t *data;
	enum took took;
	uint32_t got, room;

	r->crc = 0;
	r->head_len = 0;
	while (rest > 0) {
		took = take_run(log, rest, rest, &data, &got, err);
		if (took != TOOK_ALL)
			return took;
		r->crc = crc_32c(r->crc, data, got);
		room = PG_RECORD_HEAD_MAX - r->head_len;
		if (room > got)
			room = got;
		memcpy(r->head + r->head_len, data, room);
		r->head_len += room;
		rest -= got;
	}
	return TOOK_ALL;
}

/* The record at log->at, which is aligned; previous: 0 for the first one. */
static enum took
take_record(struct log *log, uint64_t previous, struct record *r,
    struct err *err)
{
	enum took took = take_record_header(log, r, err);
	uint64_t link;

	if (took != TOOK_ALL)
		return took;
	link = get_le64(r->header + 8);
	if (previous == 0 ? link >= r->start : link != previous)
		return ended(log, PG_WAL_END_BAD_RECORD);
	took = take_record_body(log, r, err);
	if (took != TOOK_ALL)
		return took;
	if (crc_32c(r->crc, r->header, 20) != get_le32(r->header + 20))
		return ended(log, PG_WAL_END_BAD_RECORD);
	return TOOK_ALL;
}

static bool
is_kind(const struct record *r, uint8_t kind)
{
	return r->header[17] == PG_RM_XLOG && (r->header[16] & 0xF0) == kind;
}

/* Take a whole record into account, and move to where the next one starts. */
static void
pass_record(struct log *log, const struct pg_wal_plan *plan,
    const struct record *r, struct pg_wal_walk *walk)
{
	uint64_t size = plan->control->wal_segment_size;
	const struct pg_record record = {
		.major = plan->control->major,
		.info = r->header[16],
		.rmid = r->header[17],
		.head = r->head,
		.head_len = r->head_len,
		.body_len = r->len - RECORD_HEADER,
	};

	walk->records++;
	log->at = (log->at + 7) & ~UINT64_C(7);
	if (is_kind(r, PG_XLOG_SWITCH))
		log->at = (log->at + size - 1) / size * size;
	walk->end = log->at;
	if (r->start == plan->checkpoint &&
	    (is_kind(r, PG_XLOG_CHECKPOINT_SHUTDOWN) ||
	    is_kind(r, PG_XLOG_CHECKPOINT_ONLINE))) {
		walk->saw_checkpoint = true;
		walk->checkpoint_kind = r->header[16] & 0xF0;
	}
	if (plan->note && r->len > RECORD_HEADER)
		pg_record_note(&record, &walk->notes);
}

static void
log_init(struct log *log, const struct pg_wal_segments *segments,
    const struct pg_wal_plan *plan)
{
	*log = (struct log){
		.segments = segments,
		.control = plan->control,
		.at = plan->from,
		.page = mem_alloc(plan->control->wal_block_size),
		.page_lsn = UINT64_MAX,
		.number = UINT64_MAX,
	};
}

int
pg_wal_walk(const struct pg_wal_segments *segments,
    const struct pg_wal_plan *plan, struct pg_wal_walk *walk,
    struct err *err)
{
	struct record r = { .head = mem_alloc(PG_RECORD_HEAD_MAX) };
	enum took took = TOOK_END;
	uint64_t previous = 0;
	struct log log;

	*walk = (struct pg_wal_walk){ .end = plan->from };
	log_init(&log, segments, plan);
	/* Past any log there can be; the arithmetic below does not wrap. */
	if (plan->from % 8 != 0 || plan->from > INT64_MAX) {
		log.why = PG_WAL_END_BAD_RECORD;
		goto out;
	}
	for (;;) {
		took = take_record(&log, previous, &r, err);
		if (took == TOOK_OVERWRITTEN)
			continue;	/* with the record that says so */
		if (took != TOOK_ALL)
			break;
		pass_record(&log, plan, &r, walk);
		previous = r.start;
	}
out:
	walk->why = log.why;
	free(log.page);
	free(r.head);
	return took == TOOK_FAILED ? -1 : 0;
}

/* Whether the page at lsn is there and belongs. */
static int
has_page(struct log *log, uint64_t lsn, bool *has, struct err *err)
{
	enum took took = load_page(log, lsn, err);

	*has = took == TOOK_ALL;
	return took == TOOK_FAILED ? -1 : 0;
}

static int
look_beyond(struct log *log, const struct pg_wal_walk *walk, uint64_t *page,
    bool *has_segment, uint64_t *segment, struct err *err)
{
	uint32_t size = log->control->wal_segment_size;
	uint32_t step = log->control->wal_block_size;
	uint64_t last = walk->end / size;
	uint64_t lsn;
	bool has;

	/* From the page after the one that the log ends in. */
	for (lsn = (walk->end / step + 1) * step; lsn / size == last;
	    lsn += step) {
		if (has_page(log, lsn, &has, err) == -1)
			return -1;
		if (has)
			*page = lsn;
	}
	while (!*has_segment &&
	    log->segments->next(log->segments->ctx, last, &last)) {
		if (last > INT64_MAX / size ||
		    has_page(log, last * size, has_segment, err) == -1)
			return last > INT64_MAX / size ? 0 : -1;
		*segment = last;
	}
	return 0;
}

int
pg_wal_beyond(const struct pg_wal_segments *segments,
    const struct pg_wal_plan *plan, struct pg_wal_walk *walk,
    struct err *err)
{
	struct log log;
	int ret;

	log_init(&log, segments, plan);
	walk->later_page = 0;
	walk->has_later_segment = false;
	ret = look_beyond(&log, walk, &walk->later_page,
	    &walk->has_later_segment, &walk->later_segment, err);
	free(log.page);
	return ret;
}
