/* SPDX-License-Identifier: BSD-2-Clause */
/* base/pairs: a small sorted map. */
#include "base/pairs.h"
#include "harness.h"

static void
test_put_keeps_order_and_replaces(void)
{
	struct pairs p = PAIRS_EMPTY;

	pairs_put(&p, "m", "1");
	pairs_put(&p, "a", "2");
	pairs_put(&p, "z", "3");
	pairs_put(&p, "m", "4");
	is_u64(p.count, 3, "a key is there once");
	ok(strcmp(p.items[0].key, "a") == 0 && strcmp(p.items[1].key, "m") == 0
	    && strcmp(p.items[2].key, "z") == 0, "sorted");
	is_str(pairs_get(&p, "m"), "4", "the later value counts");
	ok(pairs_get(&p, "b") == NULL, "what is not there");
	pairs_put(&p, "m", pairs_get(&p, "m"));
	is_str(pairs_get(&p, "m"), "4", "a value may replace itself");
	pairs_release(&p);
	ok(p.count == 0 && p.items == NULL, "empty again");
}

static void
test_remove(void)
{
	struct pairs p = PAIRS_EMPTY;

	ok(!pairs_remove(&p, "a"), "nothing to remove");
	pairs_put(&p, "a", "1");
	pairs_put(&p, "b", "2");
	pairs_put(&p, "c", "3");
	ok(pairs_remove(&p, "b") && p.count == 2, "removed from the middle");
	ok(pairs_get(&p, "b") == NULL && pairs_get(&p, "c") != NULL,
	    "the others stay");
	ok(pairs_remove(&p, "a") && pairs_remove(&p, "c") && p.count == 0,
	    "to the last");
	pairs_release(&p);
}

static void
test_copy_and_equal(void)
{
	struct pairs a = PAIRS_EMPTY, b = PAIRS_EMPTY;

	ok(pairs_equal(&a, &b), "empty lists are equal");
	pairs_put(&a, "k", "v");
	pairs_put(&b, "old", "x");
	ok(!pairs_equal(&a, &b), "other keys");
	pairs_copy(&b, &a);
	ok(pairs_equal(&a, &b) && b.count == 1, "a copy replaces and is equal");
	pairs_put(&b, "k", "w");
	ok(!pairs_equal(&a, &b), "other values");
	is_str(pairs_get(&a, "k"), "v", "the copy is independent");
	pairs_copy(&a, &a);
	is_str(pairs_get(&a, "k"), "v", "a list may be copied to itself");
	pairs_release(&a);
	pairs_release(&b);
}

static void
test_environment(void)
{
	char a[] = "A=1=2", empty[] = "B=", none[] = "C", odd[] = "=x";
	char *environment[] = { a, empty, none, odd, NULL };
	struct pairs pairs = PAIRS_EMPTY;

	pairs_put_environment(&pairs, environment);
	is_u64(pairs.count, 2, "what has a name and a value");
	is_str(pairs_get(&pairs, "A"), "1=2", "cut at the first sign");
	is_str(pairs_get(&pairs, "B"), "", "an empty value is one");
	pairs_release(&pairs);
}

int
main(void)
{
	test_environment();
	test_put_keeps_order_and_replaces();
	test_remove();
	test_copy_and_equal();
	return done();
}
