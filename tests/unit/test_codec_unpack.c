/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * codec/unpack: what gzip, xz, bzip2 and zstd made comes back; damage,
 * cuts and leftovers are found; too much memory is refused.  The inputs are
 * made here through the libraries, and by the programs where installed.
 */
#include <bzlib.h>
#include <errno.h>
#include <lzma.h>
#include <stdlib.h>
#include <zlib.h>
#include <zstd.h>

#include "base/buf.h"
#include "base/bytes.h"
#include "base/err.h"
#include "codec/unpack.h"
#include "harness.h"

static struct err err;

static void
must(bool held, const char *what)
{
	if (held)
		return;
	printf("# %s: %s\n", what, err.text);
	fflush(stdout);
	abort();
}

static uint64_t
random_next(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

static void
make_content(struct buf *out, size_t len)
{
	uint64_t seed = 0x2545f4914f6cdd1d + len;

	while (out->len < len) {
		uint64_t r = random_next(&seed);

		buf_byte(out, (unsigned char)(r % 5 == 0 ? r >> 32 :
		    'a' + (r >> 32) % 4));
	}
}

/* ---- one member of each format ---- */

static void
pack_gzip(struct buf *out, const void *data, size_t len)
{
	size_t cap = len + len / 8 + 100;
	z_stream z;

	memset(&z, 0, sizeof z);
	must(deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) ==
	    Z_OK, "deflateInit2");
	z.next_in = (Bytef *)(uintptr_t)data;
	z.avail_in = (uInt)len;
	z.next_out = (Bytef *)buf_reserve(out, cap);
	z.avail_out = (uInt)cap;
	must(deflate(&z, Z_FINISH) == Z_STREAM_END, "deflate");
	out->len += cap - z.avail_out;
	must(deflateEnd(&z) == Z_OK, "deflateEnd");
}

static void
pack_xz_check(struct buf *out, const void *data, size_t len, lzma_check check)
{
	size_t cap = lzma_stream_buffer_bound(len);
	size_t at = 0;

	must(lzma_easy_buffer_encode(1, check, NULL, data, len,
	    (uint8_t *)buf_reserve(out, cap), &at, cap) == LZMA_OK, "xz");
	out->len += at;
}

static void
pack_xz(struct buf *out, const void *data, size_t len)
{
	pack_xz_check(out, data, len, LZMA_CHECK_CRC64);
}

static void
pack_bzip2(struct buf *out, const void *data, size_t len)
{
	unsigned cap = (unsigned)(len + len / 8 + 1000);

	must(BZ2_bzBuffToBuffCompress(buf_reserve(out, cap), &cap,
	    (char *)(uintptr_t)data, (unsigned)len, 1, 0, 0) == BZ_OK,
	    "bzip2");
	out->len += cap;
}

static void
pack_zstd(struct buf *out, const void *data, size_t len)
{
	size_t cap = ZSTD_compressBound(len);
	ZSTD_CCtx *c = ZSTD_createCCtx();
	size_t n;

	ZSTD_CCtx_setParameter(c, ZSTD_c_checksumFlag, 1);
	n = ZSTD_compress2(c, buf_reserve(out, cap), cap, data, len);
	must(!ZSTD_isError(n), "zstd");
	out->len += n;
	ZSTD_freeCCtx(c);
}

static const struct format {
	const char *name;
	void (*pack)(struct buf *out, const void *data, size_t len);
	const char *make, *take;	/* the programs' commands */
} formats[] = {
	{ "gzip", pack_gzip, "gzip -c", "gzip -dc" },
	{ "xz", pack_xz, "xz -c", "xz -dc" },
	{ "bzip2", pack_bzip2, "bzip2 -c", "bzip2 -dc" },
	{ "zstd", pack_zstd, "zstd -qc", "zstd -dc" },
};

#define FORMATS (sizeof formats / sizeof formats[0])

/* ---- reading ---- */

/* Gives its bytes in pieces of at most step; can fail at a place. */
struct pieces {
	struct reader reader;
	const char *data;
	size_t len, at, step;
	size_t fail_at;		/* SIZE_MAX: never */
};

static int
pieces_read(struct reader *reader, void *data, size_t cap, size_t *got,
    struct err *e)
{
	struct pieces *p = (struct pieces *)(void *)reader;
	size_t n = p->len - p->at;

	if (p->at >= p->fail_at)
		return err_set(e, ERR_IO, EIO, "cannot read");
	if (n > cap)
		n = cap;
	if (n > p->step)
		n = p->step;
	memcpy(data, p->data + p->at, n);
	p->at += n;
	*got = n;
	return 0;
}

