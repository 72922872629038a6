/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An answer of a name server: whatever comes, it ends, and what is kept is
 * text.  The first byte picks the type that was asked for; the id and the
 * question are as in the message, so that most inputs get past them.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "net/dns.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void
must(bool held)
{
	if (!held)
		abort();
}

static void
check_text(const char *text)
{
	must(strlen(text) < DNS_NAME_TEXT);
	for (; *text != '\0'; text++)
		must((unsigned char)*text >= ' ' && *text != 0x7f);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static const enum dns_type types[] = { DNS_A, DNS_NS, DNS_CNAME,
	    DNS_PTR, DNS_MX, DNS_TXT, DNS_AAAA, DNS_SRV };
	struct dns_question question = { .name = "a.test" };
	static struct dns_answer answer;	/* too large to make anew */
	struct err err;

	if (len <= 2)
		return 0;
	question.type = types[data[0] % 8];
	question.id = (uint16_t)(data[1] << 8 | data[2]);
	if (dns_answer_parse(data + 1, len - 1, &question, &answer,
	    &err) == 0) {
		must(answer.count <= DNS_RECORDS_MAX);
		check_text(answer.name);
		for (size_t i = 0; i < answer.count; i++)
			check_text(answer.records[i].text);
	}
	return 0;
}
