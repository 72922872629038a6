/* SPDX-License-Identifier: BSD-2-Clause */
/* YAML as Compose takes it: types, keys, aliases, merge keys, limits. */
#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "compose/yaml.h"
#include "harness.h"

/* The first document, or NULL and err. */
static struct yaml_node *
parse(struct yaml_tree *tree, const char *text, struct err *err)
{
	struct yaml_node *documents;

	err_clear(err);
	if (yaml_parse(tree, text, strlen(text), &documents, err) == -1)
		return NULL;
	return documents->count == 0 ? yaml_null(tree) :
	    documents->items[0].value;
}

static void
refuses(const char *text, enum err_class class, const char *want)
{
	struct yaml_tree *tree = yaml_tree_new();
	struct err err;

	ok(parse(tree, text, &err) == NULL && err.class == class,
	    "refused as %s", err_class_name(class));
	is_str(err.text, want, "and why");
	yaml_tree_free(tree);
}

static void
test_scalars_are_typed_as_go_does(void)
{
	static const struct {
		const char *yaml;
		int kind;
		const char *text;
	} cases[] = {
		{ "", YAML_NULL, "" }, { "~", YAML_NULL, "" },
		{ "null", YAML_NULL, "" }, { "NULL", YAML_NULL, "" },
		{ "nULL", YAML_TEXT, "nULL" }, { "true", YAML_BOOL, "true" },
		{ "TRUE", YAML_BOOL, "true" }, { "False", YAML_BOOL, "false" },
		{ "tRUE", YAML_TEXT, "tRUE" }, { "yes", YAML_TEXT, "yes" },
		{ "on", YAML_TEXT, "on" }, { "y", YAML_TEXT, "y" },
		{ "no", YAML_TEXT, "no" }, { "off", YAML_TEXT, "off" },
		{ "0440", YAML_INT, "288" }, { "0o440", YAML_INT, "288" },
		{ "0x1F", YAML_INT, "31" }, { "0b101", YAML_INT, "5" },
		{ "-0x10", YAML_INT, "-16" }, { "+7", YAML_INT, "7" },
		{ "1_000", YAML_INT, "1000" }, { "-0", YAML_INT, "0" },
		{ "0", YAML_INT, "0" }, { "08", YAML_FLOAT, "8" },
		{ "18446744073709551615", YAML_INT, "18446744073709551615" },
		{ "18446744073709551616", YAML_FLOAT,
		    "1.8446744073709552e+19" },
		{ "100000.0", YAML_FLOAT, "100000" },
		{ "1000000.0", YAML_FLOAT, "1e+06" },
		{ "1234567.5", YAML_FLOAT, "1.2345675e+06" },
		{ "-9223372036854775808", YAML_INT, "-9223372036854775808" },
		{ "1.50", YAML_FLOAT, "1.5" }, { "1.0", YAML_FLOAT, "1" },
		{ ".5", YAML_FLOAT, "0.5" }, { "1e3", YAML_FLOAT, "1000" },
		{ "1e21", YAML_FLOAT, "1e+21" },
		{ "0.00001", YAML_FLOAT, "1e-05" },
		{ "0.1", YAML_FLOAT, "0.1" }, { "-.inf", YAML_FLOAT, "-Inf" },
		{ ".nan", YAML_FLOAT, "NaN" }, { "1.2.3", YAML_TEXT, "1.2.3" },
		{ "22:22", YAML_TEXT, "22:22" }, { "-", YAML_LIST, NULL },
		{ "--x", YAML_TEXT, "--x" }, { "1e", YAML_TEXT, "1e" },
		{ "2026-01-02", YAML_TEXT, "2026-01-02" },
		{ "\"12\"", YAML_TEXT, "12" }, { "'true'", YAML_TEXT, "true" },
		{ "!!str 12", YAML_TEXT, "12" }, { "!!int '12'", YAML_INT,
		    "12" }, { "!foo 12", YAML_TEXT, "12" },
		{ "0x", YAML_TEXT, "0x" }, { "0b2", YAML_TEXT, "0b2" },
		{ "1__0", YAML_INT, "10" }, { "_1", YAML_TEXT, "_1" },
	};
	struct yaml_tree *tree = yaml_tree_new();
	struct err err;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct yaml_node *node = parse(tree, cases[i].yaml,
		    &err);

		if (!ok(node != NULL && node->kind == cases[i].kind,
		    "the kind of '%s'", cases[i].yaml))
			continue;
		is_str(node->text, cases[i].text, "the text of '%s'",
		    cases[i].yaml);
	}
	yaml_tree_free(tree);
}

