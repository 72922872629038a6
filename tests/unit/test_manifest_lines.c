/* SPDX-License-Identifier: BSD-2-Clause */
/* manifest/manifest: every field there and back, and every line refused. */
#include <errno.h>
#include <stdlib.h>

#include "base/err.h"
#include "base/mem.h"
#include "harness.h"
#include "manifest/manifest.h"

#define SUM "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
#define HEAD "#mtree\n# drydock-manifest 1\n"
#define ROOT "#@ offset=0\n" \
	". type=dir uid=0 gid=0 mode=0755 nlink=2 time=0.000000000\n"
#define FIFO "./f type=fifo uid=0 gid=0 mode=0600 nlink=1 time=0.000000000\n"

/* ------------------------------------------------------ ends for chains */

/* Keeps what is written, and how often; fails when told to. */
struct sink {
	struct writer writer;
	struct buf out;
	unsigned calls;
	size_t least;		/* bytes of the smallest call but the last */
	size_t last;
	bool fails;
};

static int
sink_write(struct writer *writer, const void *data, size_t len,
    struct err *err)
{
	struct sink *s = (struct sink *)(void *)writer;

	if (s->fails)
		return err_set(err, ERR_IO, ENOSPC, "cannot write");
	if (s->calls > 0 && (s->least == 0 || s->last < s->least))
		s->least = s->last;
	s->last = len;
	s->calls++;
	buf_append(&s->out, data, len);
	return 0;
}

/* At most step bytes a call; fails at its end when told to. */
struct spout {
	struct reader reader;
	const char *data;
	size_t len;
	size_t step;
	bool fails;
};

static int
spout_read(struct reader *reader, void *data, size_t cap, size_t *got,
    struct err *err)
{
	struct spout *s = (struct spout *)(void *)reader;
	size_t n = s->len;

	if (n == 0 && s->fails)
		return err_set(err, ERR_IO, EIO, "cannot read");
	if (n > s->step)
		n = s->step;
	if (n > cap)
		n = cap;
	memcpy(data, s->data, n);
	s->data += n;
	s->len -= n;
	*got = n;
	return 0;
}

/* ------------------------------------------------------------- writing */

static struct entry
root_entry(void)
{
	struct entry e = ENTRY_EMPTY;

	e.type = ENTRY_DIR;
	e.mode = 0755;
	e.nlink = 2;
	e.has_tar_offset = true;
	return e;
}

/* The manifest of root and one entry; false when the writer refused it. */
static bool
write_one(const struct entry *e, struct sink *sink, struct err *err)
{
	struct entry root = root_entry();
	struct manifest_writer w;
	bool held;

	sink->writer.write = sink_write;
	held = manifest_writer_init(&w, &sink->writer, err) == 0 &&
	    manifest_writer_add(&w, &root, err) == 0 &&
	    manifest_writer_add(&w, e, err) == 0 &&
	    manifest_writer_finish(&w, err) == 0;
	manifest_writer_release(&w);
	return held;
}

/* The second entry of such a manifest. */
static bool
read_second(const struct buf *text, size_t step, struct entry *e,
    struct err *err)
{
	struct spout up = { { spout_read }, text->data, text->len, step,
	    false };
	struct entry after = ENTRY_EMPTY;
	struct manifest_reader *r = NULL;
	bool is_end = true, held;

	held = manifest_reader_new(&r, &up.reader, err) == 0 &&
	    manifest_reader_next(r, e, &is_end, err) == 0 && !is_end &&
	    manifest_reader_next(r, e, &is_end, err) == 0 && !is_end &&
	    manifest_reader_next(r, &after, &is_end, err) == 0 && is_end;
	manifest_reader_free(r);
	entry_release(&after);
	return held;
}

static bool
buf_equal(const struct buf *a, const struct buf *b)
{
	return a->len == b->len &&
	    memcmp(buf_text(a), buf_text(b), a->len) == 0;
}

static bool
entry_equal(const struct entry *a, const struct entry *b)
{
	return buf_equal(&a->path, &b->path) && buf_equal(&a->link, &b->link) &&
	    buf_equal(&a->hardlink, &b->hardlink) && a->type == b->type &&
	    a->mode == b->mode && a->uid == b->uid && a->gid == b->gid &&
	    a->mtime_s == b->mtime_s && a->mtime_ns == b->mtime_ns &&
	    a->size == b->size && a->nlink == b->nlink &&
	    a->rdev_major == b->rdev_major && a->rdev_minor == b->rdev_minor &&
	    a->flags == b->flags && a->has_sha256 == b->has_sha256 &&
	    memcmp(a->sha256, b->sha256, 32) == 0 &&
	    a->has_attrs == b->has_attrs &&
	    memcmp(a->attrs_sha256, b->attrs_sha256, 32) == 0 &&
	    a->has_tar_offset == b->has_tar_offset &&
	    a->tar_offset == b->tar_offset && a->is_sparse == b->is_sparse &&
	    a->data_bytes == b->data_bytes && a->changed == b->changed;
}

