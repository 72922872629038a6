/* SPDX-License-Identifier: BSD-2-Clause */
/* tar out and in: exact offsets, ends, other people's archives, limits. */
#include "trip.h"
#include "rawtar.h"

#include "archive/acl.h"

struct pair {
	struct trip_writer out;
	struct memory_reader in;
	struct tar_reader *reader;
	struct entry entry;
	struct err err;
};

#define PAIR_EMPTY { .out = { { trip_write }, BUF_EMPTY }, \
	.entry = ENTRY_EMPTY }

static bool
reads(struct pair *p, uint64_t offset)
{
	return tar_reader_new(&p->reader, memory_reader_init(&p->in,
	    p->out.out.data + offset, p->out.out.len - offset), offset,
	    &p->err) == 0;
}

/* The next entry, false at the end or when it fails. */
static bool
next(struct pair *p)
{
	bool is_end;

	p->err.text[0] = '\0';
	return tar_reader_next(p->reader, &p->entry, &is_end, &p->err) == 0 &&
	    !is_end;
}

static bool
at_end(struct pair *p)
{
	bool is_end = false;

	return tar_reader_next(p->reader, &p->entry, &is_end, &p->err) == 0 &&
	    is_end;
}

static void
release(struct pair *p)
{
	tar_reader_free(p->reader);
	entry_release(&p->entry);
	buf_release(&p->out.out);
	p->reader = NULL;
}

/* --------------------------------------------------------------- writing */

static int
write_file(struct tar_writer *w, const char *path, const char *data,
    uint64_t *offset, struct err *err)
{
	struct entry entry = ENTRY_EMPTY;
	int ret;

	buf_puts(&entry.path, path);
	entry.type = ENTRY_FILE;
	entry.mode = 0644;
	entry.mtime_s = 1000000000;
	entry.size = strlen(data);
	ret = tar_writer_entry(w, &entry, err);
	*offset = entry.tar_offset;
	if (ret == 0 && *data != '\0')
		ret = tar_writer_data(w, 0, data, strlen(data), err);
	if (ret == 0)
		ret = tar_writer_entry_end(w, err);
	entry_release(&entry);
	return ret;
}

static void
test_offsets(void)
{
	static const char *const names[] = { "a", "caf\xc3\xa9", "dir/b",
		"\xff", "c" };
	struct pair p = PAIR_EMPTY;
	struct tar_writer *w;
	uint64_t offsets[5];
	size_t i;

	ok(tar_writer_new(&w, &p.out.writer, &p.err) == 0, "a writer");
	for (i = 0; i < 5; i++)
		ok(write_file(w, names[i], i % 2 == 0 ? "data" : "",
		    &offsets[i], &p.err) == 0, "entry %zu", i);
	ok(tar_writer_finish(w, &p.err) == 0, "finished");
	tar_writer_free(w);
	is_u64(offsets[0], 0, "the first starts the archive");
	for (i = 0; i < 5; i++) {
		if (!ok(reads(&p, offsets[i]) && next(&p),
		    "reading can start at entry %zu", i))
			break;
		is_str(buf_text(&p.entry.path), names[i], "it is that one");
		is_u64(p.entry.tar_offset, offsets[i], "at that place");
		tar_reader_free(p.reader);
		p.reader = NULL;
	}
	is_u64(p.out.out.len % 512, 0, "whole blocks");
	/* header and content of the last, then the end marker */
	is_u64(p.out.out.len - offsets[4], 512 + 512 + 1024,
	    "no padding behind the end marker");
	release(&p);
}

/* An entry's content, if it is count bytes of which the last is last. */
static bool
has_content(struct pair *p, uint64_t count, int last)
{
	uint64_t offset = 0, end = 0;
	const void *data;
	size_t len;
	int byte = -1;

	do {
		if (tar_reader_data(p->reader, &offset, &data, &len,
		    &p->err) == -1)
			return false;
		if (len > 0) {
			end = offset + len;
			byte = ((const uint8_t *)data)[len - 1];
		}
	} while (len > 0);
	return end == count && byte == last;
}

/* Sizes beyond what the old header fields hold, with all but a few holes. */
static void
test_large_sizes(void)
{
	static const uint64_t sizes[] = { (uint64_t)1 << 33,
		((uint64_t)9 << 30) + 1, (uint64_t)20 << 30 };
	size_t i;

	for (i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
		struct pair p = PAIR_EMPTY;
		struct entry entry = ENTRY_EMPTY;
		struct tar_writer *w;
		uint64_t size = sizes[i];

		buf_puts(&entry.path, "sparse");
		entry.type = ENTRY_FILE;
		entry.size = size;
		entry.is_sparse = true;
		extent_list_add(&entry.extents, 4096, 1);
		extent_list_add(&entry.extents, size - 1, 1);
		ok(tar_writer_new(&w, &p.out.writer, &p.err) == 0 &&
		    tar_writer_entry(w, &entry, &p.err) == 0 &&
		    tar_writer_data(w, 4096, "A", 1, &p.err) == 0 &&
		    tar_writer_data(w, size - 1, "Z", 1, &p.err) == 0 &&
		    tar_writer_entry_end(w, &p.err) == 0 &&
		    tar_writer_finish(w, &p.err) == 0, "%llu bytes written",
		    (unsigned long long)size);
		tar_writer_free(w);
		ok(p.out.out.len < 8192, "holes take no room");
		ok(reads(&p, 0) && next(&p) && p.entry.size == size &&
		    p.entry.is_sparse && p.entry.extents.count == 2 &&
		    p.entry.data_bytes == 2, "and come back");
		ok(has_content(&p, size, 'Z') && at_end(&p), "with the data");
		entry_release(&entry);
		release(&p);
	}
}

