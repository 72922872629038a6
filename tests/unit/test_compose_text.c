/* SPDX-License-Identifier: BSD-2-Clause */
/* Variables in texts and .env files: Compose's own cases, and our corners. */
#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/pairs.h"
#include "compose/dotenv.h"
#include "compose/interpolate.h"
#include "shared_data.h"

#define INTERPOLATION_CASES 41
#define INTERPOLATION_OWN_ENV_CASES 25
#define DOTENV_CASES 44
#define DOTENV_FIXTURES 14

struct env {
	struct pairs pairs;
	unsigned unset;			/* warnings */
};

static const char *
look_up(void *context, const char *name)
{
	const struct env *env = context;

	return pairs_get(&env->pairs, name);
}

static void
count_unset(void *context, const char *name)
{
	struct env *env = context;

	(void)name;
	env->unset++;
}

static void
take_env(struct env *env, json_t *map)
{
	const char *key;
	json_t *value;

	json_object_foreach(map, key, value)
		pairs_put(&env->pairs, key, json_string_value(value));
}

/* The expansion, or NULL and err; the caller frees it. */
static char *
expand(struct env *env, const char *template, struct err *err)
{
	const struct interpolate_env how = { look_up, count_unset, env };
	struct buf out = BUF_EMPTY;
	char *copy = NULL;

	if (interpolate(template, &how, &out, err) == 0)
		copy = mem_text(buf_text(&out));
	buf_release(&out);
	return copy;
}

static void
check_interpolation(json_t *test, json_t *shared_env)
{
	const char *in = json_string_value(json_object_get(test, "in"));
	json_t *out = json_object_get(test, "out");
	json_t *wrong = json_object_get(test, "error_contains");
	json_t *own = json_object_get(test, "env");
	struct env env = { PAIRS_EMPTY, 0 };
	struct err err = { .class = ERR_NONE };
	char *got;

	take_env(&env, own != NULL ? own : shared_env);
	got = expand(&env, in, &err);
	if (out != NULL)
		is_str(got, json_string_value(out), "interpolate %s", in);
	else if (!ok(got == NULL && wrong != NULL &&
	    strstr(err.text, json_string_value(wrong)) != NULL,
	    "interpolate refuses %s", in))
		printf("# got '%s' (%s)\n", got == NULL ? "" : got, err.text);
	free(got);
	pairs_release(&env.pairs);
}

static void
test_interpolation_cases(void)
{
	json_t *data = shared_data_load("interpolation-cases.json");
	json_t *cases = json_object_get(data, "cases");
	json_t *own = json_object_get(data, "cases_own_env");
	size_t i;
	json_t *test;

	is_u64(json_array_size(cases), INTERPOLATION_CASES,
	    "all interpolation cases are there");
	is_u64(json_array_size(own), INTERPOLATION_OWN_ENV_CASES,
	    "all with an environment of their own are there");
	json_array_foreach(cases, i, test)
		check_interpolation(test, json_object_get(data, "env"));
	json_array_foreach(own, i, test)
		check_interpolation(test, NULL);
	json_decref(data);
}

static int
parse(struct env *env, const char *text, struct pairs *out, struct err *err)
{
	const struct interpolate_env how = { look_up, count_unset, env };

	return dotenv_parse(text, strlen(text), &how, out, err);
}

static void
check_dotenv(json_t *test)
{
	const char *in = json_string_value(json_object_get(test, "in"));
	json_t *map = json_object_get(test, "map");
	struct env env = { PAIRS_EMPTY, 0 };
	struct pairs out = PAIRS_EMPTY;
	struct err err = { .class = ERR_NONE };
	const char *key;
	json_t *value;

	ok(parse(&env, in, &out, &err) == 0, "dotenv reads %s", in);
	if (map == NULL) {
		key = json_string_value(json_object_get(test, "key"));
		is_str(pairs_get(&out, key), json_string_value(
		    json_object_get(test, "value")), "dotenv %s", in);
	}
	json_object_foreach(map, key, value)
		is_str(pairs_get(&out, key), json_string_value(value),
		    "dotenv %s", in);
	is_u64(out.count, map == NULL ? 1 : json_object_size(map),
	    "dotenv %s: nothing else", in);
	pairs_release(&out);
}

