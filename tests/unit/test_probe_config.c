/* SPDX-License-Identifier: BSD-2-Clause */
/* Plans from probe.yml and from Compose projects; what is refused, and where. */
#include "../../tools/probe/compose_plan.h"
#include "../../tools/probe/config.h"
#include "../../tools/probe/plan.h"
#include "../../tools/probe/site.h"
#include "probe_kit.h"
#include "scratch.h"

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
		{ STAGE("   - target: path:///x\n     expect:\n"
		    "       private: false\n"), "false asks for nothing" },
		{ STAGE("   - target: path:///x\n     warn:\n"
		    "       writable: false\n"), "false asks for nothing" },
		{ STAGE("   - target: path:///x\n     expect:\n"
		    "       mounted: false\n"), "false asks for nothing" },
		{ STAGE("   - target: docker://web\n     expect:\n"
		    "       state: running\n     set: { offline: true }\n"),
		    "nobody can tell" },
		{ STAGE("   - target: docker://web\n     warn:\n"
		    "       restarts: 1\n     set: { offline: true }\n"),
		    "nobody can tell" },
		{ STAGE("   - target: redis://x\n     expect:\n"
		    "       days: 7\n"), "want tls: true" },
		{ STAGE("   - target: postgres://x\n     set:\n"
		    "       ca: /x\n"), "want tls: true" },
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

/* Written and read again, a plan is the same. */
static void
test_format(void)
{
	struct buf first = BUF_EMPTY, second = BUF_EMPTY;
	struct plan *plan = plan_new(), *again = plan_new();
	struct err err;

	err_clear(&err);
	ok(config_parse(whole, strlen(whole), plan, &err) == 0 &&
	    plan_seal(plan, &err) == 0, "read %s", err.text);
	plan_format(&first, plan);
	ok(config_parse(first.data, first.len, again, &err) == 0 &&
	    plan_seal(again, &err) == 0, "written and read %s", err.text);
	plan_format(&second, again);
	is_str(buf_text(&second), buf_text(&first), "it stays the same");
	is_u64(plan_count(again), plan_count(plan), "with all its checks");
	ok(strstr(buf_text(&first), "mode: \"0600\"") != NULL,
	    "values stay texts");
	buf_release(&first);
	buf_release(&second);
	plan_free(plan);
	plan_free(again);
}

/* ----------------------------------------------------------------- projects */

static const char project[] =
    "name: shop\n"
    "services:\n"
    "  db:\n"
    "    image: postgres:15\n"
    "    volumes: [ 'data:/var/lib/postgresql/data' ]\n"
    "    healthcheck: { test: 'true' }\n"
    "    ports: [ '127.0.0.1:5433:5432' ]\n"
    "    secrets: [ password ]\n"
    "  migrate:\n"
    "    image: x\n"
    "    depends_on: { db: { condition: service_healthy } }\n"
    "  api:\n"
    "    image: x\n"
    "    scale: 2\n"
    "    ports: [ '8000-8001:80' ]\n"
    "    volumes: [ './app.conf:/etc/app.conf', "
    "'/run/docker.sock:/run/docker.sock' ]\n"
    "    depends_on:\n"
    "      migrate: { condition: service_completed_successfully }\n"
    "  web:\n"
    "    image: x\n"
    "    container_name: www\n"
    "    ports: [ '8080-8100:80-100', '53:53/udp' ]\n"
    "  twice:\n"
    "    image: x\n"
    "    ports: [ '127.0.0.1:7000:1', '127.0.0.2:7000:1' ]\n"
    "volumes: { data: {} }\n"
    "secrets: { password: { file: ./password } }\n";

static const struct check *
check_named(const struct plan *plan, const char *name)
{
	size_t i;

	for (i = 0; i < plan_count(plan); i++)
		if (strcmp(plan_check(plan, i)->name, name) == 0)
			return plan_check(plan, i);
	return NULL;
}

static bool
needs(const struct plan *plan, const struct check *c, const char *name)
{
	size_t i;

	for (i = 0; c != NULL && i < c->need_count; i++)
		if (strcmp(plan_check(plan, c->needs[i])->name, name) == 0)
			return true;
	return false;
}

