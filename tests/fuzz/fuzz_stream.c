/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Any bytes as a file that is a stream: archives, dumps, images, packed or
 * not.  Always a judgement, never a crash; what is CLEAN was covered.
 */
#include <stdlib.h>

#include "base/err.h"
#include "check/stream.h"

#define INPUT_MAX 65536

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void
require(bool held)
{
	if (!held)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct content_facts facts = { 0 };
	struct content c = { NULL, &facts };
	struct entry entry = ENTRY_EMPTY;
	struct memory_source file;
	struct judgement j;
	struct err err;
	size_t head = len < CONTENT_HEAD_LEN ? len : CONTENT_HEAD_LEN;

	if (len > INPUT_MAX || !check_stream.recognise(&entry, data, head))
		return 0;
	entry.size = len;
	buf_set(&entry.path, "file", 4);
	judgement_init(&j, check_stream.name, "file");
	require(check_stream.check(&c, &entry, memory_source_init(&file,
	    data, len), &j, &err) == 0);
	judgement_close(&j);
	require(j.verdict != VERDICT_CLEAN || j.covered.len > 0);
	judgement_release(&j);
	entry_release(&entry);
	return 0;
}
