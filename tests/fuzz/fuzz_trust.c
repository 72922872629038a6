/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Chains of strangers: PEM of what a server sends, a line "#", PEM of the
 * anchors.  Nothing that is sent is trusted without an anchor, and a path is
 * never longer than it may be.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "codec/pem.h"
#include "net/trust.h"

#define SENT_MAX (TRUST_SENT_MAX + 1)
#define MOMENT 1790000000

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

struct sent {
	struct der certs[SENT_MAX];
	uint8_t *copies[SENT_MAX];
	size_t count;
};

static void
take(struct sent *sent, const char *text, size_t len)
{
	struct pem_block block = PEM_BLOCK_EMPTY;
	struct pem_reader reader;
	struct err err;
	int got;

	pem_init(&reader, text, len);
	while (sent->count < SENT_MAX &&
	    (got = pem_next(&reader, &block, &err)) != 0) {
		if (got == -1)
			continue;
		sent->copies[sent->count] = mem_alloc(block.len);
		memcpy(sent->copies[sent->count], block.der, block.len);
		sent->certs[sent->count].data = sent->copies[sent->count];
		sent->certs[sent->count].len = block.len;
		sent->count++;
	}
	pem_release(&block);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	const char *text = (const char *)data;
	const char *mark = memmem(data, len, "\n#\n", 3);
	size_t first = mark == NULL ? len : (size_t)(mark - text) + 1;
	struct trust_store *store = trust_store_new();
	struct sent sent = { .count = 0 };
	struct trust_question question = { sent.certs, 0, "a.example", MOMENT };
	struct trust_answer answer;
	struct err err;
	size_t i;

	take(&sent, text, first);
	(void)trust_store_add(store, text + first, len - first, &err);
	question.count = sent.count;
	trust_judge(store, &question, &answer);
	if (answer.verdict == TRUST_OK && (trust_store_count(store) == 0 ||
	    !answer.is_name_good || answer.text[0] != '\0'))
		abort();
	if (answer.verdict != TRUST_OK && answer.text[0] == '\0')
		abort();
	if (answer.depth > TRUST_DEPTH_MAX + 2 ||
	    answer.which >= (int)sent.count)
		abort();
	(void)trust_days_left(&answer, MOMENT);
	for (i = 0; i < sent.count; i++)
		free(sent.copies[i]);
	trust_store_free(store);
	return 0;
}
