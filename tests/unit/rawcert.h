/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Certificates from parts, each of which a test may replace by something
 * worse.  They are signed by nobody: the signature is a byte.
 *
 *	struct rawcert cert;
 *
 *	rawcert_init(&cert);
 *	rawcert_extension(&cert, "\x55\x1d\x13", 3, true, &value);
 *	rawcert_build(&cert, &der);
 *	rawcert_release(&cert);
 */
#ifndef DRYDOCK_TESTS_RAWCERT_H
#define DRYDOCK_TESTS_RAWCERT_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/buf.h"

#define RAW_SHA256_ECDSA "\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x02"

/* Each is what stands in the place of that part, tag and length included. */
struct rawcert {
	struct buf version, serial, alg, issuer, validity, subject, spki, ids;
	struct buf extensions;	/* inside of their SEQUENCE */
	struct buf outer_alg, signature;
};

/* Tag, the shortest length, content. */
static inline void
raw_put(struct buf *out, unsigned tag, const void *data, size_t len)
{
	buf_byte(out, (unsigned char)tag);
	if (len >= 0x10000) {
		buf_byte(out, 0x83);
		buf_byte(out, (unsigned char)(len >> 16));
	} else if (len >= 0x100) {
		buf_byte(out, 0x82);
	} else if (len >= 0x80) {
		buf_byte(out, 0x81);
	}
	if (len >= 0x100)
		buf_byte(out, (unsigned char)(len >> 8 & 0xff));
	buf_byte(out, (unsigned char)(len & 0xff));
	buf_append(out, data, len);
}

/* Wrap all of it. */
static inline void
raw_wrap(struct buf *buf, unsigned tag)
{
	struct buf inside = BUF_EMPTY;

	buf_append(&inside, buf_text(buf), buf->len);
	buf_cut(buf, 0);
	raw_put(buf, tag, buf_text(&inside), inside.len);
	buf_release(&inside);
}

/* One attribute more for a name that is not yet wrapped. */
static inline void
raw_common_name(struct buf *name, const char *value)
{
	struct buf part = BUF_EMPTY;

	raw_put(&part, 0x06, "\x55\x04\x03", 3);
	raw_put(&part, 0x0c, value, strlen(value));
	raw_wrap(&part, 0x30);
	raw_put(name, 0x31, buf_text(&part), part.len);
	buf_release(&part);
}

static inline void
raw_validity(struct buf *out, const char *from, const char *to)
{
	size_t from_len = strlen(from), to_len = strlen(to);

	raw_put(out, from_len == 13 ? 0x17 : 0x18, from, from_len);
	raw_put(out, to_len == 13 ? 0x17 : 0x18, to, to_len);
	raw_wrap(out, 0x30);
}

static inline void
rawcert_init(struct rawcert *cert)
{
	static const uint8_t spki_head[] = {
		0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce,
		0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d,
		0x03, 0x01, 0x07, 0x03, 0x42, 0x00, 0x04
	};
	uint8_t point[64];

	memset(cert, 0, sizeof *cert);
	memset(point, 7, sizeof point);
	buf_append(&cert->version, "\xa0\x03\x02\x01\x02", 5);
	buf_append(&cert->serial, "\x02\x01\x01", 3);
	buf_append(&cert->alg, RAW_SHA256_ECDSA, 10);
	raw_wrap(&cert->alg, 0x30);
	raw_common_name(&cert->issuer, "the issuer");
	raw_wrap(&cert->issuer, 0x30);
	raw_validity(&cert->validity, "260101000000Z", "20510101000000Z");
	raw_common_name(&cert->subject, "the subject");
	raw_wrap(&cert->subject, 0x30);
	buf_append(&cert->spki, spki_head, sizeof spki_head);
	buf_append(&cert->spki, point, sizeof point);
	buf_append(&cert->outer_alg, buf_text(&cert->alg), cert->alg.len);
	buf_append(&cert->signature, "\x03\x02\x00\x01", 4);
}

static inline void
rawcert_extension(struct rawcert *cert, const char *oid, size_t oid_len,
    bool is_critical, const struct buf *value)
{
	struct buf ext = BUF_EMPTY;

	raw_put(&ext, 0x06, oid, oid_len);
	if (is_critical)
		raw_put(&ext, 0x01, "\xff", 1);
	raw_put(&ext, 0x04, buf_text(value), value->len);
	raw_wrap(&ext, 0x30);
	buf_append(&cert->extensions, buf_text(&ext), ext.len);
	buf_release(&ext);
}

static inline void
raw_join(struct buf *out, const struct buf *part)
{
	buf_append(out, buf_text(part), part->len);
}

static inline void
rawcert_build(const struct rawcert *cert, struct buf *out)
{
	struct buf list = BUF_EMPTY;

	buf_cut(out, 0);
	raw_join(out, &cert->version);
	raw_join(out, &cert->serial);
	raw_join(out, &cert->alg);
	raw_join(out, &cert->issuer);
	raw_join(out, &cert->validity);
	raw_join(out, &cert->subject);
	raw_join(out, &cert->spki);
	raw_join(out, &cert->ids);
	if (cert->extensions.len > 0) {
		raw_put(&list, 0x30, buf_text(&cert->extensions),
		    cert->extensions.len);
		raw_wrap(&list, 0xa3);
		raw_join(out, &list);
	}
	raw_wrap(out, 0x30);
	raw_join(out, &cert->outer_alg);
	raw_join(out, &cert->signature);
	raw_wrap(out, 0x30);
	buf_release(&list);
}

static inline void
rawcert_release(struct rawcert *cert)
{
	buf_release(&cert->version);
	buf_release(&cert->serial);
	buf_release(&cert->alg);
	buf_release(&cert->issuer);
	buf_release(&cert->validity);
	buf_release(&cert->subject);
	buf_release(&cert->spki);
	buf_release(&cert->ids);
	buf_release(&cert->extensions);
	buf_release(&cert->outer_alg);
	buf_release(&cert->signature);
}

#endif