static void
test_writer_refuses(void)
{
	struct pair p = PAIR_EMPTY;
	struct entry entry = ENTRY_EMPTY;
	struct tar_writer *w;

	tar_writer_new(&w, &p.out.writer, &p.err);
	buf_puts(&entry.path, "s");
	entry.type = ENTRY_SOCKET;
	ok(tar_writer_entry(w, &entry, &p.err) == -1, "no sockets");
	entry.type = ENTRY_FILE;
	entry.size = 4;
	ok(tar_writer_entry(w, &entry, &p.err) == 0, "a file of 4 bytes");
	ok(tar_writer_data(w, 2, "xyz", 3, &p.err) == -1,
	    "content beyond its size");
	ok(tar_writer_data(w, 2, "xy", 2, &p.err) == 0 &&
	    tar_writer_data(w, 1, "x", 1, &p.err) == -1,
	    "content that goes back");
	xattr_list_put(&entry.xattrs, ACL_XATTR_ACCESS, "junk", 4);
	(void)tar_writer_entry_end(w, &p.err);
	ok(tar_writer_entry(w, &entry, &p.err) == -1, "an ACL that is none");
	tar_writer_free(w);
	entry_release(&entry);
	release(&p);
}

static int
write_nothing(struct writer *writer, const void *data, size_t len,
    struct err *err)
{
	(void)writer;
	(void)data;
	(void)len;
	return err_set(err, ERR_PREFLIGHT, 0, "the medium is full");
}

static int
read_nothing(struct reader *reader, void *data, size_t cap, size_t *got,
    struct err *err)
{
	(void)reader;
	(void)data;
	(void)cap;
	(void)got;
	return err_set(err, ERR_REPAIRABLE, 0, "frame 7 is bad");
}

static void
test_passes_errors_on(void)
{
	struct writer full = { write_nothing };
	struct reader bad = { read_nothing };
	struct tar_writer *w;
	struct tar_reader *r;
	struct err err;
	uint64_t offset;

	ok(tar_writer_new(&w, &full, &err) == 0 &&
	    write_file(w, "f", "x", &offset, &err) == -1 &&
	    err.class == ERR_PREFLIGHT &&
	    strstr(err.text, "medium is full") != NULL,
	    "what is below says why writing failed");
	tar_writer_free(w);
	ok(tar_reader_new(&r, &bad, 0, &err) == -1 &&
	    err.class == ERR_REPAIRABLE &&
	    strstr(err.text, "frame 7") != NULL,
	    "what is above says why reading failed");
}

/* ------------------------------------------------------- other people's */

static void
test_ends(void)
{
	struct pair p = PAIR_EMPTY;

	raw_entry(&p.out.out, (struct raw){ .name = "f", .type = '0',
	    .data = "x" });
	ok(reads(&p, 0) && next(&p) && !at_end(&p) &&
	    p.err.class == ERR_DAMAGED, "no end marker");
	ok(tar_reader_has_failed(p.reader) && !next(&p),
	    "a reader that failed stays so");
	tar_reader_free(p.reader);
	raw_end(&p.out.out);
	ok(reads(&p, 0) && next(&p) && at_end(&p), "an end marker");
	tar_reader_free(p.reader);
	buf_cut(&p.out.out, p.out.out.len - 512);
	ok(reads(&p, 0) && next(&p) && at_end(&p), "half an end marker");
	tar_reader_free(p.reader);
	raw_end(&p.out.out);
	raw_end(&p.out.out);
	ok(reads(&p, 0) && next(&p) && at_end(&p), "padded with zeros");
	tar_reader_free(p.reader);
	buf_byte(&p.out.out, 1);
	ok(reads(&p, 0) && next(&p) && !at_end(&p) &&
	    p.err.class == ERR_DAMAGED, "one byte that is none");
	release(&p);
}

struct attr_case {
	const char *what;
	const char *pairs[9];
	const char *name;
	const char *value;	/* NULL: not there */
};

