/* SPDX-License-Identifier: BSD-2-Clause */
/* medium/complete: the commit record has one spelling, and checks itself. */
#include "base/err.h"
#include "harness.h"
#include "medium/complete.h"

int
main(void)
{
	struct complete c = { .files = 3, .bytes = 123456 }, got;
	struct buf text = BUF_EMPTY;
	struct err err;
	size_t i, refused = 0;

	memset(c.sums_sha256, 0x5a, sizeof c.sums_sha256);
	complete_format(&c, &text);
	ok(text.len < COMPLETE_MAX, "it fits the limit");
	ok(complete_parse(&got, text.data, text.len, &err) == 0 &&
	    got.files == 3 && got.bytes == 123456 &&
	    memcmp(got.sums_sha256, c.sums_sha256, 32) == 0,
	    "comes back as it was");
	for (i = 0; i < text.len; i++) {
		unsigned bit;

		for (bit = 0; bit < 8; bit++) {
			text.data[i] = (char)(text.data[i] ^ (1 << bit));
			if (complete_parse(&got, text.data, text.len,
			    &err) == -1 && err.class == ERR_DAMAGED)
				refused++;
			text.data[i] = (char)(text.data[i] ^ (1 << bit));
		}
	}
	is_u64(refused, 8 * text.len, "every flipped bit is refused");
	refused = 0;
	for (i = 0; i < text.len; i++)
		if (complete_parse(&got, text.data, i, &err) == -1)
			refused++;
	is_u64(refused, text.len, "every truncation is refused");
	buf_byte(&text, '\n');
	ok(complete_parse(&got, text.data, text.len, &err) == -1,
	    "bytes after the end are refused");
	buf_release(&text);
	return done();
}
