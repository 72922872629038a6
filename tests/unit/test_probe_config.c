/* SPDX-License-Identifier: BSD-2-Clause */
/* probe.yml: what it becomes, and what is refused and where. */
#include "../../tools/probe/config.h"
#include "../../tools/probe/plan.h"
#include "probe_kit.h"

#include <stdlib.h>

#include "base/err.h"
#include "base/mem.h"

static const char whole[] =
    "version: 1\n"
    "defaults: { limit: 5s, tries: 2 }\n"
    "stages:\n"
    "  - name: engine\n"
    "    checks: [ 'docker://' ]\n"
    "  - name: data\n"
    "    checks:\n"
    "      - volume://pgdata\n"
    "      - name: key\n"
    "        target: path:///srv/key.pem\n"
    "        expect: { kind: file, mode: \"0600\", private: true }\n"
    "        optional: true\n"
    "  - name: services\n"
    "    needs: engine\n"
    "    checks:\n"
    "      - name: db\n"
    "        target: docker://shop-db-1\n"
    "        needs: [ data ]\n"
    "        limit: 1m30s\n"
    "        tries: 3\n"
    "        expect:\n"
    "          mount: [ /data, /run ]\n"
    "        warn: { restarts: 3, time: 500ms }\n";

static void
test_whole_file(void)
{
	struct plan *plan = plan_new();
	const struct check *c;
	struct err err;

	err_clear(&err);
	if (!ok(config_parse(whole, strlen(whole), plan, &err) == 0 &&
	    plan_seal(plan, &err) == 0, "read %s", err.text)) {
		plan_free(plan);
		return;
	}
	is_u64(plan_count(plan), 4, "its checks, and no engine besides");
	is_u64(plan_stage_count(plan), 3, "its stages");
	c = plan_check(plan, 1);
	is_str(c->name, "volume://pgdata", "a target alone is its name");
	is_u64(c->limit_ms, 5000, "with the file's limit");
	is_u64(c->tries, 2, "and tries");
	is_u64(c->line, 8, "and its line");
	c = plan_check(plan, 2);
	ok(c->is_optional, "an optional one");
	is_str(check_text(&c->expect, "mode"), "0600", "a term");
	is_str(check_text(&c->expect, "private"), "true", "a truth value");
	c = plan_check(plan, 3);
	is_str(c->stage, "services", "by its stage");
	is_u64(c->limit_ms, 90000, "with its own limit");
	is_u64(c->tries, 3, "and tries");
	is_u64(c->need_count, 3, "needs of the stage, and its own");
	is_u64(c->expect.count, 2, "a list is a term each");
	is_str(c->expect.list[1].value, "/run", "in order");
	is_u64(check_ms(&c->warn, "time", 0), 500, "what is warned of");
	plan_free(plan);
}

static void
test_wrong_files(void)
{
#define STAGE(checks) "version: 1\nstages:\n - name: a\n   checks:\n" checks
	static const struct { const char *text, *says; } t[] = {
		{ "", "not one YAML document" },
		{ "[1]", "not one YAML document" },
		{ "version: 1\n---\nversion: 1\n", "not one YAML document" },
		{ "version: 1\n  bad: [\n", "yaml" },
		{ "stages: []\n", "wants a 'version: 1'" },
		{ "version: 2\nstages: []\n", "version 2 is not known" },
		{ "version: 1\n", "it has no stages" },
		{ "version: 1\nstages: []\n", "line 2: stages: wants a list" },
		{ "version: 1\nstages: 7\n", "line 2: stages: wants a list" },
		{ "version: 1\nstage: 7\n", "line 2: 'stage' is not known" },
		{ "version: 1\nversion: 1\n", "line 2" },
		{ "version: 1\nstages: [ 7 ]\n", "wants a map" },
		{ "version: 1\nstages: [ { name: a } ]\n", "a name and checks" },
		{ "version: 1\nstages: [ { name: a, checks: [], x: 1 } ]\n",
		    "'x' is not known here" },
		{ "version: 1\nstages: !reset [ 1 ]\n", "tags are not known" },
		{ "version: 1\ndefaults: { retries: 1 }\n",
		    "'retries' is not known" },
		{ STAGE("   - {}\n"), "wants a target" },
		{ STAGE("   - null\n"), "wants a text" },
		{ STAGE("   - target: path:///x\n     expects: { a: b }\n"),
		    "line 6: 'expects' is not known here" },
		{ STAGE("   - target: path:///x\n     expect: 7\n"),
		    "line 6: expect: wants a map" },
		{ STAGE("   - target: path:///x\n     expect: { kind: [ ] }\n"),
		    "wants at least one value" },
		{ STAGE("   - target: path:///x\n     expect: { kind: }\n"),
		    "wants a value" },
		{ STAGE("   - target: path:///x\n     limit: soon\n"),
		    "line 6: limit: wants a duration" },
		{ STAGE("   - target: path:///x\n     tries: -1\n"),
		    "line 6: tries: wants a number" },
		{ STAGE("   - target: path:///x\n     optional: 1\n"),
		    "wants true or false" },
		{ STAGE("   - target: path:///x\n     needs: [ [ a ] ]\n"),
		    "wants a text" },
		{ STAGE("   - path:///x\n - name: a\n   checks: [ b ]\n"),
		    "line 6: this name is taken" },
		{ STAGE("   - target: path:///x\n     expect:\n"
		    "       kind: cloud\n"), "line 5: path:///x: kind" },
		{ STAGE("   - target: path:///x\n     expect:\n"
		    "       kin: file\n"), "line 7" },
		{ STAGE("   - target: path:///x\n     expect:\n"
		    "       mode: 0600\n"), "not octal" },
		{ STAGE("   - \"nowhere\\e[31m\"\n"), "line 5" },
	};
	struct err err;
	size_t i;

	for (i = 0; i < sizeof t / sizeof t[0]; i++) {
		struct plan *plan = plan_new();

		err_clear(&err);
		ok((config_parse(t[i].text, strlen(t[i].text), plan,
		    &err) == -1 || plan_seal(plan, &err) == -1) &&
		    err.class == ERR_USAGE &&
		    strstr(err.text, t[i].says) != NULL &&
		    strchr(err.text, '\033') == NULL, "%s: %s", t[i].says,
		    err.text);
		plan_free(plan);
	}
}

static void
test_limit_of_a_file(void)
{
	char *text = mem_alloc(CONFIG_BYTES_MAX + 2);
	static const char head[] = "version: 1\nstages:\n - name: a\n"
	    "   checks: [ 'path:///x' ]\n#";
	int more;

	memset(text, 'x', CONFIG_BYTES_MAX + 2);
	memcpy(text, head, sizeof head - 1);
	for (more = -1; more <= 1; more++) {
		struct plan *plan = plan_new();
		struct err err;

		err_clear(&err);
		ok((config_parse(text, CONFIG_BYTES_MAX + (size_t)(more + 1) -
		    1, plan, &err) == 0) == (more <= 0) &&
		    (more <= 0 || err.class == ERR_LIMIT),
		    "limit %+d bytes %s", more, err.text);
		plan_free(plan);
	}
	free(text);
}

int
main(void)
{
	test_whole_file();
	test_wrong_files();
	test_limit_of_a_file();
	return done();
}