/* There and back with whole and with single bytes, then e is released. */
static void
check_round_trip(struct entry *e, const char *what)
{
	struct sink sink = { .out = BUF_EMPTY };
	struct entry again = ENTRY_EMPTY;
	struct err err;

	err_clear(&err);
	ok(write_one(e, &sink, &err), "%s: written%s%s", what,
	    err.text[0] == '\0' ? "" : " -- ", err.text);
	ok(read_second(&sink.out, SIZE_MAX, &again, &err) &&
	    entry_equal(&again, e), "%s: read back the same", what);
	ok(read_second(&sink.out, 1, &again, &err) &&
	    entry_equal(&again, e), "%s: and byte by byte", what);
	buf_release(&sink.out);
	entry_release(&again);
	entry_release(e);
}

static struct entry
file_entry(void)
{
	struct entry e = ENTRY_EMPTY;

	buf_puts(&e.path, "a");
	e.mode = 0644;
	e.nlink = 1;
	e.size = 3;
	e.has_sha256 = true;
	memset(e.sha256, 0x5a, 32);
	return e;
}

static struct entry
typed_entry(enum entry_type type)
{
	struct entry e = ENTRY_EMPTY;

	buf_puts(&e.path, "dir/x");
	e.type = type;
	e.nlink = 1;
	return e;
}

static void
test_every_type(void)
{
	struct entry e = file_entry();

	check_round_trip(&e, "file");
	e = typed_entry(ENTRY_DIR);
	check_round_trip(&e, "directory");
	e = typed_entry(ENTRY_FIFO);
	check_round_trip(&e, "fifo");
	e = typed_entry(ENTRY_SOCKET);
	check_round_trip(&e, "socket");
	e = typed_entry(ENTRY_SYMLINK);
	buf_puts(&e.link, "../../etc/pass wd#=\\\n\xff");
	check_round_trip(&e, "symbolic link");
	e = typed_entry(ENTRY_CHAR);
	e.rdev_major = 1;
	e.rdev_minor = 3;
	check_round_trip(&e, "character device");
	e = typed_entry(ENTRY_BLOCK);
	e.rdev_major = UINT32_MAX;
	e.rdev_minor = UINT32_MAX;
	check_round_trip(&e, "block device, highest numbers");
	e = typed_entry(ENTRY_CHAR);
	check_round_trip(&e, "device 0,0");
}

static void
test_every_field_at_its_ends(void)
{
	struct entry e = file_entry();

	e.uid = UINT32_MAX;
	e.gid = UINT32_MAX;
	e.mode = 07777;
	e.nlink = UINT64_MAX;
	e.size = INT64_MAX;
	e.mtime_s = INT64_MAX;
	e.mtime_ns = 999999999;
	e.has_tar_offset = true;
	e.tar_offset = INT64_MAX;
	e.has_attrs = true;
	memset(e.attrs_sha256, 0xff, 32);
	e.flags = ENTRY_FLAGS_KEPT;
	e.is_sparse = true;
	e.data_bytes = INT64_MAX;
	e.changed = CHANGE_UNREADABLE;
	check_round_trip(&e, "highest values");
	e = file_entry();
	e.mode = 0;
	e.nlink = 0;
	e.size = 0;
	e.mtime_s = INT64_MIN;
	e.is_sparse = true;
	check_round_trip(&e, "lowest values");
	e = file_entry();
	e.mtime_s = -1;
	e.mtime_ns = 1;
	check_round_trip(&e, "just before 1970");
	e = file_entry();
	e.has_sha256 = false;
	memset(e.sha256, 0, 32);
	buf_puts(&e.hardlink, "b c/d");
	check_round_trip(&e, "hard link");
	e = typed_entry(ENTRY_SYMLINK);
	buf_puts(&e.link, "t");
	buf_puts(&e.hardlink, "l");
	check_round_trip(&e, "hard link to a symbolic link");
}

static void
test_every_mode_flag_and_change(void)
{
	char what[64];
	struct entry e;
	uint32_t bit;
	unsigned c;

	for (bit = 1; bit <= 07777; bit <<= 1) {
		e = file_entry();
		e.mode = bit;
		(void)snprintf(what, sizeof what, "mode %o", bit);
		check_round_trip(&e, what);
	}
	for (bit = 8; bit <= 0x80; bit <<= 1) {
		e = file_entry();
		e.flags = bit;
		(void)snprintf(what, sizeof what, "flag %x", bit);
		check_round_trip(&e, what);
	}
	for (c = CHANGE_NONE; c <= CHANGE_UNREADABLE; c++) {
		e = file_entry();
		e.changed = (enum entry_change)c;
		check_round_trip(&e, entry_change_name(e.changed));
	}
}

/* A path of names of 100 bytes, each byte of which needs its escape. */
static void
set_long_path(struct buf *path, size_t len)
{
	size_t i;

	buf_cut(path, 0);
	for (i = 0; i < len; i++)
		buf_byte(path, i % 101 == 100 ? '/' : ' ');
}

static void
test_longest_texts(void)
{
	struct entry e = file_entry();
	unsigned c;

	buf_cut(&e.path, 0);
	for (c = 1; c < 256; c++)
		if (c != '/')
			buf_byte(&e.path, (unsigned char)c);
	check_round_trip(&e, "every byte a name can have");
	e = file_entry();
	set_long_path(&e.path, ENTRY_PATH_MAX);
	e.has_sha256 = false;
	memset(e.sha256, 0, 32);
	set_long_path(&e.hardlink, ENTRY_PATH_MAX - 1);
	e.has_attrs = true;
	e.flags = ENTRY_FLAGS_KEPT;
	check_round_trip(&e, "longest paths, all escaped");
	e = typed_entry(ENTRY_SYMLINK);
	for (c = 0; c < ENTRY_LINK_MAX; c++)
		buf_byte(&e.link, '\n');
	check_round_trip(&e, "longest link target");
}