static void
check_fixture(const char *name, json_t *text, json_t *want)
{
	struct env env = { PAIRS_EMPTY, 0 };
	struct pairs out = PAIRS_EMPTY;
	struct err err = { .class = ERR_NONE };
	const char *key;
	json_t *value;
	int ret = parse(&env, json_string_value(text), &out, &err);

	if (strncmp(name, "invalid", 7) == 0)
		is_str(ret == 0 ? "success" : err.text,
		    "line 7: key cannot contain a space", "%s is refused",
		    name);
	else
		ok(ret == 0, "%s is read", name);
	json_object_foreach(want, key, value)
		is_str(pairs_get(&out, key), json_string_value(value),
		    "%s: %s", name, key);
	ok(pairs_get(&out, "456") == NULL, "%s: a number is no key", name);
	pairs_release(&out);
}

static void
test_dotenv_cases(void)
{
	json_t *data = shared_data_load("dotenv-cases.json");
	json_t *cases = json_object_get(data, "cases");
	json_t *fixtures = json_object_get(data, "fixtures");
	const char *name;
	json_t *test;
	size_t i;

	is_u64(json_array_size(cases), DOTENV_CASES,
	    "all .env cases are there");
	is_u64(json_object_size(fixtures), DOTENV_FIXTURES,
	    "all .env files are there");
	json_array_foreach(cases, i, test)
		check_dotenv(test);
	json_object_foreach(fixtures, name, test)
		check_fixture(name, test, json_object_get(json_object_get(
		    data, "fixture_expect"), name));
	json_decref(data);
}

/* ---- our own */

static void
test_interpolate_looks_only_where_it_goes(void)
{
	struct env env = { PAIRS_EMPTY, 0 };
	struct err err;
	char *got;

	pairs_put(&env.pairs, "SET", "s");
	got = expand(&env, "${SET:-${MISSING}}${NONE+${MISSING}}", &err);
	is_str(got, "s", "a default that is not taken");
	is_u64(env.unset, 0, "and nobody is warned of what is in it");
	free(got);
	got = expand(&env, "${SET+${MISSING}}x", &err);
	is_str(got, "x", "a branch that is taken");
	is_u64(env.unset, 1, "warns");
	free(got);
	pairs_release(&env.pairs);
}

static void
test_interpolate_limits(void)
{
	struct env env = { PAIRS_EMPTY, 0 };
	struct buf deep = BUF_EMPTY;
	struct err err;
	char *got;
	int depth;
	int i;

	for (depth = INTERPOLATE_DEPTH_MAX - 1;
	    depth <= INTERPOLATE_DEPTH_MAX + 1; depth++) {
		buf_cut(&deep, 0);
		for (i = 0; i < depth; i++)
			buf_puts(&deep, "${A:-");
		buf_puts(&deep, "x");
		for (i = 0; i < depth; i++)
			buf_byte(&deep, '}');
		got = expand(&env, buf_text(&deep), &err);
		if (depth <= INTERPOLATE_DEPTH_MAX)
			is_str(got, "x", "%d defaults in each other", depth);
		else
			ok(got == NULL && err.class == ERR_LIMIT,
			    "%d are too many", depth);
		free(got);
	}
	buf_release(&deep);
}

/* 4096 times 4 KiB is the limit. */
static void
test_interpolate_bounds_its_result(void)
{
	struct env env = { PAIRS_EMPTY, 0 };
	struct buf text = BUF_EMPTY;
	struct err err;
	char *value = mem_zero(4097, 1);
	char *got;
	int i;

	memset(value, 'v', 4096);
	pairs_put(&env.pairs, "V", value);
	for (i = 0; i < INTERPOLATE_BYTES_MAX / 4096; i++)
		buf_puts(&text, "$V");
	got = expand(&env, buf_text(&text), &err);
	ok(got != NULL, "a result of the limit");
	free(got);
	buf_byte(&text, '.');
	got = expand(&env, buf_text(&text), &err);
	ok(got == NULL && err.class == ERR_LIMIT, "one byte more");
	free(got);
	free(value);
	buf_release(&text);
	pairs_release(&env.pairs);
}