static void
test_keys_are_texts_and_single(void)
{
	refuses("a:\n  b: 1\n  1.5: x\n", ERR_DAMAGED,
	    "non-string key in a: 1.5");
	refuses("a:\n- b\n- true: x\n", ERR_DAMAGED,
	    "non-string key in a[1]: true");
	refuses("~: x\n", ERR_DAMAGED, "non-string key at top level: <nil>");
	refuses("? [a]\n: x\n", ERR_DAMAGED, "yaml: line 1: invalid map key");
	refuses("a: 1\nb:\n  c: 1\n  d: 2\n  c: 3\n", ERR_DAMAGED,
	    "line 5: mapping key \"c\" already defined at line 3");
	refuses("a:\n  <<: {x: 1}\n  <<: {y: 1}\n", ERR_DAMAGED,
	    "line 3: mapping key \"<<\" already defined at line 2");
	refuses("x\x1b: 1\n", ERR_DAMAGED,
	    "yaml: line 1: control characters are not allowed");
}

static void
test_syntax_errors_have_lines(void)
{
	refuses("a: b\nc: d: e\n", ERR_DAMAGED, "yaml: line 2: mapping values "
	    "are not allowed in this context");
	refuses("a: [b\nc: d\n", ERR_DAMAGED,
	    "yaml: line 2: did not find expected ',' or ']'");
	refuses("a: \"x\n", ERR_DAMAGED,
	    "yaml: line 2: found unexpected end of stream");
	refuses("a: *nobody\n", ERR_DAMAGED,
	    "yaml: line 1: unknown anchor 'nobody' referenced");
	refuses("a: \"x\\0y\"\n", ERR_DAMAGED,
	    "yaml: line 1: text holds a NUL character");
}

static void
test_merge_keys(void)
{
	static const char text[] =
	    "one: &one {k: 1, l: 1}\n"
	    "two: &two {k: 2, m: 2}\n"
	    "list: &list [*two, *one]\n"
	    "a: {k: 0, <<: *one}\n"
	    "b: {<<: [*two, *one, {n: 3}]}\n"
	    "c: {<<: *list}\n"
	    "d: {\"<<\": *one}\n"
	    "e: {<<: {k: 5}, k: 6}\n";
	struct yaml_tree *tree = yaml_tree_new();
	struct err err;
	const struct yaml_node *root = parse(tree, text, &err);

	if (!ok(root != NULL, "parses"))
		goto out;
	is_str(yaml_scalar(yaml_get(yaml_get(root, "a"), "k")), "0",
	    "an explicit key wins");
	is_str(yaml_scalar(yaml_get(yaml_get(root, "a"), "l")), "1",
	    "the others come in");
	is_str(yaml_scalar(yaml_get(yaml_get(root, "b"), "k")), "2",
	    "the earlier map wins");
	is_str(yaml_scalar(yaml_get(yaml_get(root, "b"), "l")), "1",
	    "the later one adds");
	is_str(yaml_scalar(yaml_get(yaml_get(root, "b"), "n")), "3",
	    "a map in place");
	is_str(yaml_scalar(yaml_get(yaml_get(root, "c"), "k")), "2",
	    "an alias to a list");
	ok(yaml_get(yaml_get(root, "d"), "<<") != NULL,
	    "in quotes it is a key like any other");
	is_str(yaml_scalar(yaml_get(yaml_get(root, "e"), "k")), "6",
	    "an explicit key wins from behind");
	is_u64(yaml_get(root, "b")->count, 4, "k, m, l, n");
out:
	yaml_tree_free(tree);
	refuses("a:\n  <<: x\n", ERR_DAMAGED, "yaml: line 2: map merge "
	    "requires map or sequence of maps as the value");
	refuses("a:\n  b: 1\n  <<: [{c: 1}, x]\n", ERR_DAMAGED, "yaml: line 3: "
	    "map merge requires map or sequence of maps as the value");
}