static void
test_exact_bytes(void)
{
	struct entry e = file_entry();
	struct sink sink = { .out = BUF_EMPTY };
	struct err err;

	buf_puts(&e.path, " b");
	e.uid = 70;
	e.gid = 71;
	e.mode = 04600;
	e.mtime_s = 1700000000;
	e.mtime_ns = 5;
	e.has_tar_offset = true;
	e.tar_offset = 512;
	e.has_attrs = true;
	memset(e.attrs_sha256, 0x11, 32);
	e.flags = 0x30;
	e.is_sparse = true;
	e.data_bytes = 2;
	e.changed = CHANGE_GREW;
	ok(write_one(&e, &sink, &err), "written");
	is_str(buf_text(&sink.out), HEAD ROOT "#@ offset=512 "
	    "attrs=1111111111111111111111111111111111111111111111111111111111"
	    "111111 flags=immutable,append data=2 changed=grew\n"
	    "./a\\040b type=file uid=70 gid=71 mode=04600 nlink=1 size=3 "
	    "time=1700000000.000000005 sha256=5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5"
	    "a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a\n"
	    "#@ end entries=2 bytes=3\n", "as the manual page has it");
	buf_release(&sink.out);
	entry_release(&e);
}

/* Each of these ruins a good entry in one way. */
static void ruin_type(struct entry *e) { e->type = ENTRY_FIFO; }
static void ruin_sum(struct entry *e) { e->has_sha256 = false; }
static void ruin_size(struct entry *e) { e->size = (uint64_t)INT64_MAX + 1; }
static void ruin_mode(struct entry *e) { e->mode = 010000; }
static void ruin_ns(struct entry *e) { e->mtime_ns = 1000000000; }
static void ruin_flags(struct entry *e) { e->flags = 4; }
static void ruin_rdev(struct entry *e) { e->rdev_minor = 1; }
static void ruin_path(struct entry *e) { buf_puts(&e->path, "/../b"); }
static void ruin_dot(struct entry *e) { buf_puts(&e->path, "/."); }
static void ruin_slash(struct entry *e) { buf_byte(&e->path, '/'); }
static void ruin_nul(struct entry *e) { buf_append(&e->path, "\0", 1); }
static void ruin_root(struct entry *e) { buf_cut(&e->path, 0); }
static void ruin_link(struct entry *e) { buf_puts(&e->link, "x"); }
static void ruin_hard(struct entry *e) { buf_puts(&e->hardlink, "b"); }

static void
ruin_self(struct entry *e)
{
	e->has_sha256 = false;
	buf_puts(&e->hardlink, "a");
}

static void
ruin_hardlink(struct entry *e)
{
	e->has_sha256 = false;
	buf_puts(&e->hardlink, "../b");
}

static void
ruin_data(struct entry *e)
{
	e->is_sparse = true;
	e->data_bytes = 4;
}

static void
ruin_offset(struct entry *e)
{
	e->has_tar_offset = true;	/* 0, as the root's */
}

static void
ruin_high_offset(struct entry *e)
{
	e->has_tar_offset = true;
	e->tar_offset = (uint64_t)INT64_MAX + 1;
}

static void
ruin_path_length(struct entry *e)
{
	set_long_path(&e->path, ENTRY_PATH_MAX + 1);
}

static void
ruin_name_length(struct entry *e)
{
	while (e->path.len <= ENTRY_NAME_MAX)
		buf_byte(&e->path, 'n');
}

static void
ruin_target(struct entry *e)
{
	e->type = ENTRY_SYMLINK;
	e->has_sha256 = false;
	e->size = 0;
	while (e->link.len <= ENTRY_LINK_MAX)
		buf_byte(&e->link, 't');
}

static void
ruin_target_nul(struct entry *e)
{
	e->type = ENTRY_SYMLINK;
	e->has_sha256 = false;
	e->size = 0;
	buf_append(&e->link, "a\0b", 3);
}

static void
ruin_no_target(struct entry *e)
{
	e->type = ENTRY_SYMLINK;
	e->has_sha256 = false;
	e->size = 0;
}

