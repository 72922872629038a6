/* SPDX-License-Identifier: BSD-2-Clause */
/* The terms of a check, read back by their types; see check.h. */
#include <string.h>

#include "base/num.h"
#include "check.h"
#include "compose/duration.h"

#define NS_PER_MS 1000000

const struct check_key *
check_key_of(const struct check_kind *kind, const char *name)
{
	const struct check_key *key = kind->keys;

	while (key->name != NULL && strcmp(key->name, name) != 0)
		key++;
	return key->name != NULL ? key : NULL;
}

const struct check_term *
check_next(const struct check_terms *terms, const char *key,
    const struct check_term *after)
{
	size_t i = after == NULL ? 0 : (size_t)(after - terms->list) + 1;

	for (; i < terms->count; i++)
		if (key == NULL || strcmp(terms->list[i].key, key) == 0)
			return &terms->list[i];
	return NULL;
}

const char *
check_text(const struct check_terms *terms, const char *key)
{
	const struct check_term *term = check_next(terms, key, NULL);

	return term != NULL ? term->value : NULL;
}

uint64_t
check_number(const struct check_terms *terms, const char *key,
    uint64_t fallback)
{
	const char *text = check_text(terms, key);
	uint64_t value;

	if (text == NULL || !num_parse(text, strcspn(text, "%"), 10,
	    UINT64_MAX, &value))
		return fallback;
	return value;
}

uint64_t
check_bytes(const struct check_terms *terms, const char *key,
    uint64_t fallback)
{
	const char *text = check_text(terms, key);
	uint64_t value;

	return text != NULL && num_parse_bytes(text, &value) ? value :
	    fallback;
}

uint64_t
check_ms(const struct check_terms *terms, const char *key, uint64_t fallback)
{
	const char *text = check_text(terms, key);
	uint64_t ns;

	return text != NULL && duration_parse(text, &ns) ? ns / NS_PER_MS :
	    fallback;
}

bool
check_bool(const struct check_terms *terms, const char *key, bool fallback)
{
	const char *text = check_text(terms, key);

	return text != NULL ? strcmp(text, "true") == 0 : fallback;
}
