/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Answers of PostgreSQL, Redis and a ping.  The first byte picks whose: what
 * is taken lies within the input and is harmless text.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "net/icmp.h"
#include "net/postgres.h"
#include "net/redis.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void
must(bool held)
{
	if (!held)
		abort();
}

static void
take_postgres(const uint8_t *data, size_t len)
{
	struct postgres_answer a;
	struct err err;

	if (len == 0 || postgres_answer_parse((char)data[0], data + 1,
	    len - 1, &a, &err) == -1)
		return;
	must(strlen(a.code) == (data[0] == 'E' ? 5 : 0));
	must(strlen(a.text) < sizeof a.text);
	for (const char *c = a.text; *c != '\0'; c++)
		must((unsigned char)*c >= ' ' && *c != 0x7f);
}

static void
take_redis(const uint8_t *bytes, size_t len)
{
	const char *data = (const char *)bytes;
	struct redis_reply r, again;
	struct err err;

	if (redis_reply_parse(data, len, &r, &err) != 1)
		return;
	must(r.used <= len && r.text >= data &&
	    r.text + r.len <= data + r.used);
	must(redis_reply_parse(data, r.used, &again, &err) == 1 &&
	    again.len == r.len);
	(void)redis_state_of(r.text, r.len);
	(void)redis_info_number(r.text, r.len, "loading_eta_seconds");
}

static void
take_echo(const uint8_t *data, size_t len)
{
	struct icmp_echo echo = { .is_raw = true };

	(void)icmp_is_reply(&echo, data, len);
	echo.is_ip6 = true;
	(void)icmp_is_reply(&echo, data, len);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	if (len == 0)
		return 0;
	switch (data[0] % 3) {
	case 0:
		take_postgres(data + 1, len - 1);
		break;
	case 1:
		take_redis(data + 1, len - 1);
		break;
	default:
		take_echo(data + 1, len - 1);
	}
	return 0;
}