static void
test_writer_refuses_what_the_reader_would(void)
{
	static const struct {
		void (*ruin)(struct entry *e);
		const char *word;
	} cases[] = {
		{ ruin_type, "digest" },
		{ ruin_sum, "digest" },
		{ ruin_size, "size" },
		{ ruin_mode, "mode" },
		{ ruin_ns, "time" },
		{ ruin_flags, "flags" },
		{ ruin_rdev, "device" },
		{ ruin_path, ".." },
		{ ruin_dot, "'.'" },
		{ ruin_slash, "ends in '/'" },
		{ ruin_nul, "NUL" },
		{ ruin_root, "root" },
		{ ruin_link, "target" },
		{ ruin_hard, "digest" },
		{ ruin_self, "itself" },
		{ ruin_hardlink, "hard link" },
		{ ruin_data, "data" },
		{ ruin_offset, "offset" },
		{ ruin_high_offset, "offset" },
		{ ruin_path_length, "too long" },
		{ ruin_name_length, "too long" },
		{ ruin_target, "too long" },
		{ ruin_target_nul, "NUL" },
		{ ruin_no_target, "target" },
	};
	size_t i;

	for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct sink sink = { .out = BUF_EMPTY };
		struct entry e = file_entry();
		struct err err;

		cases[i].ruin(&e);
		ok(!write_one(&e, &sink, &err) && err.class == ERR_DAMAGED &&
		    strstr(err.text, cases[i].word) != NULL,
		    "writer refuses case %zu: %s", i, cases[i].word);
		buf_release(&sink.out);
		entry_release(&e);
	}
}

static void
test_writer_wants_a_root(void)
{
	struct sink sink = { { sink_write }, BUF_EMPTY, 0, 0, 0, false };
	struct manifest_writer w;
	struct entry e = file_entry();
	struct err err;

	(void)manifest_writer_init(&w, &sink.writer, &err);
	ok(manifest_writer_finish(&w, &err) == -1, "no entry at all");
	ok(manifest_writer_add(&w, &e, &err) == -1, "a file first");
	buf_cut(&e.path, 0);
	ok(manifest_writer_add(&w, &e, &err) == -1, "a file as the root");
	manifest_writer_release(&w);
	entry_release(&e);
	buf_release(&sink.out);
}

static void
test_writer_counts_bytes_without_overflow(void)
{
	struct sink sink = { { sink_write }, BUF_EMPTY, 0, 0, 0, false };
	struct entry root = root_entry(), e = file_entry();
	struct manifest_writer w;
	struct err err;

	(void)manifest_writer_init(&w, &sink.writer, &err);
	e.size = INT64_MAX;
	ok(manifest_writer_add(&w, &root, &err) == 0 &&
	    manifest_writer_add(&w, &e, &err) == 0 &&
	    manifest_writer_add(&w, &e, &err) == 0, "2^64 - 2 bytes");
	e.size = 2;
	ok(manifest_writer_add(&w, &e, &err) == -1 &&
	    strstr(err.text, "together") != NULL, "2^64 are too many");
	e.size = 1;
	ok(manifest_writer_add(&w, &e, &err) == 0 &&
	    manifest_writer_finish(&w, &err) == 0, "2^64 - 1 are not");
	ok(strstr(buf_text(&sink.out),
	    "#@ end entries=4 bytes=18446744073709551615\n") != NULL, "as said");
	manifest_writer_release(&w);
	entry_release(&e);
	buf_release(&sink.out);
}

static void
test_writer_batches(void)
{
	struct sink sink = { { sink_write }, BUF_EMPTY, 0, 0, 0, false };
	struct entry root = root_entry(), e = file_entry();
	struct manifest_writer w;
	struct err err;
	unsigned i, bad = 0;

	(void)manifest_writer_init(&w, &sink.writer, &err);
	bad += manifest_writer_add(&w, &root, &err) != 0;
	for (i = 0; i < 5000; i++)
		bad += manifest_writer_add(&w, &e, &err) != 0;
	bad += manifest_writer_finish(&w, &err) != 0;
	is_u64(bad, 0, "5000 entries written");
	ok(sink.calls > 2 && sink.least >= 65536,
	    "in calls of 64 KiB or more, but the last (%zu)", sink.least);
	sink.fails = true;
	(void)manifest_writer_release(&w);
	(void)manifest_writer_init(&w, &sink.writer, &err);
	(void)manifest_writer_add(&w, &root, &err);
	ok(manifest_writer_finish(&w, &err) == -1 && err.class == ERR_IO &&
	    err.sys == ENOSPC, "a failing write is passed on");
	manifest_writer_release(&w);
	entry_release(&e);
	buf_release(&sink.out);
}

/* ------------------------------------------------------------- reading */

/* Read all of it: entries, or -1 with err. */
static long
read_all(const char *text, size_t len, size_t step, struct err *err)
{
	struct spout up = { { spout_read }, text, len, step, false };
	struct manifest_reader *r;
	struct entry e = ENTRY_EMPTY;
	bool is_end = false;
	long n = 0;

	if (manifest_reader_new(&r, &up.reader, err) == -1)
		return -1;
	while (n != -1 && !is_end) {
		if (manifest_reader_next(r, &e, &is_end, err) == -1)
			n = -1;
		else if (!is_end)
			n++;
	}
	manifest_reader_free(r);
	entry_release(&e);
	return n;
}

static void
test_good_text(void)
{
	static const char text[] = HEAD ROOT FIFO "#@ end entries=2 bytes=0\n";
	struct err err;
	size_t cut, wrong = 0;

	ok(read_all(text, sizeof text - 1, SIZE_MAX, &err) == 2,
	    "the least a manifest has, and a line without '#@'");
	ok(read_all(text, sizeof text - 1, 1, &err) == 2, "byte by byte");
	for (cut = 0; cut < sizeof text - 1; cut++)
		if (read_all(text, cut, SIZE_MAX, &err) != -1 ||
		    err.class != ERR_DAMAGED)
			wrong++;
	is_u64(wrong, 0, "cut anywhere, it is damaged");
}

