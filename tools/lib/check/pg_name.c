/* SPDX-License-Identifier: BSD-2-Clause */
/* How PostgreSQL names its files. */
#include "check/pg_name.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/num.h"

#define DIGITS "0123456789"
#define HEX_DIGITS "0123456789ABCDEF"

/* The digits at *text, and past them. */
static bool
take_number(const char **text, uint32_t *number)
{
	size_t len = strspn(*text, DIGITS);
	uint64_t value;

	if (**text == '0' || !num_parse(*text, len, 10, UINT32_MAX, &value))
		return false;
	*number = (uint32_t)value;
	*text += len;
	return true;
}

static enum pg_fork
take_fork(const char **text)
{
	static const struct {
		const char *suffix;
		enum pg_fork fork;
	} forks[] = {
		{ "_fsm", PG_FORK_FSM },
		{ "_vm", PG_FORK_VM },
		{ "_init", PG_FORK_INIT },
	};
	size_t i;

	for (i = 0; i < sizeof(forks) / sizeof(forks[0]); i++) {
		size_t len = strlen(forks[i].suffix);

		if (strncmp(*text, forks[i].suffix, len) == 0) {
			*text += len;
			return forks[i].fork;
		}
	}
	return PG_FORK_MAIN;
}

bool
pg_name_parse(const char *name, struct pg_name *out)
{
	struct pg_name read = { 0 };

	if (!take_number(&name, &read.file))
		return false;
	read.fork = take_fork(&name);
	if (*name == '.') {
		name++;
		if (!take_number(&name, &read.segment))
			return false;
	}
	if (*name != '\0')
		return false;
	*out = read;
	return true;
}

bool
pg_name_number(const char *text, uint32_t *number)
{
	uint32_t value;

	if (!take_number(&text, &value) || *text != '\0')
		return false;
	*number = value;
	return true;
}

bool
pg_name_parse_wal(const char *name, uint32_t segment_size,
    uint32_t *timeline, uint64_t *number)
{
	uint64_t per_id = (UINT64_C(1) << 32) / segment_size;
	uint64_t tli, id, part;

	if (strlen(name) != PG_WAL_NAME_LEN ||
	    strspn(name, HEX_DIGITS) != PG_WAL_NAME_LEN)
		return false;
	if (!num_parse(name, 8, 16, UINT32_MAX, &tli) || tli == 0 ||
	    !num_parse(name + 8, 8, 16, UINT32_MAX, &id) ||
	    !num_parse(name + 16, 8, 16, per_id - 1, &part))
		return false;
	*timeline = (uint32_t)tli;
	*number = id * per_id + part;
	return true;
}

void
pg_name_format_wal(uint32_t timeline, uint64_t number,
    uint32_t segment_size, char out[PG_WAL_NAME_LEN + 1])
{
	uint64_t per_id = (UINT64_C(1) << 32) / segment_size;

	(void)snprintf(out, PG_WAL_NAME_LEN + 1, "%08" PRIX32 "%08" PRIX32
	    "%08" PRIX32, timeline, (uint32_t)(number / per_id),
	    (uint32_t)(number % per_id));
}

const char *
pg_lsn_format(uint64_t lsn, char out[PG_LSN_TEXT])
{
	(void)snprintf(out, PG_LSN_TEXT, "%" PRIX32 "/%" PRIX32,
	    (uint32_t)(lsn >> 32), (uint32_t)lsn);
	return out;
}

bool
pg_lsn_parse(const char *text, uint64_t *lsn)
{
	size_t high_len = strspn(text, HEX_DIGITS);
	uint64_t high, low;
	size_t low_len;

	if (text[high_len] != '/')
		return false;
	low_len = strspn(text + high_len + 1, HEX_DIGITS);
	if (!num_parse(text, high_len, 16, UINT32_MAX, &high) ||
	    !num_parse(text + high_len + 1, low_len, 16, UINT32_MAX, &low))
		return false;
	*lsn = high << 32 | low;
	return true;
}
