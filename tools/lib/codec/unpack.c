/* SPDX-License-Identifier: BSD-2-Clause */
/* Foreign compression: which one it is, and members joined; see unpack.h. */
#include "codec/unpack.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "codec/unpack_format.h"

#define INPUT_SIZE ((size_t)128 << 10)

struct unpack {
	struct reader output;	/* first: what unpack_output() gives */
	struct reader *up;
	const struct unpack_format *format;	/* NULL: plain */
	void *decoder;
	uint8_t *input;		/* INPUT_SIZE bytes, filled to end */
	size_t start;
	size_t end;
	uint64_t place;		/* in the compressed input, of start */
	bool is_input_over;	/* up has no more */
	bool is_inside;		/* a member */
	struct err failure;	/* the first; every later call repeats it */
};

static const struct unpack_format *const formats[] = {
	&unpack_gzip, &unpack_xz, &unpack_bzip2, &unpack_zstd
};

/* Have at least want bytes of input, unless up ends before. */
static int
fill(struct unpack *u, size_t want, struct err *err)
{
	size_t have = u->end - u->start;
	size_t n;

	if (have >= want || u->is_input_over)
		return 0;
	memmove(u->input, u->input + u->start, have);
	u->start = 0;
	u->end = have;
	while (u->end < want && !u->is_input_over) {
		if (u->up->read(u->up, u->input + u->end, INPUT_SIZE - u->end,
		    &n, err) == -1)
			return -1;
		u->end += n;
		u->is_input_over = n == 0;
	}
	return 0;
}

static void
take(struct unpack *u, size_t len)
{
	u->start += len;
	u->place += len;
}

static int
damaged(const struct unpack *u, const char *what, struct err *err)
{
	return err_set(err, ERR_DAMAGED, 0, "%s data at byte %llu: %s",
	    u->format->name, (unsigned long long)u->place, what);
}

/* Pass over the zeros that xz allows between streams, and tapes at the end. */
static int
skip_zeros(struct unpack *u, struct err *err)
{
	do {
		for (; u->start < u->end; take(u, 1))
			if (u->input[u->start] != 0)
				return 0;
		if (fill(u, 1, err) == -1)
			return -1;
	} while (u->start < u->end);
	return 0;
}

/* Between members: begin the next one, or come to the end of it all. */
static int
begin(struct unpack *u, bool *is_over, struct err *err)
{
	if (skip_zeros(u, err) == -1 || fill(u, UNPACK_MAGIC_MAX, err) == -1)
		return -1;
	*is_over = u->start == u->end;
	if (*is_over)
		return 0;
	if (!u->format->matches(u->input + u->start, u->end - u->start))
		return damaged(u, "it goes on with something else", err);
	u->is_inside = true;
	return 0;
}

/* One call of the decoder; *got bytes came out of it. */
static int
decode(struct unpack *u, uint8_t *data, size_t cap, size_t *got,
    struct err *err)
{
	struct unpack_step s;
	size_t taken;
	int ret;

	if (fill(u, 1, err) == -1)
		return -1;
	s.in = u->input + u->start;
	s.in_len = u->end - u->start;
	s.out = data;
	s.out_len = cap;
	s.is_end = false;
	ret = u->format->step(u->decoder, &s, err);
	taken = u->end - u->start - s.in_len;
	*got = cap - s.out_len;
	take(u, taken);
	if (ret == -1)
		return err_context(err, "%s data at byte %llu",
		    u->format->name, (unsigned long long)u->place);
	if (s.is_end)
		u->is_inside = false;
	else if (taken == 0 && *got == 0 &&
	    (u->is_input_over || u->start < u->end))
		return damaged(u, "it ends too early", err);
	return 0;
}

static int
read_members(struct unpack *u, void *data, size_t cap, size_t *got,
    struct err *err)
{
	bool is_over = false;

	for (*got = 0; *got == 0;) {
		if (!u->is_inside && begin(u, &is_over, err) == -1)
			return -1;
		if (is_over)
			return 0;
		if (decode(u, data, cap, got, err) == -1)
			return -1;
	}
	return 0;
}

static int
read_plain(struct unpack *u, void *data, size_t cap, size_t *got,
    struct err *err)
{
	size_t n = u->end - u->start;

	if (n == 0)
		return u->up->read(u->up, data, cap, got, err);
	if (n > cap)
		n = cap;
	memcpy(data, u->input + u->start, n);
	take(u, n);
	*got = n;
	return 0;
}

static int
output_read(struct reader *reader, void *data, size_t cap, size_t *got,
    struct err *err)
{
	struct unpack *u = (struct unpack *)(void *)reader;
	size_t n = 0;
	int ret;

	assert(cap > 0);
	if (u->failure.class != ERR_NONE) {
		*err = u->failure;
		return -1;
	}
	if (u->format == NULL)
		ret = read_plain(u, data, cap, &n, err);
	else
		ret = read_members(u, data, cap, &n, err);
	if (ret == -1)
		u->failure = *err;
	else
		*got = n;
	return ret;
}

static const struct unpack_format *
recognise(const uint8_t *data, size_t len)
{
	size_t i;

	for (i = 0; i < sizeof formats / sizeof formats[0]; i++)
		if (formats[i]->matches(data, len))
			return formats[i];
	return NULL;
}

bool
unpack_matches(const uint8_t *head, size_t len)
{
	return recognise(head, len) != NULL;
}

int
unpack_new(struct unpack **out, struct reader *up, struct err *err)
{
	struct unpack *u = mem_zero(1, sizeof *u);
	int ret = -1;

	u->output.read = output_read;
	u->up = up;
	u->input = mem_alloc(INPUT_SIZE);
	if (fill(u, UNPACK_MAGIC_MAX, err) == -1)
		goto out;
	u->format = recognise(u->input, u->end);
	if (u->format != NULL) {
		u->decoder = u->format->open();
		if (u->decoder == NULL) {
			err_set(err, ERR_IO, ENOMEM, "cannot decompress %s",
			    u->format->name);
			goto out;
		}
	}
	*out = u;
	ret = 0;
out:
	if (ret == -1)
		unpack_free(u);
	return ret;
}

struct reader *
unpack_output(struct unpack *u)
{
	return &u->output;
}

const char *
unpack_name(const struct unpack *u)
{
	return u->format == NULL ? "none" : u->format->name;
}

void
unpack_free(struct unpack *u)
{
	if (u == NULL)
		return;
	if (u->decoder != NULL)
		u->format->close(u->decoder);
	free(u->input);
	free(u);
}