/* Every single byte of a manifest replaced by every other one. */
static void
test_any_changed_byte(void)
{
	static const char good[] = HEAD ROOT "#@ offset=512 flags=append\n"
	    "./a\\040b type=file uid=1 gid=2 mode=0644 nlink=1 size=3 "
	    "time=-1.000000001 sha256=" SUM "\n"
	    "#@ end entries=2 bytes=3\n";
	char text[sizeof good];
	size_t i, same = 0, accepted = 0;
	struct err err;
	unsigned c;

	memcpy(text, good, sizeof good);
	for (i = 0; i < sizeof good - 1; i++) {
		for (c = 0; c < 256; c++) {
			if ((char)c == good[i])
				continue;
			text[i] = (char)c;
			if (read_all(text, sizeof good - 1, SIZE_MAX, &err) ==
			    -1)
				continue;
			accepted++;
			/* Only a value or name may have become another one. */
			if (strchr("0123456789abcdef -\\", good[i]) == NULL)
				same++;
		}
		text[i] = good[i];
	}
	ok(accepted > 0 && same == 0,
	    "a changed byte is refused, or is another good value "
	    "(%zu places where it should not)", same);
}

struct hostile {
	const char *lines;	/* between ROOT and the end */
	const char *word;	/* in the error */
};

