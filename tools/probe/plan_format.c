/* SPDX-License-Identifier: BSD-2-Clause */
/* A plan as a file that probe reads, drydock-probe(5); see plan.h. */
#include <string.h>

#include "base/buf.h"
#include "base/escape.h"
#include "config.h"
#include "plan.h"

/* In double quotes YAML's escapes are JSON's. */
static void
put_text(struct buf *out, const char *text)
{
	buf_byte(out, '"');
	escape_json(out, text, strlen(text));
	buf_byte(out, '"');
}

/* The terms of one key: a value, a list, or a map. */
static void
put_key(struct buf *out, const struct check_terms *terms,
    const struct check_term *first)
{
	bool is_map = first->name != NULL;
	bool is_many = is_map || check_next(terms, first->key, first) != NULL;
	const struct check_term *t;

	buf_printf(out, "          %s: %s", first->key, is_map ? "{ " :
	    is_many ? "[ " : "");
	for (t = first; t != NULL; t = check_next(terms, first->key, t)) {
		if (t != first)
			buf_puts(out, ", ");
		if (is_map) {
			put_text(out, t->name);
			buf_puts(out, ": ");
		}
		put_text(out, t->value);
	}
	buf_puts(out, is_map ? " }\n" : is_many ? " ]\n" : "\n");
}

static void
put_terms(struct buf *out, const char *place,
    const struct check_terms *terms)
{
	const struct check_term *t = NULL;

	if (terms->count == 0)
		return;
	buf_printf(out, "        %s:\n", place);
	while ((t = check_next(terms, NULL, t)) != NULL)
		if (check_next(terms, t->key, NULL) == t)
			put_key(out, terms, t);
}

static void
put_needs(struct buf *out, const struct plan *plan, const struct check *c)
{
	size_t i;

	if (c->need_count == 0)
		return;
	buf_puts(out, "        needs: [ ");
	for (i = 0; i < c->need_count; i++) {
		if (i > 0)
			buf_puts(out, ", ");
		put_text(out, plan_check(plan, c->needs[i])->name);
	}
	buf_puts(out, " ]\n");
}

static void
put_check(struct buf *out, const struct plan *plan, const struct check *c)
{
	buf_puts(out, "      - name: ");
	put_text(out, c->name);
	buf_puts(out, "\n        target: ");
	put_text(out, c->target);
	buf_byte(out, '\n');
	put_needs(out, plan, c);
	if (c->limit_ms != check_kind_of(c->url.scheme)->limit_ms)
		buf_printf(out, "        limit: %llums\n",
		    (unsigned long long)c->limit_ms);
	if (c->tries > 1)
		buf_printf(out, "        tries: %u\n", c->tries);
	if (c->is_optional)
		buf_puts(out, "        optional: true\n");
	put_terms(out, "expect", &c->expect);
	put_terms(out, "warn", &c->warn);
	put_terms(out, "fail_if", &c->fail_if);
	put_terms(out, "set", &c->set);
}

void
plan_format(struct buf *out, const struct plan *plan)
{
	size_t i;

	buf_printf(out, "version: %d\nstages:\n", CONFIG_VERSION);
	for (i = 0; i < plan_count(plan); i++) {
		const struct check *c = plan_check(plan, i);

		if (i == 0 || c->stage != plan_check(plan, i - 1)->stage) {
			buf_puts(out, "  - name: ");
			put_text(out, c->stage);
			buf_puts(out, "\n    checks:\n");
		}
		put_check(out, plan, c);
	}
}
