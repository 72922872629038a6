/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * DER (X.690), element by element, over bytes that stay where they are.
 * Strict: lengths are definite and as short as they can be, tags are below
 * 31, and nothing is read beyond the span.  No allocation, no copies.
 */
#ifndef CODEC_DER_H
#define CODEC_DER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A run of somebody else's bytes. */
struct der {
	const uint8_t *data;
	size_t len;
};

#define DER_NONE { NULL, 0 }

#define DER_BOOLEAN 0x01u
#define DER_INTEGER 0x02u
#define DER_BITS 0x03u
#define DER_OCTETS 0x04u
#define DER_NULL 0x05u
#define DER_OID 0x06u
#define DER_UTC_TIME 0x17u
#define DER_TIME 0x18u
#define DER_SEQUENCE 0x30u
#define DER_SET 0x31u
/* The nth context-specific tag, primitive or constructed. */
#define DER_CONTEXT(n) (0x80u | (unsigned)(n))
#define DER_CONTEXT_OF(n) (0xa0u | (unsigned)(n))

struct der_element {
	unsigned tag;		/* the identifier byte as it stands */
	struct der body;	/* the content */
	struct der whole;	/* with tag and length */
};

/* The next element, taken off *in; false, *in untouched, when it is none. */
bool der_next(struct der *in, struct der_element *out);
/* The same, and false when it has another tag.  body may be NULL. */
bool der_take(struct der *in, unsigned tag, struct der *body);
/* Whether the next element has this tag. */
bool der_is_next(const struct der *in, unsigned tag);

/* The body of an INTEGER, in its one shortest form. */
bool der_is_integer(const struct der *body);
/* A non-negative INTEGER without the zero byte of its sign. */
bool der_unsigned(const struct der *body, struct der *value);
/* A non-negative INTEGER up to max. */
bool der_small(const struct der *body, uint32_t max, uint32_t *value);
/* The body of a BOOLEAN: 0x00 or 0xff. */
bool der_boolean(const struct der *body, bool *value);
/* The body of a BIT STRING of whole bytes. */
bool der_bytes_of_bits(const struct der *body, struct der *bytes);
/*
 * UTCTime or GeneralizedTime in the forms of RFC 5280, 4.1.2.5 (seconds,
 * "Z"), as seconds since 1970.
 */
bool der_time(unsigned tag, const struct der *body, int64_t *seconds);

bool der_equal(const struct der *a, const struct der *b);
bool der_is(const struct der *a, const void *data, size_t len);

#endif