static const struct hostile hostile_lines[] = {
	{ "\n", "line 5, byte 1: no good 'path'" },
	{ "# comment\n" FIFO, "path" },
	{ " " FIFO, "path" },
	{ "f type=fifo\n", "path" },
	{ "/etc/x type=fifo\n", "path" },
	{ ".x type=fifo\n", "path" },
	{ "./ type=fifo\n", "path" },
	{ ".\n", "type=" },
	{ "./f\n", "type=" },
	{ "./f \n", "type=" },
	{ "./f type=\n", "type=" },
	{ "./f type=files\n", "type=" },
	{ "./f type=fil\n", "type=" },
	{ "./f type=unknown\n", "type=" },
	{ "./f  type=fifo uid=0\n", "type=" },
	{ "./f uid=0 type=fifo\n", "type=" },
	{ "./f type=fifo gid=0 uid=0\n", "uid=" },
	{ "./f type=fifo uid=0 uid=0 gid=0\n", "gid=" },
	{ "./f type=fifo uid=4294967296 gid=0\n", "uid=" },
	{ "./f type=fifo uid=00 gid=0\n", "uid=" },
	{ "./f type=fifo uid=-1 gid=0\n", "uid=" },
	{ "./f type=fifo uid= gid=0\n", "uid=" },
	{ "./f type=fifo uid=0x1 gid=0\n", "gid=" },
	{ "./f type=fifo uid=0 gid=0 mode=600 nlink=1\n", "mode=" },
	{ "./f type=fifo uid=0 gid=0 mode=000600 nlink=1\n", "mode=" },
	{ "./f type=fifo uid=0 gid=0 mode=010000 nlink=1\n", "mode=" },
	{ "./f type=fifo uid=0 gid=0 mode=0608 nlink=1\n", "mode=" },
	{ "./f type=fifo uid=0 gid=0 mode=0600 nlink=18446744073709551616\n",
	    "nlink=" },
	{ "./f type=fifo uid=0 gid=0 mode=0600 nlink=1 size=0 time=0.0\n",
	    "time=" },
	{ "./f type=fifo uid=0 gid=0 mode=0600 nlink=1 time=0\n", "time=" },
	{ "./f type=fifo uid=0 gid=0 mode=0600 nlink=1 time=0.\n", "time=" },
	{ "./f type=fifo uid=0 gid=0 mode=0600 nlink=1 time=0.00000000\n",
	    "time=" },
	{ "./f type=fifo uid=0 gid=0 mode=0600 nlink=1 time=0.0000000000\n",
	    "end of line" },
	{ "./f type=fifo uid=0 gid=0 mode=0600 nlink=1 time=0.-00000001\n",
	    "time=" },
	{ "./f type=fifo uid=0 gid=0 mode=0600 nlink=1 time=-0.000000000\n",
	    "time=" },
	{ "./f type=fifo uid=0 gid=0 mode=0600 nlink=1 time=--1.000000000\n",
	    "time=" },
	{ "./f type=fifo uid=0 gid=0 mode=0600 nlink=1 "
	    "time=9223372036854775808.000000000\n", "time=" },
	{ "./f type=fifo uid=0 gid=0 mode=0600 nlink=1 "
	    "time=-9223372036854775809.000000000\n", "time=" },
	{ "./f type=fifo uid=0 gid=0 mode=0600 nlink=1 time=0.000000000 "
	    "optional\n", "end of line" },
	{ "./f type=fifo uid=0 gid=0 mode=0600 nlink=1 time=0.000000000 \n",
	    "end of line" },
	{ "./f type=fifo uid=0 gid=0 mode=0600 nlink=1 time=0.000000000\r\n",
	    "end of line" },
	{ "./f type=fifo uid=0 gid=0 mode=0600 nlink=1 time=0.000000000 "
	    "sha256=" SUM "\n", "end of line" },
	{ "./a type=file uid=0 gid=0 mode=0600 nlink=1 time=0.000000000\n",
	    "size=" },
	{ "./a type=file uid=0 gid=0 mode=0600 nlink=1 "
	    "size=9223372036854775808 time=0.000000000 sha256=" SUM "\n",
	    "size over the limit" },
	{ "./a type=file uid=0 gid=0 mode=0600 nlink=1 size=3 "
	    "time=0.000000000\n", "sha256=" },
	{ "./a type=file uid=0 gid=0 mode=0600 nlink=1 size=3 "
	    "time=0.000000000 sha256=" SUM "0\n", "end of line" },
	{ "./a type=file uid=0 gid=0 mode=0600 nlink=1 size=3 "
	    "time=0.000000000 sha256=BA7816bf8f01cfea414140de5dae2223b00361a3"
	    "96177a9cb410ff61f20015ad\n", "sha256=" },
	{ "./a type=file uid=0 gid=0 mode=0600 nlink=1 size=3 "
	    "time=0.000000000 sha256=ba78\n", "sha256=" },
	{ "./l type=link uid=0 gid=0 mode=0777 nlink=1 time=0.000000000\n",
	    "link=" },
	{ "./l type=link uid=0 gid=0 mode=0777 nlink=1 time=0.000000000 "
	    "link=\n", "target" },
	{ "./l type=link uid=0 gid=0 mode=0777 nlink=1 time=0.000000000 "
	    "link=a\\000b\n", "link=" },
	{ "./l type=link uid=0 gid=0 mode=0777 nlink=1 time=0.000000000 "
	    "link=a b\n", "end of line" },
	{ "./c type=char uid=0 gid=0 mode=0600 nlink=1 time=0.000000000\n",
	    "device=" },
	{ "./c type=char uid=0 gid=0 mode=0600 nlink=1 time=0.000000000 "
	    "device=native,1\n", "','" },
	{ "./c type=char uid=0 gid=0 mode=0600 nlink=1 time=0.000000000 "
	    "device=native,4294967296,1\n", "device=" },
	{ "./c type=char uid=0 gid=0 mode=0600 nlink=1 time=0.000000000 "
	    "device=linux,1,3\n", "device=" },
	{ "./../f type=fifo uid=0 gid=0 mode=0600 nlink=1 time=0.000000000\n",
	    "reaches outside" },
	{ "./a/../../f type=fifo uid=0 gid=0 mode=0600 nlink=1 "
	    "time=0.000000000\n", "reaches outside" },
	{ ".//f type=fifo uid=0 gid=0 mode=0600 nlink=1 time=0.000000000\n",
	    "absolute" },
	{ "././f type=fifo uid=0 gid=0 mode=0600 nlink=1 time=0.000000000\n",
	    "'.'" },
	{ "./f/ type=fifo uid=0 gid=0 mode=0600 nlink=1 time=0.000000000\n",
	    "ends in '/'" },
	{ "./\\056\\056/f type=fifo\n", "path" },
	{ "./\\033[2J type=fifo\n", "path" },
	{ "./a\\000 type=fifo\n", "path" },
	{ "./a\\40 type=fifo\n", "path" },
	{ "./a\\777 type=fifo\n", "path" },
	{ "./\xc3\xa9 type=fifo\n", "path" },
	{ "./a\tb type=fifo\n", "path" },
	{ ". type=dir uid=0 gid=0 mode=0755 nlink=2 time=0.000000000\n",
	    "second time" },
	{ "#@\n" FIFO, "end of line" },
	{ "#@ \n" FIFO, "end of line" },
	{ "#@ unknown=1\n" FIFO, "end of line" },
	{ "#@ offset=1 offset=2\n" FIFO, "end of line" },
	{ "#@ flags=append offset=1\n" FIFO, "end of line" },
	{ "#@ offset=01\n" FIFO, "offset=" },
	{ "#@ offset=0\n" FIFO, "not above the one before" },
	{ "#@ offset=9223372036854775808\n" FIFO, "offset over the limit" },
	{ "#@ offset=1\n#@ offset=1\n" FIFO, "path" },
	{ "#@ offset=1\n#@ end entries=1 bytes=0\n", "path" },
	{ "#@ hardlink=\n" FIFO, "path" },
	{ "#@ hardlink=.\n" FIFO, "path" },
	{ "#@ hardlink=a\n" FIFO, "path" },
	{ "#@ hardlink=./../../etc/shadow\n" FIFO, "hard link" },
	{ "#@ hardlink=.//etc/shadow\n" FIFO, "hard link" },
	{ "#@ hardlink=./f\n" FIFO, "hard link to itself" },
	{ "#@ hardlink=./x\n"
	    "./d type=dir uid=0 gid=0 mode=0755 nlink=2 time=0.000000000\n",
	    "directory and a hard link" },
	{ "#@ hardlink=./x\n"
	    "./a type=file uid=0 gid=0 mode=0600 nlink=2 size=3 "
	    "time=0.000000000 sha256=" SUM "\n", "end of line" },
	{ "#@ attrs=0\n" FIFO, "attrs=" },
	{ "#@ flags=\n" FIFO, "flags=" },
	{ "#@ flags=none\n" FIFO, "flags=" },
	{ "#@ flags=append,\n" FIFO, "flags=" },
	{ "#@ flags=append,immutable\n" FIFO, "flags=" },
	{ "#@ flags=sync,sync\n" FIFO, "flags=" },
	{ "#@ data=0\n" FIFO, "only a file" },
	{ "#@ changed=grew\n" FIFO, "only a file" },
	{ "#@ changed=none\n" FIFO, "changed=" },
	{ "#@ data=4\n"
	    "./a type=file uid=0 gid=0 mode=0600 nlink=1 size=3 "
	    "time=0.000000000 sha256=" SUM "\n", "more data" },
	{ FIFO "/set uid=0\n", "line 6" },
	{ FIFO "..\n", "line 6" },
	{ FIFO "#@ end entries=1 bytes=0\n", "disagrees" },
	{ FIFO "#@ end entries=2 bytes=1\n", "disagrees" },
	{ FIFO "#@ end entries=02 bytes=0\n", "end entries=" },
	{ FIFO "#@ end entries=2 bytes=0 \n", "end of line" },
	{ FIFO "#@ end entries=2\n", "bytes=" },
};

