/* SPDX-License-Identifier: BSD-2-Clause */
/* bzip2 through libbz2, which checks the CRC of each block and of them all. */
#include "codec/unpack_format.h"

#include <bzlib.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"

struct bzip2 {
	bz_stream z;
	bool is_open;		/* z is; libbz2 needs a new one each stream */
};

/*
 * "BZh" alone could begin the name of a file in a plain tar; the number that
 * follows it (of a block, or of the end in an empty stream) could not.
 */
static bool
bzip2_matches(const uint8_t *data, size_t len)
{
	static const uint8_t block[] = { 0x31, 0x41, 0x59, 0x26, 0x53, 0x59 };
	static const uint8_t end[] = { 0x17, 0x72, 0x45, 0x38, 0x50, 0x90 };

	return len >= 4 + sizeof block && memcmp(data, "BZh", 3) == 0 &&
	    data[3] >= '1' && data[3] <= '9' &&
	    (memcmp(data + 4, block, sizeof block) == 0 ||
	    memcmp(data + 4, end, sizeof end) == 0);
}

static void *
bzip2_open(void)
{
	return calloc(1, sizeof(struct bzip2));
}

static int
bzip2_error(int code, struct err *err)
{
	if (code == BZ_MEM_ERROR)
		return err_set(err, ERR_IO, ENOMEM, "cannot decompress");
	if (code == BZ_DATA_ERROR_MAGIC)
		return err_set(err, ERR_DAMAGED, 0, "no bzip2 stream");
	return err_set(err, ERR_DAMAGED, 0,
	    "checksum does not match or data is damaged");
}

static void
end_stream(struct bzip2 *b)
{
	if (b->is_open)
		(void)BZ2_bzDecompressEnd(&b->z);
	memset(&b->z, 0, sizeof b->z);
	b->is_open = false;
}

static int
bzip2_step(void *decoder, struct unpack_step *s, struct err *err)
{
	struct bzip2 *b = decoder;
	size_t in_len = s->in_len < UINT_MAX ? s->in_len : UINT_MAX;
	size_t out_len = s->out_len < UINT_MAX ? s->out_len : UINT_MAX;
	int code;

	if (!b->is_open) {
		code = BZ2_bzDecompressInit(&b->z, 0, 0);
		if (code != BZ_OK)
			return bzip2_error(code, err);
		b->is_open = true;
	}
	/* libbz2 reads through a pointer to char that it calls writable. */
	b->z.next_in = (char *)(uintptr_t)s->in;
	b->z.avail_in = (unsigned)in_len;
	b->z.next_out = (char *)s->out;
	b->z.avail_out = (unsigned)out_len;
	code = BZ2_bzDecompress(&b->z);
	s->in += in_len - b->z.avail_in;
	s->in_len -= in_len - b->z.avail_in;
	s->out += out_len - b->z.avail_out;
	s->out_len -= out_len - b->z.avail_out;
	if (code == BZ_STREAM_END) {
		end_stream(b);
		s->is_end = true;
	} else if (code != BZ_OK) {
		return bzip2_error(code, err);
	}
	return 0;
}

static void
bzip2_close(void *decoder)
{
	struct bzip2 *b = decoder;

	end_stream(b);
	free(b);
}

const struct unpack_format unpack_bzip2 = {
	"bzip2", bzip2_matches, bzip2_open, bzip2_step, bzip2_close
};
