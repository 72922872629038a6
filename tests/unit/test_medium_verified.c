/* SPDX-License-Identifier: BSD-2-Clause */
/* medium/verified: one spelling, sealed, and nothing else is taken for it. */
#include "medium/verified.h"

#include "base/err.h"
#include "base/mem.h"
#include "harness.h"
#include "scratch.h"

static struct verified_run run = {
	.id = "01234567-89ab-4def-8123-456789abcdef", .host = "rescue",
	.kind = "deep", .state = "finished", .status = 5,
	.started = 1795639824, .ended = 1795639862,
};
static struct verified_file file = {
	.verdict = "OK", .bytes = 1802143, .name = "one.tar.zst"
};

static void
format(struct buf *out)
{
	buf_cut(out, 0);
	verified_format_run(&run, out);
	verified_format_snapshot("0001-20261125T203856Z", out);
	verified_format_file(&file, out);
	file.verdict[0] = 'X';
	verified_format_file(&file, out);
	file.verdict[0] = 'O';
	verified_seal(out);
}

struct seen {
	unsigned count;
	struct verified_file last;
	char snapshot[MEDIUM_NAME_MAX];
};

static void
on_file(void *ctx, const char *snapshot, const struct verified_file *f)
{
	struct seen *seen = ctx;

	seen->count++;
	seen->last = *f;
	(void)snprintf(seen->snapshot, sizeof seen->snapshot, "%s", snapshot);
}

static void
test_comes_back(void)
{
	struct buf text = BUF_EMPTY;
	struct verified_run got;
	struct seen seen = { 0 };
	struct err err;

	memset(file.sha256, 0x5a, sizeof file.sha256);
	format(&text);
	ok(verified_parse(text.data, text.len, &got, on_file, &seen,
	    &err) == 0, "parsed");
	is_str(got.id, run.id, "id");
	is_str(got.host, "rescue", "host");
	is_str(got.kind, "deep", "kind");
	is_str(got.state, "finished", "state");
	ok(got.status == 5 && got.started == run.started &&
	    got.ended == run.ended, "status and times");
	is_u64(seen.count, 2, "two files");
	is_str(seen.snapshot, "0001-20261125T203856Z", "of a snapshot");
	is_str(seen.last.verdict, "XK", "verdict");
	ok(seen.last.bytes == 1802143 && memcmp(seen.last.sha256,
	    file.sha256, 32) == 0, "bytes and sum");
	is_str(seen.last.name, "one.tar.zst", "name");
	buf_release(&text);
}

static void
test_every_bit_and_cut_is_noticed(void)
{
	struct buf text = BUF_EMPTY;
	struct verified_run got;
	size_t i, refused = 0;
	struct err err;

	format(&text);
	for (i = 0; i < text.len; i++) {
		text.data[i] ^= 1;
		if (verified_parse(text.data, text.len, &got, NULL, NULL,
		    &err) == -1 && err.class == ERR_DAMAGED)
			refused++;
		text.data[i] ^= 1;
		if (verified_parse(text.data, i, &got, NULL, NULL,
		    &err) == -1 && err.class == ERR_DAMAGED)
			refused++;
	}
	is_u64(refused, 2 * text.len, "all refused");
	buf_release(&text);
}

/* Sealed as it should be, and still not what we write. */
static void
test_loose_forms_are_refused(void)
{
	static const struct { const char *what; const char *text; } bad[] = {
		{ "no snapshot before", "file OK 1 %s one.tar.zst\n" },
		{ "no such line", "snapshot 0001-20261125T203856Z\nfoo bar\n" },
		{ "a path", "snapshot 0001-20261125T203856Z\n"
		    "file OK 1 %s ../one\n" },
		{ "a leading zero", "snapshot 0001-20261125T203856Z\n"
		    "file OK 01 %s one\n" },
		{ "a short sum", "snapshot 0001-20261125T203856Z\n"
		    "file OK 1 5a one\n" },
		{ "two spaces", "snapshot 0001-20261125T203856Z\n"
		    "file OK 1  %s one\n" },
		{ "a control character", "snapshot 0001-20261125T203856Z\n"
		    "file O\033K 1 %s one\n" },
		{ "no snapshot's name", "snapshot one\n" },
		{ "no newline", "snapshot 0001-20261125T203856Z" },
	};
	char sum[65];
	struct buf text = BUF_EMPTY;
	struct verified_run got;
	struct err err;
	size_t i;

	memset(sum, 'a', 64);
	sum[64] = '\0';
	for (i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		const char *mark = strstr(bad[i].text, "%s");

		buf_cut(&text, 0);
		verified_format_run(&run, &text);
		if (mark == NULL) {
			buf_puts(&text, bad[i].text);
		} else {
			buf_append(&text, bad[i].text,
			    (size_t)(mark - bad[i].text));
			buf_puts(&text, sum);
			buf_puts(&text, mark + 2);
		}
		verified_seal(&text);
		ok(verified_parse(text.data, text.len, &got, NULL, NULL,
		    &err) == -1 && err.class == ERR_DAMAGED, "%s",
		    bad[i].what);
	}
	buf_release(&text);
}