static void
test_hostile_lines(void)
{
	struct buf text = BUF_EMPTY;
	struct err err;
	size_t i;

	for (i = 0; i < sizeof hostile_lines / sizeof hostile_lines[0]; i++) {
		const struct hostile *h = &hostile_lines[i];
		bool held;

		buf_cut(&text, 0);
		buf_puts(&text, HEAD ROOT);
		buf_puts(&text, h->lines);
		buf_puts(&text, "#@ end entries=2 bytes=0\n");
		err_clear(&err);
		held = read_all(text.data, text.len, SIZE_MAX, &err) == -1 &&
		    err.class == ERR_DAMAGED &&
		    strncmp(err.text, "line ", 5) == 0 &&
		    strstr(err.text, h->word) != NULL;
		ok(held, "hostile %zu: %s", i, h->word);
		if (!held)
			printf("# %s\n", err.text);
	}
	buf_release(&text);
}

static void
test_bad_frames_of_text(void)
{
	static const struct hostile cases[] = {
		{ "", "closing line is missing" },
		{ "#mtree", "ends in its middle" },
		{ "mtree\n", "not a manifest" },
		{ "#mtree \n", "not a manifest" },
		{ "#mtree v2.0\n", "not a manifest" },
		{ "#mtree\r\n", "not a manifest" },
		{ "\xef\xbb\xbf" HEAD, "not a manifest" },
		{ "#mtree\n" ROOT, "line 2" },
		{ "#mtree\n# drydock-manifest 0\n", "version 0" },
		{ "#mtree\n# drydock-manifest 2\n", "version 2" },
		{ "#mtree\n# drydock-manifest 01\n", "line 2" },
		{ "#mtree\n# drydock-manifest 1 \n", "line 2" },
		{ HEAD, "closing line is missing" },
		{ HEAD "#@ end entries=0 bytes=0\n", "no entries" },
		{ HEAD ROOT, "closing line is missing" },
		{ HEAD ROOT FIFO, "closing line is missing" },
		{ HEAD FIFO, "before the root" },
		{ HEAD ". type=fifo uid=0 gid=0 mode=0600 nlink=1 "
		    "time=0.000000000\n", "no directory" },
		{ HEAD ROOT "#@ end entries=1 bytes=0\n\n", "bytes after" },
		{ HEAD ROOT "#@ end entries=1 bytes=0\n" FIFO, "bytes after" },
		{ HEAD ROOT "#@ end entries=1 bytes=0\nx", "bytes after" },
		{ HEAD ROOT "#@ end entries=1 bytes=0", "in its middle" },
	};
	struct err err;
	size_t i, step;

	for (i = 0; i < sizeof cases / sizeof cases[0]; i++)
		for (step = 1; step <= 4096; step += 4095)
			ok(read_all(cases[i].lines, strlen(cases[i].lines),
			    step, &err) == -1 && err.class == ERR_DAMAGED &&
			    strstr(err.text, cases[i].word) != NULL,
			    "frame %zu, %zu bytes a read: %s", i, step,
			    cases[i].word);
}

/* A line of just this length, which is no entry either way. */
static void
check_line_length(size_t len, const char *word)
{
	struct buf text = BUF_EMPTY;
	struct err err;
	size_t i, step;

	buf_puts(&text, HEAD ROOT);
	for (i = 0; i < len; i++)
		buf_byte(&text, 'x');
	buf_byte(&text, '\n');
	for (step = 1000; step <= 1000000; step *= 1000)
		ok(read_all(text.data, text.len, step, &err) == -1 &&
		    err.class == ERR_DAMAGED &&
		    strstr(err.text, word) != NULL,
		    "a line of %zu bytes: %s", len, word);
	/* Without an end it may not make the reader gather more. */
	buf_cut(&text, text.len - 1);
	ok(read_all(text.data, text.len, 4096, &err) == -1 &&
	    err.class == ERR_DAMAGED, "a line of %zu bytes without an end",
	    len);
	buf_release(&text);
}