static void
test_interpolate_unclosed(void)
{
	static const char *const wrong[] = { "${A", "${A:-", "${A:-${B}",
	    "${A:", "${A:}", "${A:x}", "${A%b}", "x${}", "${1}", NULL };
	struct env env = { PAIRS_EMPTY, 0 };
	struct err err;
	char *got;
	size_t i;

	for (i = 0; wrong[i] != NULL; i++) {
		got = expand(&env, wrong[i], &err);
		ok(got == NULL && err.class == ERR_DAMAGED &&
		    strncmp(err.text, "Invalid template: \"", 19) == 0,
		    "%s is invalid", wrong[i]);
		free(got);
	}
}

static void
test_dotenv_outer_wins(void)
{
	struct env env = { PAIRS_EMPTY, 0 };
	struct pairs out = PAIRS_EMPTY;
	struct err err;

	pairs_put(&env.pairs, "A", "outer");
	ok(parse(&env, "A=inner\nB=$A\nA\nC\nexport D=\"$B\"x\n", &out,
	    &err) == 0, "reads");
	is_str(pairs_get(&out, "B"), "outer", "a variable is the outer one");
	is_str(pairs_get(&out, "A"), "outer", "a bare key takes it");
	ok(pairs_get(&out, "C") == NULL, "a bare key that nobody has");
	is_str(pairs_get(&out, "D"), "outer", "quoted; the rest is a key");
	pairs_release(&out);
	pairs_release(&env.pairs);
}

static void
test_dotenv_windows_lines(void)
{
	struct env env = { PAIRS_EMPTY, 0 };
	struct pairs out = PAIRS_EMPTY;
	struct err err;

	ok(parse(&env, "A=1\r\nB='x'\r\n# c\r\nC: 3\r\n", &out, &err) == 0,
	    "reads");
	is_str(pairs_get(&out, "A"), "1", "A without the CR");
	is_str(pairs_get(&out, "B"), "x", "B");
	is_str(pairs_get(&out, "C"), "3", "C");
	is_u64(out.count, 3, "and no more");
	pairs_release(&out);
}

static void
test_dotenv_errors_have_lines(void)
{
	static const struct {
		const char *in;
		const char *want;
	} cases[] = {
		{ "A=1\nB*=2\n", "line 2: unexpected character \"*\" in "
		    "variable name \"B*=2\"" },
		{ "A='1\n2\n", "line 1: unterminated quoted value '1" },
		{ "A=\"1\n2\"\nB=${\n", "line 3: Invalid template: \"${\"" },
		{ "A=1\nB=${C:?no C}\n",
		    "line 2: required variable C is missing a value: no C" },
		{ "\x1b[31m=1\n", "line 1: unexpected character \"\\033\" in "
		    "variable name \"\\033[31m=1\"" },
	};
	struct env env = { PAIRS_EMPTY, 0 };
	struct pairs out = PAIRS_EMPTY;
	struct err err = { .class = ERR_NONE };
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		is_str(parse(&env, cases[i].in, &out, &err) == 0 ? "success" :
		    err.text, cases[i].want, "error %zu", i);
	pairs_release(&out);
}

static void
test_dotenv_limits_keys(void)
{
	struct env env = { PAIRS_EMPTY, 0 };
	struct pairs out = PAIRS_EMPTY;
	struct buf text = BUF_EMPTY;
	struct err err;
	int i;

	for (i = 0; i < DOTENV_KEYS_MAX; i++)
		buf_printf(&text, "K%d=1\n", i);
	ok(parse(&env, buf_text(&text), &out, &err) == 0 &&
	    out.count == DOTENV_KEYS_MAX, "as many keys as may be");
	buf_puts(&text, "M=1\n");
	pairs_release(&out);
	out = (struct pairs)PAIRS_EMPTY;
	ok(parse(&env, buf_text(&text), &out, &err) == -1 &&
	    err.class == ERR_LIMIT, "one more");
	pairs_release(&out);
	buf_release(&text);
}

int
main(void)
{
	if (!shared_data_is_there()) {
		skip("no test data ($DRYDOCK_TEST_DATA)");
	} else {
		test_interpolation_cases();
		test_dotenv_cases();
	}
	test_interpolate_looks_only_where_it_goes();
	test_interpolate_limits();
	test_interpolate_bounds_its_result();
	test_interpolate_unclosed();
	test_dotenv_outer_wins();
	test_dotenv_windows_lines();
	test_dotenv_errors_have_lines();
	test_dotenv_limits_keys();
	return done();
}