static void
pieces_init(struct pieces *p, const struct buf *data, size_t step)
{
	p->reader.read = pieces_read;
	p->data = buf_text(data);
	p->len = data->len;
	p->at = 0;
	p->step = step;
	p->fail_at = SIZE_MAX;
}

/* All of it, in reads of out_step; name is what unpack says it is. */
static int
unpack_pieces(struct pieces *p, size_t out_step, struct buf *out,
    const char **name)
{
	struct unpack *u = NULL;
	struct reader *r;
	size_t got = 1;
	int ret = -1;

	buf_cut(out, 0);
	err_clear(&err);
	*name = "";
	if (unpack_new(&u, &p->reader, &err) == -1)
		return -1;
	*name = unpack_name(u);
	r = unpack_output(u);
	while (got > 0) {
		ret = r->read(r, buf_reserve(out, out_step), out_step, &got,
		    &err);
		if (ret == -1)
			break;
		out->len += got;
	}
	/* The end, and a failure, come again. */
	if (ret == 0)
		must(r->read(r, buf_reserve(out, 1), 1, &got, &err) == 0 &&
		    got == 0, "the end again");
	else
		must(r->read(r, buf_reserve(out, 1), 1, &got, &err) == -1,
		    "the failure again");
	unpack_free(u);
	return ret;
}

static int
unpack_all(const struct buf *in, struct buf *out)
{
	const char *name;
	struct pieces p;

	pieces_init(&p, in, SIZE_MAX);
	return unpack_pieces(&p, 60000, out, &name);
}

static bool
same(const struct buf *a, const struct buf *b)
{
	return a->len == b->len && (a->len == 0 ||
	    memcmp(a->data, b->data, a->len) == 0);
}

static void
test_round_trip(const struct format *f, size_t len)
{
	static const size_t steps[][2] = {
		{ SIZE_MAX, 60000 }, { 1, 60000 }, { 60000, 1 }, { 7, 13 },
		{ 131072, 131072 }
	};
	struct buf content = BUF_EMPTY, in = BUF_EMPTY, out = BUF_EMPTY;
	size_t i;

	make_content(&content, len);
	f->pack(&in, buf_text(&content), len);
	for (i = 0; i < sizeof steps / sizeof steps[0]; i++) {
		struct pieces p;
		const char *name;

		pieces_init(&p, &in, steps[i][0]);
		ok(unpack_pieces(&p, steps[i][1], &out, &name) == 0 &&
		    same(&out, &content), "%s, %zu bytes, way %zu: come back",
		    f->name, len, i);
		is_str(name, f->name, "and it is called %s", f->name);
	}
	buf_release(&content);
	buf_release(&in);
	buf_release(&out);
}

/*
 * Members one after the other, empty ones among them, are one stream; also
 * with zeros between.
 */
static void
test_members(const struct format *f, unsigned zeros)
{
	static const size_t lens[] = { 1000, 0, 1, 200000, 0 };
	struct buf content = BUF_EMPTY, in = BUF_EMPTY, out = BUF_EMPTY;
	unsigned k;
	size_t i;

	for (i = 0; i < sizeof lens / sizeof lens[0]; i++) {
		struct buf piece = BUF_EMPTY;

		make_content(&piece, lens[i]);
		f->pack(&in, buf_text(&piece), piece.len);
		buf_append(&content, buf_text(&piece), piece.len);
		buf_release(&piece);
		for (k = 0; k < zeros; k++)
			buf_byte(&in, 0);
	}
	ok(unpack_all(&in, &out) == 0 && same(&out, &content),
	    "%s: members with %u zeros between are joined", f->name, zeros);
	buf_release(&content);
	buf_release(&in);
	buf_release(&out);
}

static void
test_after_the_end(const struct format *f)
{
	struct buf content = BUF_EMPTY, in = BUF_EMPTY, out = BUF_EMPTY;
	char place[64];
	size_t end, i;

	make_content(&content, 5000);
	f->pack(&in, content.data, content.len);
	end = in.len;
	for (i = 0; i < 400000; i++)
		buf_byte(&in, 0);
	ok(unpack_all(&in, &out) == 0 && same(&out, &content),
	    "%s: zeros may follow", f->name);
	in.data[in.len - 1] = 1;
	ok(unpack_all(&in, &out) == -1 && err.class == ERR_DAMAGED,
	    "%s: but nothing after them: %s", f->name, err.text);
	buf_cut(&in, end);
	buf_puts(&in, "rest");
	ok(unpack_all(&in, &out) == -1 && err.class == ERR_DAMAGED,
	    "%s: and nothing else: %s", f->name, err.text);
	(void)snprintf(place, sizeof place, "%s data at byte %zu", f->name,
	    end);
	ok(strncmp(err.text, place, strlen(place)) == 0,
	    "%s: the place is named", f->name);
	ok(same(&out, &content), "%s: after all that was sound", f->name);
	buf_cut(&in, end);
	buf_append(&in, in.data, 6);
	ok(unpack_all(&in, &out) == -1 && err.class == ERR_DAMAGED,
	    "%s: nor a member cut off: %s", f->name, err.text);
	buf_release(&content);
	buf_release(&in);
	buf_release(&out);
}

