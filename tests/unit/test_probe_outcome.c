/* SPDX-License-Identifier: BSD-2-Clause */
/* Findings of a check, the table of reasons, and terms by their types. */
#include "probe_kit.h"

#include "base/buf.h"

static void
test_reasons_are_distinct_and_said(void)
{
	bool codes = true, texts = true;
	enum reason a, b;

	for (a = 0; a < REASON_COUNT; a++) {
		texts = texts && strlen(reason_text(a)) > 8 &&
		    strchr(reason_text(a), '%') == NULL;
		codes = codes && strspn(reason_code(a),
		    "abcdefghijklmnopqrstuvwxyz0123456789-") ==
		    strlen(reason_code(a));
		for (b = 0; b < a; b++)
			codes = codes && strcmp(reason_code(a),
			    reason_code(b)) != 0;
	}
	ok(codes, "codes are distinct, of lower case letters and digits");
	ok(texts, "each has a sentence");
}

static void
test_outcome_keeps_the_worst(void)
{
	struct outcome o;

	outcome_init(&o);
	outcome_note(&o, "%d things", 3);
	is_str(buf_text(&o.cause), "3 things", "what is covered is said");
	outcome_reason(&o, REASON_RESTARTED, "%s", "2 times");
	is_code(&o, REASON_RESTARTED, "a warning replaces it");
	ok(o.status == OUTCOME_WARN, "as a warning");
	ok(strstr(buf_text(&o.cause), "(2 times)") != NULL,
	    "with its evidence");
	ok(strstr(buf_text(&o.cause), "things") == NULL,
	    "and not with what was covered");
	outcome_note(&o, "late");
	ok(strstr(buf_text(&o.cause), "late") == NULL,
	    "nothing is covered from then on");
	outcome_reason(&o, REASON_UNHEALTHY, "%s", "");
	is_code(&o, REASON_UNHEALTHY, "a failure wins over a warning");
	ok(strstr(buf_text(&o.cause), "; also: ") != NULL &&
	    strstr(buf_text(&o.cause), "2 times") != NULL,
	    "which stays in the text");
	outcome_reason(&o, REASON_BIND_MISSING, "/x");
	is_code(&o, REASON_UNHEALTHY, "the first failure stays");
	ok(strstr(buf_text(&o.cause), "(/x)") != NULL, "the second is told");
	outcome_release(&o);
	ok(o.status == OUTCOME_OK && o.cause.len == 0,
	    "a released outcome is fresh");
}

static void
test_outcome_status_may_be_another(void)
{
	struct outcome o, moved;

	outcome_init(&o);
	outcome_init(&moved);
	outcome_reason_as(&o, OUTCOME_WARN, REASON_SPACE_LOW, "%d %%", 7);
	is_code(&o, REASON_SPACE_LOW, "the reason stays");
	ok(o.status == OUTCOME_WARN, "the status is the given one");
	outcome_fact_u64(&o, "free", 7);
	outcome_fact(&o, "path", "/\033");
	outcome_move(&moved, &o);
	is_str(pairs_get(&moved.facts, "free"), "7", "facts move along");
	is_str(pairs_get(&moved.facts, "path"), "/\033", "as they came");
	ok(o.status == OUTCOME_OK && o.facts.count == 0,
	    "nothing stays behind");
	outcome_release(&moved);
}

static void
test_unknown_is_worse_than_a_warning(void)
{
	ok(outcome_is_worse(OUTCOME_FAIL, OUTCOME_UNKNOWN) &&
	    outcome_is_worse(OUTCOME_UNKNOWN, OUTCOME_WARN) &&
	    outcome_is_worse(OUTCOME_WARN, OUTCOME_SKIP) &&
	    outcome_is_worse(OUTCOME_SKIP, OUTCOME_OK) &&
	    !outcome_is_worse(OUTCOME_FAIL, OUTCOME_FAIL),
	    "fail, unknown, warn, skip, ok");
}

static void
test_terms_are_read_by_type(void)
{
	struct check_term list[] = {
		{ "status", NULL, "200", 1 }, { "free", NULL, "5%", 2 },
		{ "size", NULL, "4K", 3 }, { "time", NULL, "1.5s", 4 },
		{ "header", "A", "1", 5 }, { "header", "B", "2", 6 },
		{ "quick", NULL, "true", 7 },
	};
	const struct check_terms terms = { list, 7 };
	const struct check_term *t;

	is_u64(check_number(&terms, "status", 9), 200, "a number");
	is_u64(check_number(&terms, "free", 9), 5, "with a percent sign");
	is_u64(check_number(&terms, "none", 9), 9, "or the fallback");
	is_u64(check_bytes(&terms, "size", 0), 4096, "bytes");
	is_u64(check_ms(&terms, "time", 0), 1500, "a duration");
	is_u64(check_ms(&terms, "none", 7), 7, "or the fallback");
	ok(check_bool(&terms, "quick", false), "a truth value");
	ok(check_bool(&terms, "none", true), "or the fallback");
	is_str(check_text(&terms, "header"), "1", "the first of its key");
	t = check_next(&terms, "header", NULL);
	t = check_next(&terms, "header", t);
	is_str(t->name, "B", "the second");
	ok(check_next(&terms, "header", t) == NULL, "and no third");
	is_str(check_next(&terms, NULL, NULL)->key, "status",
	    "without a key, the first of all");
}

int
main(void)
{
	test_reasons_are_distinct_and_said();
	test_outcome_keeps_the_worst();
	test_outcome_status_may_be_another();
	test_unknown_is_worse_than_a_warning();
	test_terms_are_read_by_type();
	return done();
}