static void
look_at_services(const struct plan *plan, const char *dir)
{
	const struct check *db = check_named(plan, "db");
	const struct check *api = check_named(plan, "api 2");
	const struct check *migrate = check_named(plan, "migrate");
	const struct check *web = check_named(plan, "web");
	char *conf = mem_format("path://%s/app.conf", dir);
	char *secret = mem_format("path://%s/password", dir);

	if (!ok(db != NULL && api != NULL && migrate != NULL && web != NULL,
	    "a check for each container"))
		return;
	is_str(db->target, "docker://shop-db-1", "named as Compose does");
	is_str(web->target, "docker://www", "or as the file says");
	is_str(check_text(&db->expect, "mount"), "/var/lib/postgresql/data",
	    "with its mounts");
	is_str(check_text(&db->expect, "health"), "healthy", "and health");
	is_str(check_text(&migrate->expect, "state"), "completed",
	    "one that is waited for is to end");
	ok(needs(plan, api, "migrate") && needs(plan, migrate, "db") &&
	    !needs(plan, web, "db"), "needs as the graph has them");
	ok(needs(plan, db, "volume://shop_data") && needs(plan, db, secret) &&
	    needs(plan, api, conf), "and what is mounted");
	ok(needs(plan, db, "docker-engine"), "and the engine");
	is_str(check_text(&check_named(plan, conf)->expect, "kind"), "file",
	    "a bind that is a file");
	is_str(check_text(&check_named(plan,
	    "path:///run/docker.sock")->expect, "kind"), "socket",
	    "or a socket");
	is_str(check_text(&check_named(plan, secret)->warn, "private"),
	    "true", "a secret is private");
	free(conf);
	free(secret);
}

static void
look_at_ports(const struct plan *plan)
{
	const struct check *port = check_named(plan, "db port 5433");

	if (check_kind_of(URL_TCP) == NULL) {
		skip("no kind of check for ports yet");
		return;
	}
	if (!ok(port != NULL, "a port that is published"))
		return;
	ok(strstr(port->target, "://127.0.0.1:5433") != NULL, "where it is");
	ok(needs(plan, port, "db"), "it needs its service");
	ok(check_named(plan, "api port 8000") == NULL,
	    "a range of replicas is nobody's");
	ok(check_named(plan, "web port 8095") != NULL &&
	    check_named(plan, "web port 8096") == NULL,
	    "a long range is cut");
	ok(check_named(plan, "web port 53") == NULL, "UDP answers nobody");
	port = check_named(plan, "twice port 127.0.0.2:7000");
	ok(check_named(plan, "twice port 7000") != NULL && port != NULL &&
	    strcmp(port->target, "tcp://127.0.0.2:7000") == 0,
	    "one port of two addresses");
}

static void
test_project(void)
{
	const char *files[1];
	struct compose_plan how = { { files, 1 }, NULL, NULL, NULL };
	const struct site_where where = { "/nonexistent", "/nonexistent" };
	struct site *site = site_new(&where);
	struct plan *plan = plan_new();
	char dir[SCRATCH_MAX], *file;
	struct err err;

	if (!ok(scratch_make(dir), "a folder"))
		return;
	scratch_put(dir, "compose.yaml", project);
	file = mem_format("%s/compose.yaml", dir);
	files[0] = file;
	err_clear(&err);
	if (ok(compose_plan(plan, &how, site, &err) == 0 &&
	    plan_seal(plan, &err) == 0, "a plan %s", err.text)) {
		look_at_services(plan, dir);
		look_at_ports(plan);
	}
	plan_free(plan);
	plan = plan_new();
	scratch_put(dir, "compose.yaml", "name: x\nservices:\n"
	    "  a: { image: a, profiles: [ debug ] }\n"
	    "  b: { image: b, deploy: { replicas: 0 } }\n");
	ok(compose_plan(plan, &how, site, &err) == -1 &&
	    err.class == ERR_DAMAGED, "no service at all: %s", err.text);
	plan_free(plan);
	plan = plan_new();
	err_clear(&err);
	files[0] = "/nonexistent/compose.yaml";
	ok(compose_plan(plan, &how, site, &err) == -1 &&
	    err.class == ERR_NOT_FOUND, "no such file: %s", err.text);
	plan_free(plan);
	site_free(site);
	free(file);
	ok(scratch_remove(dir), "cleaned up");
}

int
main(void)
{
	test_format();
	test_project();
	test_whole_file();
	test_wrong_files();
	test_limit_of_a_file();
	return done();
}