static void
test_every_length(const struct format *f)
{
	struct buf content = BUF_EMPTY, in = BUF_EMPTY, out = BUF_EMPTY;
	unsigned passed = 0, placeless = 0, class = 0;
	size_t i, magic = f->pack == pack_bzip2 ? 10 : 6;

	make_content(&content, 700);
	f->pack(&in, content.data, content.len);
	for (i = magic; i < in.len; i++) {
		const struct buf cut = { in.data, i, 0 };

		passed += unpack_all(&cut, &out) == 0;
		class += err.class != ERR_DAMAGED;
		placeless += strstr(err.text, "data at byte ") == NULL;
	}
	is_u64(passed, 0, "%s: cut at each of %zu lengths: found", f->name,
	    in.len);
	is_u64(class, 0, "%s: and said to be damage", f->name);
	is_u64(placeless, 0, "%s: with the place: %s", f->name, err.text);
	buf_release(&content);
	buf_release(&in);
	buf_release(&out);
}

/* No flip may give wrong content with a good end. */
static void
test_every_bit(const struct format *f)
{
	struct buf content = BUF_EMPTY, in = BUF_EMPTY, out = BUF_EMPTY;
	unsigned wrong = 0, unseen = 0;
	size_t i;

	make_content(&content, 700);
	f->pack(&in, content.data, content.len);
	for (i = 0; i < in.len * 8; i++) {
		struct pieces p;
		const char *name;

		in.data[i / 8] = (char)(in.data[i / 8] ^ 1 << i % 8);
		pieces_init(&p, &in, SIZE_MAX);
		if (unpack_pieces(&p, 60000, &out, &name) == 0 &&
		    strcmp(name, "none") != 0) {
			unseen++;
			wrong += !same(&out, &content);
		}
		in.data[i / 8] = (char)(in.data[i / 8] ^ 1 << i % 8);
	}
	is_u64(wrong, 0, "%s: no flip of %zu bits gives wrong content",
	    f->name, in.len * 8);
	/* gzip's time, system and the like; bits that fill up a byte. */
	ok(unseen <= 80, "%s: %u of them change nothing", f->name, unseen);
	buf_release(&content);
	buf_release(&in);
	buf_release(&out);
}

/* gzip's two sums, each on its own. */
static void
test_gzip_trailer(void)
{
	struct buf content = BUF_EMPTY, in = BUF_EMPTY, out = BUF_EMPTY;
	size_t i;

	make_content(&content, 1000);
	for (i = 1; i <= 8; i++) {
		buf_cut(&in, 0);
		pack_gzip(&in, content.data, content.len);
		in.data[in.len - i] ^= 1;
		pack_gzip(&in, "x", 1);
		ok(unpack_all(&in, &out) == -1 && err.class == ERR_DAMAGED,
		    "gzip, %zu bytes before the end: %s", i, err.text);
	}
	buf_release(&content);
	buf_release(&in);
	buf_release(&out);
}

/* Every check xz knows is made; one that nobody knows is not passed over. */
static void
test_xz_checks(void)
{
	static const lzma_check checks[] = {
		LZMA_CHECK_NONE, LZMA_CHECK_CRC32, LZMA_CHECK_CRC64,
		LZMA_CHECK_SHA256
	};
	struct buf content = BUF_EMPTY, in = BUF_EMPTY, out = BUF_EMPTY;
	uint8_t *p;
	size_t i;

	make_content(&content, 1000);
	for (i = 0; i < 4; i++) {
		buf_cut(&in, 0);
		pack_xz_check(&in, content.data, content.len, checks[i]);
		ok(unpack_all(&in, &out) == 0 && same(&out, &content),
		    "xz with check number %d", (int)checks[i]);
	}
	/* Check number 15, with its header's and footer's CRC put right. */
	p = (uint8_t *)in.data;
	p[7] = 15;
	put_le32(p + 8, lzma_crc32(p + 6, 2, 0));
	p[in.len - 3] = 15;
	put_le32(p + in.len - 12, lzma_crc32(p + in.len - 8, 6, 0));
	ok(unpack_all(&in, &out) == -1 && err.class == ERR_LIMIT,
	    "xz with an unknown check: %s", err.text);
	buf_release(&content);
	buf_release(&in);
	buf_release(&out);
}

