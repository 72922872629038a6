/* SPDX-License-Identifier: BSD-2-Clause */
/* MessagePack; see msgpack.h. */
#include "check/msgpack.h"

#include <string.h>

static size_t
left(const struct msgpack *m)
{
	return (size_t)(m->end - m->at);
}

static bool
take_be(struct msgpack *m, unsigned bytes, uint64_t *value)
{
	if (left(m) < bytes)
		return false;
	for (*value = 0; bytes > 0; bytes--)
		*value = *value << 8 | *m->at++;
	return true;
}

static bool
take_byte(struct msgpack *m, unsigned *byte)
{
	if (left(m) < 1)
		return false;
	*byte = *m->at++;
	return true;
}

/*
 * A count of a map or an array: in the byte itself (first to first + 15), or
 * in 2 or 4 bytes behind wide or wide + 1.
 */
static bool
take_count(struct msgpack *m, unsigned first, unsigned wide, uint64_t *count)
{
	unsigned byte;

	if (!take_byte(m, &byte))
		return false;
	if (byte >= first && byte < first + 16)
		*count = byte - first;
	else if (byte != wide && byte != wide + 1)
		return false;
	else if (!take_be(m, byte == wide ? 2 : 4, count))
		return false;
	return *count <= left(m);
}

bool
msgpack_map(struct msgpack *m, uint64_t *pairs)
{
	return take_count(m, 0x80, 0xde, pairs);
}

bool
msgpack_array(struct msgpack *m, uint64_t *items)
{
	return take_count(m, 0x90, 0xdc, items);
}

/* Length of binary or text that begins with byte. */
static bool
take_length(struct msgpack *m, unsigned byte, uint64_t *len)
{
	if (byte >= 0xa0 && byte <= 0xbf) {
		*len = byte & 31;
		return true;
	}
	if (byte >= 0xc4 && byte <= 0xc6)
		return take_be(m, 1U << (byte - 0xc4), len);
	if (byte >= 0xd9 && byte <= 0xdb)
		return take_be(m, 1U << (byte - 0xd9), len);
	return false;
}

bool
msgpack_bytes(struct msgpack *m, struct msgpack_bytes *bytes)
{
	unsigned byte;
	uint64_t len;

	if (!take_byte(m, &byte) || !take_length(m, byte, &len) ||
	    len > left(m))
		return false;
	bytes->data = m->at;
	bytes->len = (size_t)len;
	m->at += len;
	return true;
}

bool
msgpack_u64(struct msgpack *m, uint64_t *value)
{
	unsigned byte;

	if (!take_byte(m, &byte))
		return false;
	if (byte < 0x80) {
		*value = byte;
		return true;
	}
	if (byte >= 0xcc && byte <= 0xcf)
		return take_be(m, 1U << (byte - 0xcc), value);
	/* Signed kinds, where they hold no negative number. */
	return byte >= 0xd0 && byte <= 0xd3 &&
	    take_be(m, 1U << (byte - 0xd0), value) &&
	    *value >> ((8U << (byte - 0xd0)) - 1) == 0;
}

/* Bytes behind the first one of an item that holds no others; false: none. */
static bool
scalar_length(struct msgpack *m, unsigned byte, uint64_t *len)
{
	if (byte < 0x80 || byte >= 0xe0 || byte == 0xc0 || byte == 0xc2 ||
	    byte == 0xc3)
		*len = 0;
	else if (byte >= 0xc7 && byte <= 0xc9) {
		if (!take_be(m, 1U << (byte - 0xc7), len))
			return false;
		*len += 1;	/* an extension's kind */
	} else if (byte >= 0xca && byte <= 0xcb)
		*len = 4U << (byte - 0xca);
	else if (byte >= 0xcc && byte <= 0xcf)
		*len = 1U << (byte - 0xcc);
	else if (byte >= 0xd0 && byte <= 0xd3)
		*len = 1U << (byte - 0xd0);
	else if (byte >= 0xd4 && byte <= 0xd8)
		*len = (1U << (byte - 0xd4)) + 1;
	else
		return take_length(m, byte, len);
	return true;
}

bool
msgpack_skip(struct msgpack *m)
{
	uint64_t items = 1, count, len;

	/* Not by recursion: each item has a byte, so this ends. */
	for (; items > 0; items--) {
		unsigned byte;

		if (left(m) < 1)
			return false;
		byte = *m->at;
		if ((byte & 0xf0) == 0x80 || byte == 0xde || byte == 0xdf) {
			if (!msgpack_map(m, &count))
				return false;
			items += 2 * count;
		} else if ((byte & 0xf0) == 0x90 || byte == 0xdc ||
		    byte == 0xdd) {
			if (!msgpack_array(m, &count))
				return false;
			items += count;
		} else {
			m->at++;
			if (!scalar_length(m, byte, &len) || len > left(m))
				return false;
			m->at += len;
		}
	}
	return true;
}

bool
msgpack_is(const struct msgpack_bytes *bytes, const char *text)
{
	return bytes->len == strlen(text) &&
	    memcmp(bytes->data, text, bytes->len) == 0;
}