static void
test_line_limit(void)
{
	check_line_length(MANIFEST_LINE_MAX - 1, "line 5, byte 1");
	check_line_length(MANIFEST_LINE_MAX, "line 5, byte 1");
	check_line_length(MANIFEST_LINE_MAX + 1, "line 5: too long");
}

static void
test_a_bad_name_is_escaped_in_the_error(void)
{
	static const char text[] = HEAD ROOT "./\\033]0;x\\007/.. "
	    "type=fifo uid=0 gid=0 mode=0600 nlink=1 time=0.000000000\n";
	struct err err;

	ok(read_all(text, sizeof text - 1, SIZE_MAX, &err) == -1,
	    "a name that steers the terminal, and reaches outside");
	is_str(err.text,
	    "line 5: '\\033]0;x\\007/..' reaches outside with '..'",
	    "is named harmlessly");
}

static void
test_failures_stick(void)
{
	static const char text[] = HEAD ROOT "bad\n" FIFO
	    "#@ end entries=2 bytes=0\n";
	struct spout up = { { spout_read }, text, sizeof text - 1, SIZE_MAX,
	    false };
	struct manifest_reader *r = NULL;
	struct entry e = ENTRY_EMPTY;
	bool is_end = false;
	struct err err;

	ok(manifest_reader_new(&r, &up.reader, &err) == 0 &&
	    manifest_reader_next(r, &e, &is_end, &err) == 0 &&
	    manifest_reader_next(r, &e, &is_end, &err) == -1 &&
	    manifest_reader_next(r, &e, &is_end, &err) == -1 &&
	    err.class == ERR_DAMAGED, "after a bad line nothing is read");
	manifest_reader_free(r);
	manifest_reader_free(NULL);
	entry_release(&e);
}

static void
test_end_stays_the_end(void)
{
	static const char text[] = HEAD ROOT "#@ end entries=1 bytes=0\n";
	struct spout up = { { spout_read }, text, sizeof text - 1, SIZE_MAX,
	    false };
	struct manifest_reader *r = NULL;
	struct entry e = ENTRY_EMPTY;
	bool first = true, second = false, third = false;
	struct err err;

	ok(manifest_reader_new(&r, &up.reader, &err) == 0 &&
	    manifest_reader_next(r, &e, &first, &err) == 0 && !first &&
	    manifest_reader_next(r, &e, &second, &err) == 0 && second &&
	    manifest_reader_next(r, &e, &third, &err) == 0 && third,
	    "the end is told again");
	manifest_reader_free(r);
	entry_release(&e);
}

static void
test_read_errors_are_passed_on(void)
{
	static const char text[] = HEAD ROOT "#@ end entries=1 bytes=0\n";
	size_t cut, wrong = 0;

	for (cut = 0; cut <= sizeof text - 1; cut++) {
		struct spout up = { { spout_read }, text, cut, SIZE_MAX, true };
		struct manifest_reader *r = NULL;
		struct entry e = ENTRY_EMPTY;
		bool is_end = false;
		struct err err;
		int ret = manifest_reader_new(&r, &up.reader, &err);

		while (ret == 0 && !is_end)
			ret = manifest_reader_next(r, &e, &is_end, &err);
		if (ret == 0 || err.class != ERR_IO || err.sys != EIO)
			wrong++;
		manifest_reader_free(r);
		entry_release(&e);
	}
	is_u64(wrong, 0, "wherever reading fails, so does the manifest: "
	    "behind its end too, for a signature is over all of it");
}

static void
test_many_lines_cross_blocks(void)
{
	struct sink sink = { { sink_write }, BUF_EMPTY, 0, 0, 0, false };
	struct entry e = root_entry();
	struct manifest_writer w;
	struct err err;
	unsigned i;

	(void)manifest_writer_init(&w, &sink.writer, &err);
	(void)manifest_writer_add(&w, &e, &err);
	e.type = ENTRY_DIR;
	for (i = 1; i < 3000; i++) {
		buf_cut(&e.path, 0);
		buf_printf(&e.path, "directory %u", i);
		e.tar_offset = (uint64_t)i * 512;
		e.uid = i;
		(void)manifest_writer_add(&w, &e, &err);
	}
	ok(manifest_writer_finish(&w, &err) == 0 && sink.out.len > 3 * 65536,
	    "more than three blocks");
	ok(read_all(sink.out.data, sink.out.len, SIZE_MAX, &err) == 3000,
	    "read in whole blocks");
	ok(read_all(sink.out.data, sink.out.len, 4093, &err) == 3000,
	    "read in odd pieces");
	manifest_writer_release(&w);
	entry_release(&e);
	buf_release(&sink.out);
}

int
main(void)
{
	test_every_type();
	test_every_field_at_its_ends();
	test_every_mode_flag_and_change();
	test_longest_texts();
	test_exact_bytes();
	test_writer_refuses_what_the_reader_would();
	test_writer_wants_a_root();
	test_writer_counts_bytes_without_overflow();
	test_writer_batches();
	test_good_text();
	test_any_changed_byte();
	test_hostile_lines();
	test_bad_frames_of_text();
	test_line_limit();
	test_a_bad_name_is_escaped_in_the_error();
	test_failures_stick();
	test_end_stays_the_end();
	test_read_errors_are_passed_on();
	test_many_lines_cross_blocks();
	return done();
}