static void
test_aliases_are_copies(void)
{
	struct yaml_tree *tree = yaml_tree_new();
	struct err err;
	struct yaml_node *root = parse(tree,
	    "a: &x {k: [1]}\nb: *x\nc: &x 2\nd: *x\n", &err);

	if (!ok(root != NULL, "parses"))
		goto out;
	yaml_add(tree, yaml_get(yaml_get(root, "b"), "k"),
	    yaml_text(tree, "2"));
	is_u64(yaml_get(yaml_get(root, "a"), "k")->count, 1,
	    "a copy changed alone");
	is_str(yaml_scalar(yaml_get(root, "d")), "2",
	    "the last anchor of a name counts");
out:
	yaml_tree_free(tree);
	refuses("a: &a\n  b: *a\n", ERR_DAMAGED, "cycle detected: node at "
	    "path a.b.b references node at path a.b");
	refuses("a: &a [x, *a]\n", ERR_DAMAGED, "cycle detected: node at path "
	    "a[1][1] references node at path a[1]");
}

static void
test_anchors_end_with_their_document(void)
{
	refuses("a: &x 1\n---\nb: *x\n", ERR_DAMAGED,
	    "yaml: line 3: unknown anchor 'x' referenced");
}

static void
test_depth_limit(void)
{
	struct buf text = BUF_EMPTY;
	struct yaml_tree *tree;
	struct err err;
	int depth;
	int i;

	for (depth = YAML_DEPTH_MAX - 1; depth <= YAML_DEPTH_MAX + 1;
	    depth++) {
		buf_cut(&text, 0);
		for (i = 0; i < depth; i++)
			buf_byte(&text, '[');
		for (i = 0; i < depth; i++)
			buf_byte(&text, ']');
		tree = yaml_tree_new();
		ok((parse(tree, buf_text(&text), &err) != NULL) ==
		    (depth <= YAML_DEPTH_MAX), "%d levels", depth);
		yaml_tree_free(tree);
	}
	is_u64(err.class, ERR_LIMIT, "a limit");
	buf_cut(&text, 0);
	for (i = 0; i < 100000; i++)
		buf_byte(&text, '[');
	refuses(buf_text(&text), ERR_LIMIT,
	    "yaml: line 1: nested deeper than 100 levels");
	buf_release(&text);
}

/* A list of 999 is 1,000 nodes, so that 100 copies are exactly the budget. */
static void
test_alias_budget(void)
{
	struct buf text = BUF_EMPTY;
	struct yaml_tree *tree;
	struct err err;
	int copies;
	int i;

	for (copies = 99; copies <= 101; copies++) {
		buf_cut(&text, 0);
		buf_puts(&text, "a: &a [");
		for (i = 0; i < YAML_ALIAS_NODES_MAX / 100 - 1; i++)
			buf_puts(&text, "x,");
		buf_puts(&text, "]\nb: [");
		for (i = 0; i < copies; i++)
			buf_puts(&text, "*a,");
		buf_puts(&text, "]\n");
		tree = yaml_tree_new();
		ok((parse(tree, buf_text(&text), &err) != NULL) ==
		    (copies <= 100), "%d copies of 1,000 nodes", copies);
		yaml_tree_free(tree);
	}
	is_u64(err.class, ERR_LIMIT, "a limit");
	is_str(err.text,
	    "yaml: line 2: document contains excessive aliasing", "its text");
	buf_release(&text);
}