/* An xz dictionary of 2^log bytes takes about that to unpack. */
static int
unpack_xz_dictionary(uint32_t size, struct buf *out)
{
	lzma_options_lzma options;
	lzma_filter filters[] = {
		{ LZMA_FILTER_LZMA2, &options }, { LZMA_VLI_UNKNOWN, NULL }
	};
	lzma_stream z = LZMA_STREAM_INIT;
	struct buf in = BUF_EMPTY;
	uint8_t *p;
	int ret;

	must(!lzma_lzma_preset(&options, 0), "preset");
	must(lzma_stream_encoder(&z, filters, LZMA_CHECK_CRC32) == LZMA_OK,
	    "encoder");
	z.next_in = (const uint8_t *)"abc";
	z.avail_in = 3;
	z.next_out = (uint8_t *)buf_reserve(&in, 4096);
	z.avail_out = 4096;
	must(lzma_code(&z, LZMA_FINISH) == LZMA_STREAM_END, "xz");
	in.len = 4096 - z.avail_out;
	lzma_end(&z);
	/*
	 * Say another size afterwards, because to pack with it takes ten
	 * times as much: the filter's one property byte, then the CRC of the
	 * block header (size byte, flags, id, length, property, padding).
	 */
	options.dict_size = size;
	p = (uint8_t *)in.data + 12;
	must(p[0] == 2 && p[1] == 0 && p[2] == 0x21 && p[3] == 1,
	    "block header");
	must(lzma_properties_encode(&filters[0], p + 4) == LZMA_OK,
	    "properties");
	put_le32(p + 8, lzma_crc32(p, 8, 0));
	ret = unpack_all(&in, out);
	buf_release(&in);
	return ret;
}

static void
test_xz_memory(void)
{
	struct buf out = BUF_EMPTY;

	ok(unpack_xz_dictionary((uint32_t)128 << 20, &out) == 0 && out.len == 3,
	    "xz: a dictionary of 128 MiB");
	ok(unpack_xz_dictionary((uint32_t)192 << 20, &out) == -1 &&
	    err.class == ERR_LIMIT, "xz: 192 MiB: %s", err.text);
	ok(unpack_xz_dictionary(UINT32_MAX, &out) == -1 &&
	    err.class == ERR_LIMIT, "xz: 4 GiB: %s", err.text);
	buf_release(&out);
}

/* A frame of one byte whose header asks for a window of 2^log + bytes / 8. */
static int
unpack_zstd_window(unsigned log, unsigned eighths, struct buf *out)
{
	uint8_t frame[] = {
		0x28, 0xb5, 0x2f, 0xfd, 0x00, 0, 0x09, 0x00, 0x00, 'x'
	};
	const struct buf in = { (char *)frame, sizeof frame, 0 };

	frame[5] = (uint8_t)((log - 10) << 3 | eighths);
	return unpack_all(&in, out);
}

static void
test_zstd_window(void)
{
	struct buf out = BUF_EMPTY;

	ok(unpack_zstd_window(26, 7, &out) == 0 && out.len == 1,
	    "zstd: a window just below 128 MiB");
	ok(unpack_zstd_window(27, 0, &out) == 0 && out.len == 1,
	    "zstd: a window of 128 MiB");
	ok(unpack_zstd_window(27, 1, &out) == -1 && err.class == ERR_LIMIT,
	    "zstd: just above: %s", err.text);
	ok(unpack_zstd_window(41, 7, &out) == -1 && err.class == ERR_LIMIT,
	    "zstd: 3.75 TiB: %s", err.text);
	buf_release(&out);
}

static void
test_zstd_skippable(void)
{
	static const char skippable[] = "\x5f\x2a\x4d\x18\x03\0\0\0abc";
	struct buf in = BUF_EMPTY, out = BUF_EMPTY;
	const char *name;
	struct pieces p;

	buf_append(&in, skippable, 11);
	pack_zstd(&in, "one", 3);
	buf_append(&in, skippable, 11);
	pack_zstd(&in, "two", 3);
	buf_append(&in, skippable, 11);
	pieces_init(&p, &in, 5);
	ok(unpack_pieces(&p, 100, &out, &name) == 0 && out.len == 6 &&
	    memcmp(out.data, "onetwo", 6) == 0, "zstd: skippable frames");
	is_str(name, "zstd", "even the first");
	buf_cut(&in, in.len - 1);
	ok(unpack_all(&in, &out) == -1 && err.class == ERR_DAMAGED,
	    "zstd: the last one cut off: %s", err.text);
	buf_release(&in);
	buf_release(&out);
}

