/* SPDX-License-Identifier: BSD-2-Clause */
/* DER, element by element; see der.h. */
#include "codec/der.h"

#include <string.h>

#include "base/utc.h"

/* Four bytes of length are more than any file that is read whole. */
#define LENGTH_BYTES_MAX 4

/* The length at data[1], of which *used bytes; false when it is not DER. */
static bool
read_length(const struct der *in, size_t *len, size_t *used)
{
	size_t n, i, value = 0;

	if (in->len < 2)
		return false;
	if (in->data[1] < 0x80) {
		*len = in->data[1];
		*used = 1;
		return true;
	}
	n = in->data[1] & 0x7fu;
	if (n == 0 || n > LENGTH_BYTES_MAX || in->len < 2 + n)
		return false;
	for (i = 0; i < n; i++)
		value = value << 8 | in->data[2 + i];
	/* The short form, or fewer bytes, would have done. */
	if (value < 0x80 || in->data[2] == 0)
		return false;
	*len = value;
	*used = 1 + n;
	return true;
}

bool
der_next(struct der *in, struct der_element *out)
{
	size_t len, used, head;

	if (!read_length(in, &len, &used) || (in->data[0] & 0x1f) == 0x1f)
		return false;
	head = 1 + used;
	if (len > in->len - head)
		return false;
	out->tag = in->data[0];
	out->body.data = in->data + head;
	out->body.len = len;
	out->whole.data = in->data;
	out->whole.len = head + len;
	in->data += head + len;
	in->len -= head + len;
	return true;
}

bool
der_is_next(const struct der *in, unsigned tag)
{
	return in->len > 0 && in->data[0] == tag;
}

bool
der_take(struct der *in, unsigned tag, struct der *body)
{
	struct der_element element;

	if (!der_is_next(in, tag) || !der_next(in, &element))
		return false;
	if (body != NULL)
		*body = element.body;
	return true;
}

bool
der_is_integer(const struct der *body)
{
	const uint8_t *p = body->data;

	if (body->len == 0)
		return false;
	return body->len == 1 || !((p[0] == 0 && p[1] < 0x80) ||
	    (p[0] == 0xff && p[1] >= 0x80));
}

bool
der_unsigned(const struct der *body, struct der *value)
{
	if (!der_is_integer(body) || body->data[0] >= 0x80)
		return false;
	*value = *body;
	if (value->data[0] == 0 && value->len > 1) {
		value->data++;
		value->len--;
	}
	return true;
}

bool
der_small(const struct der *body, uint32_t max, uint32_t *value)
{
	uint32_t v = 0;
	struct der digits;
	size_t i;

	if (!der_unsigned(body, &digits) || digits.len > sizeof v)
		return false;
	for (i = 0; i < digits.len; i++)
		v = v << 8 | digits.data[i];
	if (v > max)
		return false;
	*value = v;
	return true;
}

bool
der_boolean(const struct der *body, bool *value)
{
	if (body->len != 1 || (body->data[0] != 0 && body->data[0] != 0xff))
		return false;
	*value = body->data[0] != 0;
	return true;
}

bool
der_bytes_of_bits(const struct der *body, struct der *bytes)
{
	if (body->len == 0 || body->data[0] != 0)
		return false;
	bytes->data = body->data + 1;
	bytes->len = body->len - 1;
	return true;
}

bool
der_time(unsigned tag, const struct der *body, int64_t *seconds)
{
	size_t year = tag == DER_UTC_TIME ? 2 : 4;
	char text[UTC_COMPACT_LEN + 1];
	char *to = text;
	size_t i;

	if ((tag != DER_UTC_TIME && tag != DER_TIME) || body->len != year + 11)
		return false;
	for (i = 0; i < body->len - 1; i++)
		if (body->data[i] < '0' || body->data[i] > '9')
			return false;
	/* Two digits of a year are those from 1950 to 2049. */
	if (tag == DER_UTC_TIME) {
		memcpy(to, body->data[0] >= '5' ? "19" : "20", 2);
		to += 2;
	}
	memcpy(to, body->data, year + 4);
	to[year + 4] = 'T';
	memcpy(to + year + 5, body->data + year + 4, 7);
	to[year + 12] = '\0';
	return utc_parse(text, seconds);
}

bool
der_equal(const struct der *a, const struct der *b)
{
	return der_is(a, b->data, b->len);
}

bool
der_is(const struct der *a, const void *data, size_t len)
{
	return a->len == len && (len == 0 || memcmp(a->data, data, len) == 0);
}