static void
test_document_limit(void)
{
	struct buf text = BUF_EMPTY;
	struct yaml_node *documents;
	struct yaml_tree *tree;
	struct err err;
	int count;
	int i;

	for (count = YAML_DOCUMENTS_MAX; count <= YAML_DOCUMENTS_MAX + 1;
	    count++) {
		buf_cut(&text, 0);
		for (i = 0; i < count; i++)
			buf_puts(&text, "--- a\n");
		tree = yaml_tree_new();
		ok((yaml_parse(tree, buf_text(&text), text.len, &documents,
		    &err) == 0) == (count <= YAML_DOCUMENTS_MAX),
		    "%d documents", count);
		yaml_tree_free(tree);
	}
	buf_release(&text);
}

static void
test_large_maps(void)
{
	struct yaml_tree *tree = yaml_tree_new();
	struct yaml_node *map = yaml_map(tree);
	char key[16];
	int wrong = 0;
	int i;

	for (i = 0; i < 1000; i++) {
		(void)snprintf(key, sizeof(key), "k%d", i);
		yaml_put(tree, map, yaml_keep(tree, key, strlen(key)),
		    yaml_text(tree, key));
	}
	ok(yaml_remove(map, "k500") && !yaml_remove(map, "k500"),
	    "a key is removed once");
	for (i = 0; i < 1000; i++) {
		(void)snprintf(key, sizeof(key), "k%d", i);
		wrong += (yaml_get(map, key) == NULL) != (i == 500);
	}
	is_u64((uint64_t)wrong, 0, "all others are found");
	yaml_put(tree, map, "k7", yaml_text(tree, "new"));
	is_u64(map->count, 999, "a key is replaced");
	is_str(yaml_scalar(yaml_get(map, "k7")), "new", "in its place");
	yaml_tree_free(tree);
}

static void
test_marks(void)
{
	struct yaml_tree *tree = yaml_tree_new();
	struct err err;
	struct yaml_node *root = parse(tree,
	    "a: !reset x\nb: !override [1, !reset 2, 3]\nc: {d: !reset {}}\n",
	    &err);

	if (!ok(root != NULL, "parses"))
		goto out;
	is_u64(yaml_get(root, "a")->mark, YAML_RESET, "a reset");
	is_u64(yaml_get(root, "b")->mark, YAML_OVERRIDE, "an override");
	is_u64(yaml_get(root, "b")->items[0].value->kind, YAML_INT,
	    "its items keep their types");
	ok(yaml_settle(root) == root, "settles");
	ok(yaml_get(root, "a") == NULL, "what was reset is gone");
	is_u64(yaml_get(root, "b")->count, 2, "from lists too");
	is_u64(yaml_get(root, "b")->mark, YAML_PLAIN, "no mark stays");
	is_u64(yaml_get(root, "c")->count, 0, "from inner maps");
out:
	yaml_tree_free(tree);
}

static void
test_every_prefix_ends(void)
{
	static const char text[] = "x: &a !override {<<: *b, ? k : 'v''w', "
	    "l: [\"\\u00e9\", |\n  t\n ]}\n---\n- *a\n%TAG ! x\n...\n";
	struct yaml_node *documents;
	struct yaml_tree *tree;
	struct err err;
	size_t len;
	size_t ended = 0;

	for (len = 0; len < sizeof(text); len++) {
		tree = yaml_tree_new();
		(void)yaml_parse(tree, text, len, &documents, &err);
		yaml_tree_free(tree);
		ended++;
	}
	is_u64(ended, sizeof(text), "each prefix of a strange text ends");
}

int
main(void)
{
	test_scalars_are_typed_as_go_does();
	test_keys_are_texts_and_single();
	test_syntax_errors_have_lines();
	test_merge_keys();
	test_aliases_are_copies();
	test_anchors_end_with_their_document();
	test_depth_limit();
	test_alias_budget();
	test_document_limit();
	test_large_maps();
	test_marks();
	test_every_prefix_ends();
	return done();
}