static void
test_plain(void)
{
	static const char *const texts[] = {
		"", "x", "BZh9 is not enough", "BZh91AY&S", "\x1f\x8b",
		"\xfd\x37zXZ", "\x28\xb5\x2f", "\x1f\x8b\x09 other method"
	};
	struct buf in = BUF_EMPTY, out = BUF_EMPTY;
	const char *name;
	struct pieces p;
	size_t i;

	for (i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		buf_set(&in, texts[i], strlen(texts[i]));
		pieces_init(&p, &in, 3);
		ok(unpack_pieces(&p, 2, &out, &name) == 0 && same(&out, &in) &&
		    strcmp(name, "none") == 0, "plain text %zu", i);
	}
	buf_cut(&in, 0);
	make_content(&in, 1000000);
	pieces_init(&p, &in, 77777);
	ok(unpack_pieces(&p, 5555, &out, &name) == 0 && same(&out, &in),
	    "much plain text");
	buf_release(&in);
	buf_release(&out);
}

static void
test_read_errors(void)
{
	struct buf content = BUF_EMPTY, in = BUF_EMPTY, out = BUF_EMPTY;
	size_t i, k;

	make_content(&content, 3000);
	for (i = 0; i <= FORMATS; i++) {
		unsigned bad = 0;

		buf_cut(&in, 0);
		if (i < FORMATS)
			formats[i].pack(&in, content.data, content.len);
		else
			buf_append(&in, content.data, content.len);
		for (k = 0; k <= in.len; k += 20) {
			struct pieces p;
			const char *name;

			pieces_init(&p, &in, 20);
			p.fail_at = k;
			bad += unpack_pieces(&p, 100, &out, &name) != -1 ||
			    err.class != ERR_IO || err.sys != EIO;
		}
		is_u64(bad, 0, "%s: a read error is a read error",
		    i < FORMATS ? formats[i].name : "none");
	}
	buf_release(&content);
	buf_release(&in);
	buf_release(&out);
}

/* ---- the programs themselves ---- */

static void
from_command(const char *command, struct buf *out)
{
	FILE *pipe = popen(command, "r");
	size_t n;

	buf_cut(out, 0);
	must(pipe != NULL, "popen");
	while ((n = fread(buf_reserve(out, 65536), 1, 65536, pipe)) > 0)
		out->len += n;
	must(pclose(pipe) == 0, command);
}

static void
test_program(const struct format *f)
{
	struct buf content = BUF_EMPTY, in = BUF_EMPTY, out = BUF_EMPTY;
	char command[300];

	(void)snprintf(command, sizeof command, "command -v %s >/dev/null",
	    f->name);
	if (system(command) != 0) {
		(void)snprintf(command, sizeof command,
		    "%s is not installed", f->name);
		skip(command);
		return;
	}
	(void)snprintf(command, sizeof command,
	    "(seq 1 200000 | %s; seq 1 9 | %s)", f->make, f->make);
	from_command(command, &in);
	from_command("(seq 1 200000; seq 1 9)", &content);
	ok(unpack_all(&in, &out) == 0 && same(&out, &content),
	    "what %s makes", f->name);
	(void)snprintf(command, sizeof command,
	    "(seq 1 200000 | %s; seq 1 9 | %s) | %s", f->make, f->make,
	    f->take);
	from_command(command, &in);
	ok(same(&in, &out), "%s agrees", f->take);
	buf_release(&content);
	buf_release(&in);
	buf_release(&out);
}

int
main(void)
{
	size_t i;

	for (i = 0; i < FORMATS; i++) {
		test_round_trip(&formats[i], 0);
		test_round_trip(&formats[i], 1);
		test_round_trip(&formats[i], 300000);
		test_members(&formats[i], 0);
		test_members(&formats[i], 4);
		test_members(&formats[i], 300001);
		test_after_the_end(&formats[i]);
		test_every_length(&formats[i]);
		test_every_bit(&formats[i]);
		test_program(&formats[i]);
	}
	test_gzip_trailer();
	test_xz_checks();
	test_xz_memory();
	test_zstd_window();
	test_zstd_skippable();
	test_plain();
	test_read_errors();
	unpack_free(NULL);
	return done();
}
