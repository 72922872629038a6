/* SPDX-License-Identifier: BSD-2-Clause */
/* Tar streams to their end; see inner_tar.h. */
#include "check/inner_tar.h"

#include <string.h>

#include "archive/tar.h"
#include "base/err.h"
#include "base/num.h"
#include "check/image_tar.h"

#define BLOCK 512
#define SUM_AT 148
#define SUM_LEN 8

struct totals {
	uint64_t members;
	uint64_t bytes;
};

static bool
recognise(const uint8_t *head, size_t len)
{
	uint64_t want, sum = 0;
	size_t i, digits = 0, blanks = 0;

	if (len < BLOCK || head[0] == 0)
		return false;
	for (i = 0; i < BLOCK; i++)
		sum += i >= SUM_AT && i < SUM_AT + SUM_LEN ? ' ' : head[i];
	while (blanks < SUM_LEN && head[SUM_AT + blanks] == ' ')
		blanks++;
	while (blanks + digits < SUM_LEN &&
	    head[SUM_AT + blanks + digits] >= '0' &&
	    head[SUM_AT + blanks + digits] <= '7')
		digits++;
	return num_parse((const char *)head + SUM_AT + blanks, digits, 8,
	    UINT32_MAX, &want) && want == sum;
}

static int
read_content(struct tar_reader *tar, struct image_tar *image,
    struct totals *sum, struct err *err)
{
	const void *data;
	uint64_t at;
	size_t len;

	for (;;) {
		if (tar_reader_data(tar, &at, &data, &len, err) == -1)
			return -1;
		if (len == 0)
			return 0;
		sum->bytes += len;
		image_tar_data(image, data, len);
	}
}

static int
read_members(struct tar_reader *tar, struct image_tar *image,
    struct judgement *j, struct totals *sum, struct err *err)
{
	struct entry e = ENTRY_EMPTY;
	bool is_end = false;
	int ret;

	for (;;) {
		ret = tar_reader_next(tar, &e, &is_end, err);
		if (ret == -1 || is_end)
			break;
		sum->members++;
		if (e.type != ENTRY_FILE || e.hardlink.len > 0)
			continue;
		image_tar_begin(image, buf_text(&e.path), e.size);
		ret = read_content(tar, image, sum, err);
		if (ret == -1)
			break;
		image_tar_end(image, j);
	}
	entry_release(&e);
	return ret;
}

static int
check(const struct content *c, struct reader *in, struct judgement *j,
    struct err *err)
{
	struct image_tar image = IMAGE_TAR_EMPTY;
	struct totals sum = { 0, 0 };
	struct tar_reader *tar = NULL;
	char count[NUM_COUNT_TEXT], size[NUM_BYTES_TEXT];
	int ret;

	(void)c;
	if (tar_reader_new(&tar, in, 0, err) == -1)
		return -1;
	tar_reader_take_absolute(tar);
	ret = read_members(tar, &image, j, &sum, err);
	if (ret == 0)
		image_tar_finish(&image, j);
	judge_cover(j, "%s tar headers, %s of content, %s", num_format_count(sum.members, count),
	    num_format_bytes(sum.bytes, size),
	    ret == 0 ? "to the end marker" : "up to the damage");
	image_tar_release(&image);
	tar_reader_free(tar);
	return ret;
}

const struct inner_checker inner_tar = { "tar", recognise, check };
