/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * codec/frames: what goes in comes out, whatever the threads; damage is
 * found and named; and zstd itself agrees.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zstd.h>

#include "base/buf.h"
#include "base/bytes.h"
#include "base/err.h"
#include "codec/frames.h"
#include "harness.h"

static struct err err;

static uint64_t
random_next(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

/* Words of few letters with noise between: packs to about a third. */
static void
make_content(struct buf *out, size_t len)
{
	uint64_t seed = 0x2545f4914f6cdd1d + len;
	char *p = buf_reserve(out, len);
	size_t i;

	for (i = 0; i < len; i++) {
		uint64_t r = random_next(&seed);

		p[i] = (char)(r % 5 == 0 ? r >> 32 : 'a' + (r >> 32) % 4);
	}
	out->len += len;
}

static void
must(bool held, const char *what)
{
	if (held)
		return;
	printf("# %s: %s\n", what, err.text);
	fflush(stdout);
	abort();
}

/* A writer that remembers each call as one unit, and can fail. */
struct units {
	struct writer writer;
	struct buf data;
	size_t lens[64];
	size_t count;
	size_t fail_at;		/* the call that fails; SIZE_MAX: none */
};

static int
units_write(struct writer *writer, const void *data, size_t len, struct err *e)
{
	struct units *u = (struct units *)(void *)writer;

	if (u->count == u->fail_at)
		return err_set(e, ERR_IO, ENOSPC, "no room for the frame");
	must(u->count < 64, "too many units");
	u->lens[u->count++] = len;
	buf_append(&u->data, data, len);
	return 0;
}

static void
units_init(struct units *u)
{
	memset(u, 0, sizeof *u);
	u->writer.write = units_write;
	u->fail_at = SIZE_MAX;
}

/* A source that looks at the order of reads, and can have a bad place. */
struct watched {
	struct source source;
	const uint8_t *data;
	uint64_t next;		/* where the last read ended */
	bool is_in_order;
	uint64_t bad_at;	/* reads that touch it fail; UINT64_MAX: none */
	uint64_t bad_end;
};

static int
watched_read_at(struct source *source, uint64_t offset, void *data, size_t len,
    struct err *e)
{
	struct watched *w = (struct watched *)(void *)source;

	if (offset > source->size || len > source->size - offset)
		return err_set(e, ERR_DAMAGED, 0, "read beyond the end");
	if (offset != w->next)
		w->is_in_order = false;
	w->next = offset + len;
	if (offset < w->bad_end && offset + len > w->bad_at)
		return err_set(e, ERR_IO, EIO, "cannot read");
	memcpy(data, w->data + offset, len);
	return 0;
}

static void
watched_init(struct watched *w, const struct buf *archive)
{
	memset(w, 0, sizeof *w);
	w->source.size = archive->len;
	w->source.read_at = watched_read_at;
	w->data = (const uint8_t *)archive->data;
	w->is_in_order = true;
	w->bad_at = UINT64_MAX;
}

static void
pack(struct units *u, const struct buf *content, unsigned threads)
{
	const struct frame_options options = { threads, FRAME_LEVEL_DEFAULT };
	struct frame_writer *w = NULL;
	uint64_t seed = 7;
	size_t at = 0;

	units_init(u);
	must(frame_writer_new(&w, &u->writer, &options, &err) == 0, "new");
	while (at < content->len) {
		size_t n = (size_t)(random_next(&seed) % 3000000);

		if (n > content->len - at)
			n = content->len - at;
		must(frame_writer_input(w)->write(frame_writer_input(w),
		    content->data + at, n, &err) == 0, "write");
		at += n;
		must(frame_writer_offset(w) == at, "offset");
	}
	must(frame_writer_finish(w, &err) == 0, "finish");
	frame_writer_free(w);
}

static void
read_table(struct seek_table *t, const struct buf *archive)
{
	struct memory_source m;

	must(seek_table_read(t, memory_source_init(&m, archive->data,
	    archive->len), &err) == 0, "seek table");
}

/* All that the reader gives; its result. */
static int
drain(struct frame_reader *r, struct buf *out)
{
	struct reader *output = frame_reader_output(r);
	char piece[50000];
	size_t got;

	for (;;) {
		if (output->read(output, piece, sizeof piece, &got, &err) == -1)
			return -1;
		if (got == 0)
			return 0;
		buf_append(out, piece, got);
	}
}

static int
unpack_from(struct source *in, const struct seek_table *t, uint64_t from,
    unsigned threads, struct buf *out)
{
	const struct frame_options options = { threads, 0 };
	struct frame_reader *r = NULL;
	int ret = -1;

	buf_cut(out, 0);
	if (frame_reader_new(&r, in, t, from, &options, &err) == 0)
		ret = drain(r, out);
	frame_reader_free(r);
	return ret;
}

static bool
is_tail(const struct buf *got, const struct buf *content, uint64_t from)
{
	return got->len == content->len - from && (got->len == 0 ||
	    memcmp(got->data, content->data + from, got->len) == 0);
}

/* Each unit but the last is one zstd frame; the last is the seek table. */
static void
check_units(const struct units *u, size_t len)
{
	size_t frames = (len + FRAME_SIZE - 1) / FRAME_SIZE;
	unsigned bad = 0;
	size_t at = 0;
	size_t i;

	is_u64(u->count, frames + 1, "%zu bytes: one write for each frame",
	    len);
	for (i = 0; i + 1 < u->count; i++) {
		size_t want = i + 1 < frames ? FRAME_SIZE :
		    len - i * FRAME_SIZE;

		bad += ZSTD_findFrameCompressedSize(u->data.data + at,
		    u->data.len - at) != u->lens[i] ||
		    ZSTD_getFrameContentSize(u->data.data + at, u->lens[i]) !=
		    want;
		at += u->lens[i];
	}
	is_u64(bad, 0, "%zu bytes: each of its right size", len);
}

static void
test_round_trip(size_t len)
{
	static const unsigned threads[] = { 0, 1, 4, 100 };
	struct seek_table t = SEEK_TABLE_EMPTY;
	struct buf content = BUF_EMPTY, out = BUF_EMPTY;
	struct units first, u;
	struct watched w;
	size_t i;

	make_content(&content, len);
	pack(&first, &content, 0);
	check_units(&first, len);
	read_table(&t, &first.data);
	is_u64(t.content_total, len, "%zu bytes: the table knows", len);
	for (i = 0; i < sizeof threads / sizeof threads[0]; i++) {
		pack(&u, &content, threads[i]);
		ok(u.data.len == first.data.len && memcmp(u.data.data,
		    first.data.data, u.data.len) == 0,
		    "%zu bytes, %u threads: the same archive", len,
		    threads[i]);
		buf_release(&u.data);
		watched_init(&w, &first.data);
		ok(unpack_from(&w.source, &t, 0, threads[i], &out) == 0 &&
		    is_tail(&out, &content, 0),
		    "%zu bytes, %u threads: come back", len, threads[i]);
		ok(w.is_in_order && w.next == t.packed_total,
		    "%zu bytes, %u threads: all frames read in order", len,
		    threads[i]);
	}
	seek_table_release(&t);
	buf_release(&first.data);
	buf_release(&out);
	buf_release(&content);
}

static void
test_from(void)
{
	static const uint64_t froms[] = {
		1, FRAME_SIZE - 1, FRAME_SIZE, FRAME_SIZE + 1,
		2 * FRAME_SIZE + 99, 2 * FRAME_SIZE + 100
	};
	struct seek_table t = SEEK_TABLE_EMPTY;
	struct buf content = BUF_EMPTY, out = BUF_EMPTY;
	struct memory_source m;
	struct units u;
	size_t i;

	make_content(&content, 2 * FRAME_SIZE + 100);
	pack(&u, &content, 2);
	read_table(&t, &u.data);
	memory_source_init(&m, u.data.data, u.data.len);
	for (i = 0; i < sizeof froms / sizeof froms[0]; i++)
		ok(unpack_from(&m.source, &t, froms[i], (unsigned)i % 3,
		    &out) == 0 && is_tail(&out, &content, froms[i]),
		    "reading starts at byte %" PRIu64, froms[i]);
	ok(unpack_from(&m.source, &t, content.len + 1, 0, &out) == -1 &&
	    err.class == ERR_DAMAGED, "but not beyond the end: %s", err.text);
	seek_table_release(&t);
	buf_release(&u.data);
	buf_release(&out);
	buf_release(&content);
}

static void
test_writer_options(void)
{
	static const int levels[] = {
		0, 1, FRAME_LEVEL_MAX, FRAME_LEVEL_MAX + 1
	};
	struct buf content = BUF_EMPTY;
	size_t i;

	make_content(&content, 300000);
	for (i = 0; i < 4; i++) {
		const struct frame_options options = { 1, levels[i] };
		struct frame_writer *w = NULL;
		struct units u;
		int ret;

		units_init(&u);
		ret = frame_writer_new(&w, &u.writer, &options, &err);
		if (levels[i] < 1 || levels[i] > FRAME_LEVEL_MAX) {
			ok(ret == -1 && err.class == ERR_USAGE,
			    "level %d: %s", levels[i], err.text);
			continue;
		}
		ok(ret == 0 && frame_writer_input(w)->write(
		    frame_writer_input(w), content.data, content.len, &err) ==
		    0 && frame_writer_finish(w, &err) == 0, "level %d",
		    levels[i]);
		frame_writer_free(w);
		buf_release(&u.data);
	}
	buf_release(&content);
	ok(frame_threads_default() >= 1 &&
	    frame_threads_default() <= FRAME_JOBS_MAX, "threads by default: %u",
	    frame_threads_default());
}

/* Each write to down fails in turn; the error stays, and free() is clean. */
static void
test_writer_failure(unsigned threads)
{
	const struct frame_options options = { threads, 1 };
	struct buf content = BUF_EMPTY;
	size_t fail_at, i;

	make_content(&content, FRAME_SIZE);
	for (fail_at = 0; fail_at < 7; fail_at += fail_at < 2 ? 1 : 2) {
		struct frame_writer *w = NULL;
		struct writer *in;
		struct units u;
		int ret = 0;

		units_init(&u);
		u.fail_at = fail_at;
		must(frame_writer_new(&w, &u.writer, &options, &err) == 0,
		    "new");
		in = frame_writer_input(w);
		for (i = 0; i < 6 && ret == 0; i++)
			ret = in->write(in, content.data, content.len, &err);
		if (ret == 0)
			ret = frame_writer_finish(w, &err);
		ok(ret == -1 && err.class == ERR_IO && err.sys == ENOSPC,
		    "%u threads, write %zu fails: so does ours", threads,
		    fail_at);
		err_clear(&err);
		ok(in->write(in, "x", 1, &err) == -1 && err.sys == ENOSPC,
		    "and every later one");
		err_clear(&err);
		ok(frame_writer_finish(w, &err) == -1 && err.sys == ENOSPC,
		    "and finish");
		is_u64(u.count, fail_at, "nothing went down afterwards");
		frame_writer_free(w);
		buf_release(&u.data);
	}
	buf_release(&content);
}

/* free() at any time, with work under way. */
static void
test_free_early(unsigned threads)
{
	const struct frame_options options = { threads, FRAME_LEVEL_DEFAULT };
	struct seek_table t = SEEK_TABLE_EMPTY;
	struct buf content = BUF_EMPTY;
	struct memory_source m;
	struct units u;
	size_t frames;

	make_content(&content, 5 * FRAME_SIZE);
	for (frames = 0; frames <= 5; frames++) {
		struct frame_writer *w = NULL;
		struct writer *in;

		units_init(&u);
		must(frame_writer_new(&w, &u.writer, &options, &err) == 0,
		    "new");
		in = frame_writer_input(w);
		must(in->write(in, content.data, frames * FRAME_SIZE, &err) ==
		    0, "write");
		frame_writer_free(w);
		buf_release(&u.data);
	}
	pack(&u, &content, 2);
	read_table(&t, &u.data);
	memory_source_init(&m, u.data.data, u.data.len);
	for (frames = 0; frames <= 5; frames++) {
		struct frame_reader *r = NULL;
		char byte;
		size_t got, i;

		must(frame_reader_new(&r, &m.source, &t, 0, &options, &err) ==
		    0, "new");
		for (i = 0; i < frames; i++)
			must(frame_reader_output(r)->read(
			    frame_reader_output(r), &byte, 1, &got, &err) == 0,
			    "read");
		frame_reader_free(r);
	}
	frame_writer_free(NULL);
	frame_reader_free(NULL);
	ok(true, "%u threads: freed at every stage", threads);
	seek_table_release(&t);
	buf_release(&u.data);
	buf_release(&content);
}

/* ---- damage: archives of small frames, made with zstd itself ---- */

enum {
	WITHOUT_CHECKSUM = 1,
	WITHOUT_SIZE = 2,
	WITH_DICTIONARY = 4
};

static void
append_frame(struct buf *out, const void *content, size_t len, int flags)
{
	ZSTD_CCtx *c = ZSTD_createCCtx();
	size_t cap = ZSTD_compressBound(len);
	size_t n;

	ZSTD_CCtx_setParameter(c, ZSTD_c_checksumFlag,
	    (flags & WITHOUT_CHECKSUM) == 0);
	ZSTD_CCtx_setParameter(c, ZSTD_c_contentSizeFlag,
	    (flags & WITHOUT_SIZE) == 0);
	if ((flags & WITH_DICTIONARY) != 0)
		ZSTD_CCtx_loadDictionary(c, content, len);
	n = ZSTD_compress2(c, buf_reserve(out, cap), cap, content, len);
	must(!ZSTD_isError(n), "compress");
	out->len += n;
	ZSTD_freeCCtx(c);
}

/* count frames of different kinds: text, runs, noise that stays raw. */
static void
small_archive(struct buf *archive, struct buf *content, struct seek_table *t,
    size_t count)
{
	uint64_t seed = 99;
	size_t i, k;

	for (i = 0; i < count; i++) {
		size_t before = archive->len;
		struct buf piece = BUF_EMPTY;

		if (i % 3 == 0)
			make_content(&piece, 400 + i);
		else
			for (k = 0; k < 90 + i; k++)
				buf_byte(&piece, (unsigned char)(i % 3 == 1 ?
				    'r' : random_next(&seed)));
		append_frame(archive, piece.data, piece.len, 0);
		buf_append(content, piece.data, piece.len);
		must(seek_table_add(t, archive->len - before, piece.len,
		    &err) == 0, "add");
		buf_release(&piece);
	}
	seek_table_format(t, archive);
}

/*
 * Whether the archive is given back whole and without an error, as an honest
 * caller would find out.
 */
static bool
passes(const struct buf *archive, struct buf *out)
{
	struct seek_table t = SEEK_TABLE_EMPTY;
	struct memory_source m;
	bool has_passed;

	memory_source_init(&m, archive->data, archive->len);
	buf_cut(out, 0);
	has_passed = seek_table_read(&t, &m.source, &err) == 0 &&
	    unpack_from(&m.source, &t, 0, 0, out) == 0;
	seek_table_release(&t);
	return has_passed;
}

/* Bytes that say nothing about the content but must be right all the same. */
static bool
is_strict(const struct seek_table *t, size_t place)
{
	size_t i;

	for (i = 0; i < t->count && place >= t->frames[i].packed; i++)
		place -= t->frames[i].packed;
	return i == t->count || place < 6 || place + 4 >= t->frames[i].packed;
}

/*
 * A compressed block has a few bits that change nothing (what is left of a
 * byte after a Huffman table): zstd's checksum is of the content.  Only there
 * may a change go unseen, and only while the content is right.
 */
static void
test_every_bit(void)
{
	struct seek_table t = SEEK_TABLE_EMPTY;
	struct buf archive = BUF_EMPTY, content = BUF_EMPTY, out = BUF_EMPTY;
	unsigned wrong = 0, strict = 0, unseen = 0;
	size_t i;

	small_archive(&archive, &content, &t, 4);
	ok(passes(&archive, &out) && is_tail(&out, &content, 0),
	    "small frames come back");
	for (i = 0; i < archive.len * 8; i++) {
		archive.data[i / 8] = (char)(archive.data[i / 8] ^ 1 << i % 8);
		if (passes(&archive, &out)) {
			wrong += !is_tail(&out, &content, 0);
			strict += is_strict(&t, i / 8);
			unseen++;
		}
		archive.data[i / 8] = (char)(archive.data[i / 8] ^ 1 << i % 8);
	}
	is_u64(wrong, 0, "no flip of %zu bits gives wrong content",
	    archive.len * 8);
	is_u64(strict, 0, "flips in headers, checksums and table are all seen");
	ok(unseen < archive.len * 8 / 200, "so are others but for %u", unseen);
	for (i = 0; i < archive.len; i++) {
		char byte = archive.data[i];

		archive.data[i] = (char)~byte;
		wrong += passes(&archive, &out) && !is_tail(&out, &content, 0);
		archive.data[i] = (char)(byte == 0 ? 1 : 0);
		wrong += passes(&archive, &out) && !is_tail(&out, &content, 0);
		archive.data[i] = byte;
	}
	is_u64(wrong, 0, "nor does a change of %zu bytes", archive.len);
	seek_table_release(&t);
	buf_release(&archive);
	buf_release(&content);
	buf_release(&out);
}

static void
test_every_length(void)
{
	struct seek_table t = SEEK_TABLE_EMPTY;
	struct buf archive = BUF_EMPTY, content = BUF_EMPTY, out = BUF_EMPTY;
	unsigned undetected = 0, with_table = 0;
	size_t i;

	small_archive(&archive, &content, &t, 4);
	for (i = 0; i < archive.len; i++) {
		const struct buf cut = { archive.data, i, 0 };
		struct memory_source m;

		undetected += passes(&cut, &out);
		if (i >= t.packed_total)
			continue;
		/* The table is at hand, and the medium ends earlier. */
		memory_source_init(&m, archive.data, i);
		with_table += unpack_from(&m.source, &t, 0, i % 2 * 2, &out)
		    == 0;
	}
	is_u64(undetected, 0, "cut at each of %zu lengths: found", archive.len);
	is_u64(with_table, 0, "also with the table at hand");
	seek_table_release(&t);
	buf_release(&archive);
	buf_release(&content);
	buf_release(&out);
}

/* One frame and a table that says packed and content of it. */
static void
is_refused_frame(const struct buf *frame, uint64_t content, const char *what)
{
	struct seek_table t = SEEK_TABLE_EMPTY;
	struct buf out = BUF_EMPTY;
	struct memory_source m;

	must(seek_table_add(&t, frame->len, content, &err) == 0, "add");
	memory_source_init(&m, frame->data, frame->len);
	ok(unpack_from(&m.source, &t, 0, 0, &out) == -1 &&
	    err.class == ERR_DAMAGED && strncmp(err.text,
	    "frame 0 at byte 0: ", 19) == 0 && out.len == 0,
	    "%s: %s", what, err.text);
	buf_release(&out);
	seek_table_release(&t);
}

static void
test_strange_frames(void)
{
	static const struct {
		const char *what;
		int flags;
		uint64_t content;
	} kinds[] = {
		{ "without checksum", WITHOUT_CHECKSUM, 500 },
		{ "without its size", WITHOUT_SIZE, 500 },
		{ "with a dictionary", WITH_DICTIONARY, 500 },
		{ "less than the table says", 0, 501 },
		{ "more than the table says", 0, 499 },
		{ "nothing, the table says", 0, 0 },
	};
	struct buf content = BUF_EMPTY, frame = BUF_EMPTY;
	size_t i;

	make_content(&content, 500);
	for (i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		buf_cut(&frame, 0);
		append_frame(&frame, content.data, content.len,
		    kinds[i].flags);
		is_refused_frame(&frame, kinds[i].content, kinds[i].what);
	}
	buf_cut(&frame, 0);
	append_frame(&frame, content.data, content.len, 0);
	frame.data[4] = (char)(frame.data[4] | 1);
	is_refused_frame(&frame, 500, "with a dictionary's number");
	buf_cut(&frame, 0);
	append_frame(&frame, content.data, 250, 0);
	append_frame(&frame, content.data + 250, 250, 0);
	is_refused_frame(&frame, 500, "two frames in one");
	buf_cut(&frame, 0);
	append_frame(&frame, content.data, content.len, 0);
	buf_byte(&frame, 0);
	is_refused_frame(&frame, 500, "a byte more");
	buf_cut(&frame, frame.len - 2);
	is_refused_frame(&frame, 500, "a byte less");
	buf_set(&frame, "\x50\x2a\x4d\x18\4\0\0\0skip", 12);
	is_refused_frame(&frame, 0, "a skippable frame");
	buf_cut(&frame, 4);
	is_refused_frame(&frame, 0, "no more than a magic number");
	buf_release(&frame);
	buf_release(&content);
}

/* A frame of no content between others is read, checked and passed over. */
static void
test_empty_frames(void)
{
	struct seek_table t = SEEK_TABLE_EMPTY;
	struct buf archive = BUF_EMPTY, out = BUF_EMPTY;
	const char *parts[] = { "", "one", "", "", "two", "" };
	const struct buf want = { (char *)(uintptr_t)"onetwo", 6, 0 };
	struct watched w;
	size_t i;

	for (i = 0; i < 6; i++) {
		size_t before = archive.len;

		append_frame(&archive, parts[i], strlen(parts[i]), 0);
		must(seek_table_add(&t, archive.len - before, strlen(parts[i]),
		    &err) == 0, "add");
	}
	seek_table_format(&t, &archive);
	ok(passes(&archive, &out) && is_tail(&out, &want, 0),
	    "frames without content");
	watched_init(&w, &archive);
	ok(unpack_from(&w.source, &t, 0, 0, &out) == 0 && w.is_in_order &&
	    w.next == t.packed_total, "are read all the same");
	archive.data[t.packed_total - 1] ^= 1;
	ok(!passes(&archive, &out), "and checked");
	seek_table_release(&t);
	buf_release(&archive);
	buf_release(&out);
}

/* ---- going on after damage ---- */

#define SKIP_FRAMES 9

/* Read all, skipping the bad; out gets zeros for what is lost. */
static unsigned
salvage(struct frame_reader *r, struct buf *out, bool *has_ended)
{
	unsigned losses = 0;

	*has_ended = false;
	for (;;) {
		uint64_t from, to;
		bool has_more;

		if (drain(r, out) == 0) {
			*has_ended = true;
			return losses;
		}
		has_more = frame_reader_skip(r, &from, &to);
		losses++;
		must(from == out->len && to > from, "lost range");
		for (; from < to; from++)
			buf_byte(out, 0);
		if (!has_more)
			return losses;
	}
}

/* bits: which of the frames are bad. */
static void
test_skip(unsigned bits, unsigned threads)
{
	const struct frame_options options = { threads, 0 };
	struct seek_table t = SEEK_TABLE_EMPTY;
	struct buf archive = BUF_EMPTY, content = BUF_EMPTY, out = BUF_EMPTY;
	struct frame_reader *r = NULL;
	struct memory_source m;
	unsigned bad = 0, losses;
	bool has_ended;
	char byte;
	size_t i, got;

	small_archive(&archive, &content, &t, SKIP_FRAMES);
	for (i = 0; i < SKIP_FRAMES; i++) {
		uint64_t packed_at, content_at;

		if ((bits >> i & 1) == 0)
			continue;
		bad++;
		seek_table_place(&t, i, &packed_at, &content_at);
		archive.data[packed_at + t.frames[i].packed - 1] ^= 1;
		memset(content.data + content_at, 0, t.frames[i].content);
	}
	must(frame_reader_new(&r, memory_source_init(&m, archive.data,
	    archive.len), &t, 0, &options, &err) == 0, "new");
	losses = salvage(r, &out, &has_ended);
	ok(losses == bad && is_tail(&out, &content, 0),
	    "frames 0x%x bad, %u threads: all others given", bits, threads);
	ok(has_ended == ((bits >> (SKIP_FRAMES - 1) & 1) == 0),
	    "the end is sound only when the last frame is");
	if (!has_ended)
		ok(frame_reader_output(r)->read(frame_reader_output(r), &byte,
		    1, &got, &err) == -1, "and else stays an error");
	frame_reader_free(r);
	seek_table_release(&t);
	buf_release(&archive);
	buf_release(&content);
	buf_release(&out);
}

/* The failure comes after all that stood before it, and comes again. */
static void
test_failure_in_its_place(unsigned threads, bool is_read_error)
{
	const struct frame_options options = { threads, 0 };
	struct seek_table t = SEEK_TABLE_EMPTY;
	struct buf archive = BUF_EMPTY, content = BUF_EMPTY, out = BUF_EMPTY;
	uint64_t packed_at, content_at, from, to;
	char text[ERR_TEXT_MAX];
	struct frame_reader *r = NULL;
	struct watched w;
	bool has_ended;

	small_archive(&archive, &content, &t, SKIP_FRAMES);
	seek_table_place(&t, 4, &packed_at, &content_at);
	watched_init(&w, &archive);
	if (is_read_error) {
		w.bad_at = packed_at + 3;
		w.bad_end = packed_at + 4;
	} else {
		archive.data[packed_at + t.frames[4].packed - 1] ^= 1;
	}
	must(frame_reader_new(&r, &w.source, &t, content_at - 5, &options,
	    &err) == 0, "new");
	ok(drain(r, &out) == -1 && out.len == 5,
	    "%u threads: what is before the bad frame comes first", threads);
	(void)snprintf(text, sizeof text, is_read_error ?
	    "frame 4: cannot read: " : "frame 4 at byte %" PRIu64 ": ",
	    packed_at);
	ok(err.class == (is_read_error ? ERR_IO : ERR_DAMAGED) &&
	    strncmp(err.text, text, strlen(text)) == 0, "then: %s", err.text);
	err_clear(&err);
	ok(drain(r, &out) == -1 && out.len == 5 && err.class != ERR_NONE,
	    "and again");
	ok(frame_reader_skip(r, &from, &to) && from == content_at &&
	    to == content_at + t.frames[4].content, "the loss is named");
	buf_cut(&out, 0);
	ok(salvage(r, &out, &has_ended) == 0 && is_tail(&out, &content, to),
	    "the rest comes");
	frame_reader_free(r);
	seek_table_release(&t);
	buf_release(&archive);
	buf_release(&content);
	buf_release(&out);
}

static void
test_skip_with_from(void)
{
	const struct frame_options options = { 0, 0 };
	struct seek_table t = SEEK_TABLE_EMPTY;
	struct buf archive = BUF_EMPTY, content = BUF_EMPTY, out = BUF_EMPTY;
	struct frame_reader *r = NULL;
	struct memory_source m;
	uint64_t from, to;

	small_archive(&archive, &content, &t, 2);
	archive.data[t.frames[0].packed - 1] ^= 1;
	must(frame_reader_new(&r, memory_source_init(&m, archive.data,
	    archive.len), &t, 30, &options, &err) == 0, "new");
	ok(drain(r, &out) == -1 && frame_reader_skip(r, &from, &to) &&
	    from == 30 && to == t.frames[0].content,
	    "bytes that nobody asked for are not lost");
	frame_reader_free(r);
	seek_table_release(&t);
	buf_release(&archive);
	buf_release(&content);
	buf_release(&out);
}

/* ---- threads ---- */

/* The value of a line in a file of /proc; 0 when there is none. */
static uint64_t
proc_value(const char *path, const char *key, int base)
{
	FILE *file = fopen(path, "r");
	char line[256];
	uint64_t value = 0;

	if (file == NULL)
		return 0;
	while (fgets(line, sizeof line, file) != NULL)
		if (strncmp(line, key, strlen(key)) == 0)
			value = strtoull(line + strlen(key), NULL, base);
	(void)fclose(file);	/* read-only: nothing to lose */
	return value;
}

static void
test_threads(unsigned threads)
{
	const struct frame_options options = { threads, 1 };
	uint64_t before = proc_value("/proc/self/status", "Threads:", 10);
	struct frame_writer *w = NULL;
	struct units u;
	sigset_t now;

	if (before == 0) {
		skip("no /proc here");
		return;
	}
	units_init(&u);
	must(frame_writer_new(&w, &u.writer, &options, &err) == 0, "new");
	is_u64(proc_value("/proc/self/status", "Threads:", 10) - before,
	    threads, "%u threads asked for, as many started", threads);
	frame_writer_free(w);
	buf_release(&u.data);
	must(pthread_sigmask(SIG_SETMASK, NULL, &now) == 0, "sigmask");
	ok(sigismember(&now, SIGTERM) == 0, "our own signal mask is unchanged");
}

static volatile sig_atomic_t handler_thread_is_main;

static void
on_signal(int number)
{
	(void)number;
	handler_thread_is_main = getpid() == gettid();
}

/* Even when our thread blocks a signal, no worker takes it. */
static void
test_workers_take_no_signals(void)
{
	const struct frame_options options = { 2, 1 };
	struct sigaction action;
	struct frame_writer *w = NULL;
	struct units u;
	sigset_t usr1;

	memset(&action, 0, sizeof action);
	action.sa_handler = on_signal;
	sigaction(SIGUSR1, &action, NULL);
	units_init(&u);
	must(frame_writer_new(&w, &u.writer, &options, &err) == 0, "new");
	sigemptyset(&usr1);
	sigaddset(&usr1, SIGUSR1);
	pthread_sigmask(SIG_BLOCK, &usr1, NULL);
	kill(getpid(), SIGUSR1);
	frame_writer_free(w);
	pthread_sigmask(SIG_UNBLOCK, &usr1, NULL);
	ok(handler_thread_is_main == 1, "the workers take no signals");
	buf_release(&u.data);
}

/* ---- the tool that everybody has ---- */

/* Exit status of a shell command made of its parts. */
__attribute__((format(printf, 1, 2))) static int
run(const char *fmt, ...)
{
	char command[1024];
	va_list args;
	int status;

	va_start(args, fmt);
	(void)vsnprintf(command, sizeof command, fmt, args);
	va_end(args);
	status = system(command);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void
write_file(const char *path, const struct buf *data)
{
	FILE *file = fopen(path, "wb");

	must(file != NULL && (data->len == 0 ||
	    fwrite(data->data, 1, data->len, file) == data->len) &&
	    fclose(file) == 0, "temporary file");
}

static void
test_zstd_agrees(size_t len)
{
	const char *tmp = getenv("TMPDIR");
	char dir[400], archive[420], plain[420];
	struct buf content = BUF_EMPTY;
	struct units u;

	if (run("command -v zstd >/dev/null") != 0) {
		skip("zstd is not installed");
		return;
	}
	(void)snprintf(dir, sizeof dir, "%s/drydock-frames-XXXXXX",
	    tmp != NULL ? tmp : "/tmp");
	must(mkdtemp(dir) != NULL, "temporary folder");
	(void)snprintf(archive, sizeof archive, "%s/a.zst", dir);
	(void)snprintf(plain, sizeof plain, "%s/plain", dir);
	make_content(&content, len);
	pack(&u, &content, 2);
	write_file(archive, &u.data);
	write_file(plain, &content);
	ok(run("zstd -q -t '%s'", archive) == 0, "%zu bytes: zstd -t", len);
	ok(run("zstd -dc '%s' | cmp -s - '%s'", archive, plain) == 0,
	    "%zu bytes: zstd -d gives them", len);
	/* zstd -lv names counts and sizes, except for no frames at all. */
	if (len > 0) {
		ok(run("zstd -lv '%s' 2>&1 | grep -q '^# Zstandard Frames: "
		    "%zu$'", archive, (len + FRAME_SIZE - 1) / FRAME_SIZE) ==
		    0, "%zu bytes: zstd -l counts the frames", len);
		ok(run("zstd -lv '%s' 2>&1 | grep -q '^Decompressed Size:.*"
		    "(%zu B)'", archive, len) == 0,
		    "%zu bytes: zstd -l knows the size", len);
		ok(run("zstd -lv '%s' 2>&1 | grep -q '^Check: XXH64'",
		    archive) == 0, "%zu bytes: zstd -l sees checksums", len);
	}
	(void)unlink(archive);
	(void)unlink(plain);
	(void)rmdir(dir);
	buf_release(&u.data);
	buf_release(&content);
}

int
main(void)
{
	static const size_t lens[] = {
		0, 1, FRAME_SIZE - 1, FRAME_SIZE, FRAME_SIZE + 1,
		6 * FRAME_SIZE + 12345
	};
	unsigned i;

	for (i = 0; i < sizeof lens / sizeof lens[0]; i++)
		test_round_trip(lens[i]);
	test_from();
	test_writer_options();
	for (i = 0; i <= 4; i += 4) {
		test_writer_failure(i);
		test_free_early(i);
	}
	test_every_bit();
	test_every_length();
	test_strange_frames();
	test_empty_frames();
	for (i = 0; i <= 4; i += 2) {
		test_skip(0, i);
		test_skip(1, i);
		test_skip(0x16, i);
		test_skip(1 << (SKIP_FRAMES - 1), i);
		test_skip((1 << SKIP_FRAMES) - 1, i);
		test_failure_in_its_place(i, false);
		test_failure_in_its_place(i, true);
	}
	test_skip_with_from();
	for (i = 0; i <= 4; i++)
		test_threads(i);
	test_workers_take_no_signals();
	test_zstd_agrees(0);
	test_zstd_agrees(1000);
	test_zstd_agrees(2 * FRAME_SIZE + 5);
	return done();
}
