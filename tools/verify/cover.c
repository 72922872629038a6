/* SPDX-License-Identifier: BSD-2-Clause */
/* A set of paths in little memory; see cover.h. */
#include "cover.h"

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/err.h"
#include "base/mem.h"
#include "codec/sha256.h"
#include "io/io.h"

#define FIRST_SIZE ((size_t)1 << 10)

int
cover_init(struct cover *c, struct err *err)
{
	memset(c, 0, sizeof *c);
	return io_random(c->key, sizeof c->key, err);
}

static uint64_t
value_of(const struct cover *c, const char *path)
{
	uint8_t digest[SHA256_LEN];
	struct sha256 sha;
	uint64_t value;

	sha256_init(&sha);
	sha256_update(&sha, c->key, sizeof c->key);
	sha256_update(&sha, path, strlen(path));
	sha256_out(&sha, digest);
	value = get_le64(digest);
	return value == 0 ? 1 : value;
}

/* Where the value is, or would go; there is always a free slot. */
static size_t
place(const struct cover *c, uint64_t value)
{
	size_t i = (size_t)value & (c->size - 1);

	while (c->slots[i] != 0 && c->slots[i] != value)
		i = (i + 1) & (c->size - 1);
	return i;
}

/* At most three quarters full: COVER_MAX fits 2^21 slots. */
static void
grow(struct cover *c)
{
	struct cover wider = *c;
	size_t i;

	wider.size = c->size == 0 ? FIRST_SIZE : 2 * c->size;
	wider.slots = mem_zero(wider.size, sizeof *wider.slots);
	for (i = 0; i < c->size; i++)
		if (c->slots[i] != 0)
			wider.slots[place(&wider, c->slots[i])] = c->slots[i];
	free(c->slots);
	*c = wider;
}

int
cover_add(struct cover *c, const char *path, struct err *err)
{
	uint64_t value = value_of(c, path);
	size_t i;

	if ((c->count + 1) > c->size / 4 * 3)
		grow(c);
	i = place(c, value);
	if (c->slots[i] == value)
		return 0;
	if (c->count == COVER_MAX)
		return err_set(err, ERR_LIMIT, 0, "the lists name more than "
		    "%d files: which others lie there cannot be told",
		    COVER_MAX);
	c->slots[i] = value;
	c->count++;
	return 0;
}

bool
cover_has(const struct cover *c, const char *path)
{
	uint64_t value = value_of(c, path);

	return c->size > 0 && c->slots[place(c, value)] == value;
}

void
cover_release(struct cover *c)
{
	free(c->slots);
	c->slots = NULL;
	c->size = c->count = 0;
}
