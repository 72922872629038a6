/* SPDX-License-Identifier: BSD-2-Clause */
/* LZF; see lzf.h. */
#include "check/lzf.h"

#include "base/err.h"
#include "check/scan.h"

#define REACH 8192	/* how far back a reference may go: a power of two */

struct out {
	uint8_t ring[REACH];
	uint64_t made;
	uint64_t len;
	uint8_t *head;
	size_t head_cap;
};

static int
put(struct out *o, uint8_t byte, struct err *err)
{
	if (o->made == o->len)
		return err_set(err, ERR_DAMAGED, 0,
		    "LZF: more than the %llu bytes that it should be",
		    (unsigned long long)o->len);
	if (o->made < o->head_cap)
		o->head[o->made] = byte;
	o->ring[o->made++ % REACH] = byte;
	return 0;
}

static int
put_literals(struct scan *s, struct out *o, size_t count, struct err *err)
{
	const uint8_t *p = scan_next(s, count, err);
	size_t i;

	if (p == NULL)
		return -1;
	for (i = 0; i < count; i++)
		if (put(o, p[i], err) == -1)
			return -1;
	return 0;
}

/* first: the control byte; its upper three bits are a length. */
static int
put_reference(struct scan *s, struct out *o, uint8_t first, struct err *err)
{
	const uint8_t *p;
	unsigned count = first >> 5, back;

	p = scan_next(s, count == 7 ? 2 : 1, err);
	if (p == NULL)
		return -1;
	if (count == 7)
		count += *p++;
	back = ((first & 31U) << 8 | *p) + 1;
	if (back > o->made)
		return err_set(err, ERR_DAMAGED, 0,
		    "LZF: a reference to before its start");
	for (count += 2; count > 0; count--)
		if (put(o, o->ring[(o->made - back) % REACH], err) == -1)
			return -1;
	return 0;
}

int
lzf_read(struct scan *s, uint64_t packed, uint64_t len, uint8_t *head,
    size_t head_cap, uint8_t *last, struct err *err)
{
	struct out o = { .len = len, .head = head, .head_cap = head_cap };
	uint64_t end;

	if (packed > scan_left(s))
		return err_set(err, ERR_DAMAGED, 0,
		    "LZF: ends beyond the end of the file");
	end = s->at + packed;
	while (s->at < end) {
		const uint8_t *p = scan_next(s, 1, err);
		uint8_t first;

		if (p == NULL)
			return -1;
		first = *p;
		if ((first < 32 ? put_literals(s, &o, first + 1U, err) :
		    put_reference(s, &o, first, err)) == -1)
			return -1;
	}
	if (s->at != end || o.made != len)
		return err_set(err, ERR_DAMAGED, 0,
		    "LZF: %llu bytes instead of %llu",
		    (unsigned long long)o.made, (unsigned long long)len);
	if (len > 0)
		*last = o.ring[(len - 1) % REACH];
	return 0;
}
