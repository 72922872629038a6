/* SPDX-License-Identifier: BSD-2-Clause */
/* tools/verify/cover: what is in the set, and how much of it may be. */
#include "../../tools/verify/cover.h"
#include "base/err.h"
#include "harness.h"

static bool
add(struct cover *c, unsigned i, struct err *err)
{
	char path[32];

	(void)snprintf(path, sizeof path, "d/%u", i);
	return cover_add(c, path, err) == 0;
}

static bool
has(const struct cover *c, unsigned i)
{
	char path[32];

	(void)snprintf(path, sizeof path, "d/%u", i);
	return cover_has(c, path);
}

int
main(void)
{
	struct cover c = COVER_EMPTY;
	unsigned i, known = 0, strange = 0;
	struct err err;

	ok(!cover_has(&c, "d/0"), "nothing is in the empty set");
	ok(cover_init(&c, &err) == 0, "a key");
	for (i = 0; i < COVER_MAX - 1; i++)
		if (!add(&c, i, &err))
			break;
	is_u64(i, COVER_MAX - 1, "one less than the limit");
	ok(add(&c, i, &err), "the limit");
	ok(!add(&c, i + 1, &err) && err.class == ERR_LIMIT, "one more");
	ok(add(&c, 0, &err), "but what is there may come again");
	for (i = 0; i < COVER_MAX; i++)
		known += has(&c, i) ? 1 : 0;
	is_u64(known, COVER_MAX, "all are known");
	for (i = COVER_MAX; i < COVER_MAX + 100000; i++)
		strange += has(&c, i) ? 1 : 0;
	is_u64(strange, 0, "and nothing else");
	is_u64(c.size * sizeof *c.slots, (uint64_t)16 << 20,
	    "in 16 MiB");
	cover_release(&c);
	ok(!cover_has(&c, "d/0"), "released");
	return done();
}