static bool
takes(const char *host, const char *kind, uint64_t status)
{
	struct verified_run other = run, got;
	struct buf text = BUF_EMPTY;
	struct err err;
	bool done;

	(void)snprintf(other.host, sizeof other.host, "%s", host);
	(void)snprintf(other.kind, sizeof other.kind, "%s", kind);
	other.status = status;
	verified_format_run(&other, &text);
	verified_seal(&text);
	done = verified_parse(text.data, text.len, &got, NULL, NULL,
	    &err) == 0;
	buf_release(&text);
	return done;
}

static void
test_limits(void)
{
	char word[VERIFIED_HOST_MAX + 2];
	struct verified_run got;
	struct err err;
	struct buf text = BUF_EMPTY;
	size_t len;

	memset(word, 'h', sizeof word);
	word[VERIFIED_HOST_MAX] = '\0';
	ok(takes(word, "deep", 0), "the longest host");
	word[VERIFIED_WORD_MAX] = '\0';
	ok(takes("a", word, 0), "the longest word");
	ok(takes("a", "deep", 255) && !takes("a", "deep", 256), "status");
	ok(!takes("", "deep", 0) && !takes("a", "", 0), "empty ones");
	ok(!takes("a b", "deep", 0), "a space");
	/* The writer cannot, so by hand: one more than the longest. */
	buf_puts(&text, "drydock-verified 1\nrun ");
	buf_puts(&text, run.id);
	buf_puts(&text, "\nhost ");
	for (len = 0; len <= VERIFIED_HOST_MAX; len++)
		buf_byte(&text, 'h');
	buf_puts(&text, "\nkind deep\nstate cut\nstatus 0\n"
	    "started 2026-11-25T20:50:24Z\nended 2026-11-25T20:50:24Z\n");
	verified_seal(&text);
	ok(verified_parse(text.data, text.len, &got, NULL, NULL, &err) == -1,
	    "too long a host");
	buf_cut(&text, 0);
	verified_format_run(&run, &text);
	while (text.len + 22 + 9 + 70 <= VERIFIED_BYTES_MAX)
		verified_format_snapshot("0001-20261125T203856Z", &text);
	verified_seal(&text);
	ok(text.len <= VERIFIED_BYTES_MAX && verified_parse(text.data,
	    text.len, &got, NULL, NULL, &err) == 0, "%zu bytes", text.len);
	(void)buf_reserve(&text, VERIFIED_BYTES_MAX + 1 - text.len);
	ok(verified_parse(text.data, VERIFIED_BYTES_MAX + 1, &got, NULL,
	    NULL, &err) == -1 && err.class == ERR_LIMIT, "and one too many");
	buf_release(&text);
}

static void
test_is_written_once(void)
{
	char dir[SCRATCH_MAX];
	struct medium m = MEDIUM_EMPTY;
	struct buf text = BUF_EMPTY, back = BUF_EMPTY;
	struct err err;

	if (!ok(scratch_make(dir), "scratch"))
		return;
	m.dir_fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	format(&text);
	ok(verified_write(&m, &run, &text, &err) == 0, "written");
	ok(verified_write(&m, &run, &text, &err) == -1, "but once");
	ok(io_read_file(m.dir_fd, VERIFIED_DIR
	    "/20261125T205024Z-01234567.txt", VERIFIED_BYTES_MAX, &back,
	    &err) == 0 && back.len == text.len, "under its name: %s",
	    err.text);
	(void)close(m.dir_fd);
	buf_release(&text);
	buf_release(&back);
	ok(scratch_remove(dir), "removed");
}

int
main(void)
{
	test_comes_back();
	test_every_bit_and_cut_is_noticed();
	test_loose_forms_are_refused();
	test_limits();
	test_is_written_once();
	return done();
}