static void
test_names_of_attributes(void)
{
	static const struct attr_case cases[] = {
		{ "GNU tar's", { "SCHILY.xattr.user.a%3Db", "v" },
		    "user.a=b", "v" },
		{ "GNU tar's per cent", { "SCHILY.xattr.user.a%253Db", "v" },
		    "user.a%3Db", "v" },
		{ "decoded once", { "SCHILY.xattr.user.a%2541", "v" },
		    "user.a%41", "v" },
		{ "no code", { "SCHILY.xattr.user.50%", "v" },
		    "user.50%", "v" },
		{ "bsdtar's twins", { "LIBARCHIVE.xattr.user.a%20b", "dg",
		    "SCHILY.xattr.user.a%20b", "v" }, "user.a b", "v" },
		{ "bsdtar's twins of a code", {
		    "LIBARCHIVE.xattr.user.a%2520b", "dg",
		    "SCHILY.xattr.user.a%2520b", "v" }, "user.a%20b", "v" },
		{ "twins leave no third", { "LIBARCHIVE.xattr.user.a%2520b",
		    "dg", "SCHILY.xattr.user.a%2520b", "v" }, "user.a b",
		    NULL },
		{ "labels stay behind", { "RHT.security.selinux", "v" },
		    "security.selinux", NULL },
	};
	size_t i;

	for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const struct attr_case *c = &cases[i];
		struct pair p = PAIR_EMPTY;
		const struct xattr *x;

		raw_pax(&p.out.out, 'x', c->pairs);
		raw_entry(&p.out.out, (struct raw){ .name = "f",
		    .type = '0' });
		raw_end(&p.out.out);
		if (ok(reads(&p, 0) && next(&p), "%s: read", c->what)) {
			x = xattr_list_find(&p.entry.xattrs, c->name);
			ok(c->value == NULL ? x == NULL : x != NULL &&
			    x->len == strlen(c->value) &&
			    memcmp(x->value, c->value, x->len) == 0,
			    "%s: '%s' is %s", c->what, c->name,
			    c->value == NULL ? "not there" : "there");
		}
		release(&p);
	}
}

/* What libarchive makes of ACLs must not reach the mode. */
static void
test_modes_beside_acls(void)
{
	static const struct {
		const char *what;
		const char *pairs[5];
		unsigned header;
		unsigned want;
		unsigned lost;
	} cases[] = {
		{ "no ACL", { "mtime", "1" }, 06751, 06751, 0 },
		{ "access ACL", { "SCHILY.acl.access",
		    "user::rwx,user:5:r--,group::r-x,mask::rwx,other::---" },
		    06770, 06770, 0 },
		{ "access ACL, group bits not the mask", {
		    "SCHILY.acl.access",
		    "user::rwx,user:5:r--,group::r-x,mask::rwx,other::---" },
		    02750, 02770, 0 },
		{ "default ACL alone", { "SCHILY.acl.default",
		    "user::rwx,user:5:r--,group::r-x,mask::rwx,other::---" },
		    03755, 03755, 0 },
		{ "an ACL no more than a mode", { "SCHILY.acl.access",
		    "user::rwx\ngroup::r-x\nother::r-x\n" }, 01755, 01755,
		    0 },
		{ "an ACL of names", { "SCHILY.acl.access",
		    "user::rwx,user:nobody-here:r--,group::---,mask::rwx,"
		    "other::---" }, 0770, 0700, ATTR_ACL },
	};
	size_t i;

	for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct pair p = PAIR_EMPTY;

		raw_pax(&p.out.out, 'x', cases[i].pairs);
		raw_entry(&p.out.out, (struct raw){ .name = "d",
		    .type = '5', .mode = cases[i].header });
		raw_end(&p.out.out);
		if (ok(reads(&p, 0) && next(&p), "%s: read", cases[i].what)) {
			is_u64(p.entry.mode, cases[i].want, "%s: the mode",
			    cases[i].what);
			is_u64(tar_reader_lost(p.reader), cases[i].lost,
			    "%s: what is lost", cases[i].what);
		}
		release(&p);
	}
}

static void
test_times(void)
{
	static const struct {
		const char *text;
		int64_t s;
		uint32_t ns;
	} cases[] = {
		{ "0", 0, 0 }, { "1.5", 1, 500000000 },
		{ "-1", -1, 0 }, { "-1.5", -2, 500000000 },
		{ "-86399.25", -86400, 750000000 },
		{ "8600000000.000000001", 8600000000, 1 },
		{ "1.0000000019", 1, 1 },
	};
	size_t i;

	for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const char *pairs[] = { "mtime", cases[i].text, NULL };
		struct pair p = PAIR_EMPTY;

		raw_pax(&p.out.out, 'x', pairs);
		raw_entry(&p.out.out, (struct raw){ .name = "f",
		    .type = '0' });
		raw_end(&p.out.out);
		ok(reads(&p, 0) && next(&p) &&
		    p.entry.mtime_s == cases[i].s &&
		    p.entry.mtime_ns == cases[i].ns, "time %s",
		    cases[i].text);
		release(&p);
	}
}

int
main(void)
{
	test_offsets();
	test_large_sizes();
	test_writer_refuses();
	test_passes_errors_on();
	test_ends();
	test_names_of_attributes();
	test_modes_beside_acls();
	test_times();
	return done();
}
