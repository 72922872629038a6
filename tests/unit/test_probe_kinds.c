/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * probe's checks of paths, volumes, containers on record and the engine, on
 * trees and answers made by hand.
 */
#include "../../tools/probe/host_plan.h"
#include "../../tools/probe/place.h"
#include "../../tools/probe/plan.h"
#include "../../tools/probe/run.h"
#include "../../tools/probe/site.h"
#include "probe_kit.h"
#include "scratch.h"

#include <errno.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>

#include "base/err.h"
#include "io/io.h"

#define ID \
    "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static char base[SCRATCH_MAX];
static struct site_where where;

/* One check, run here and now; terms as "expect kind=file", ending in NULL. */
static void
look(const char *target, const char *const *terms, struct outcome *o)
{
	struct plan *plan = plan_new();
	struct draft *d = plan_add(plan, "s", "n", target);
	struct site *site = site_new(&where);
	struct probe_context context = { site, io_ticks_ms() + 2000,
	    io_now() };
	struct err err;
	size_t i;

	for (; *terms != NULL; terms++) {
		char *text = mem_text(*terms);
		char *key = strchr(text, ' ') + 1, *value = strchr(key, '=');
		struct check_term term = { key, NULL, value + 1, 0 };

		*value = '\0';
		plan_term(d, text[0] == 'e' ? CHECK_EXPECT : text[0] == 'w' ?
		    CHECK_WARN : CHECK_SET, &term);
		free(text);
	}
	outcome_init(o);
	err_clear(&err);
	ok(plan_seal(plan, &err) == 0, "%s %s", target, err.text);
	for (i = 0; i < plan_count(plan); i++) {
		const struct check *c = plan_check(plan, i);

		if (strcmp(c->name, "n") == 0)
			check_kind_of(c->url.scheme)->run(c, &context, o);
	}
	site_free(site);
	plan_free(plan);
}

#define TERMS(...) (const char *const []){ __VA_ARGS__, NULL }
#define NO_TERMS (const char *const []){ NULL }

/* A check whose target is below base. */
static void
expect(enum reason want, const char *path, const char *const *terms)
{
	char *target = mem_format("path://%s/%s", base, path);
	struct outcome o;

	look(target, terms, &o);
	is_code(&o, want, path);
	outcome_release(&o);
	free(target);
}

static void
chmod_(const char *path, mode_t mode)
{
	char *whole = mem_format("%s/%s", base, path);

	ok(chmod(whole, mode) == 0, "mode of %s", path);
	free(whole);
}

static void
test_paths(void)
{
	scratch_put(base, "p/file", "12345");
	scratch_put(base, "p/empty", "");
	scratch_put(base, "p/conf", NULL);
	scratch_put(base, "p/full/x", "1");
	scratch_put(base, "p/secrets/key", "1");
	chmod_("p/file", 0600);
	expect(REASON_OK, "p/file", TERMS("expect kind=file",
	    "expect mode=0600", "expect private=true", "expect size=5",
	    "expect empty=false"));
	expect(REASON_PATH_MISSING, "p/none", NO_TERMS);
	expect(REASON_PATH_MISSING, "p/file/x", NO_TERMS);
	expect(REASON_WRONG_KIND, "p/file", TERMS("expect kind=directory"));
	expect(REASON_WRONG_KIND, "p/full", TERMS("expect kind=file"));
	expect(REASON_BIND_BECAME_DIRECTORY, "p/conf",
	    TERMS("expect kind=file"));
	expect(REASON_WRONG_MODE, "p/file", TERMS("expect mode=0640"));
	expect(REASON_TOO_SMALL, "p/file", TERMS("expect size=6"));
	expect(REASON_WRONG_KIND, "p/full", TERMS("expect size=1"));
	expect(REASON_BIND_BECAME_DIRECTORY, "p/conf", TERMS("warn size=1"));
	expect(REASON_PATH_EMPTY, "p/empty", TERMS("expect empty=false"));
	expect(REASON_PATH_EMPTY, "p/conf", TERMS("expect empty=false"));
	expect(REASON_NOT_EMPTY, "p/full", TERMS("expect empty=true"));
	expect(REASON_MARKER_MISSING, "p/full", TERMS("expect marker=x",
	    "expect marker=y"));
	expect(REASON_OK, "p/full", TERMS("expect marker=x"));
	expect(REASON_NOT_MOUNTED, "p/full", TERMS("expect mounted=true"));
	expect(REASON_SPACE_LOW, "p/full", TERMS("warn free=9999999999G"));
	expect(REASON_INODES_LOW, "p/full",
	    TERMS("expect inodes-percent=100"));
	chmod_("p/secrets/key", 0644);
	expect(REASON_WORLD_READABLE, "p/secrets/key",
	    TERMS("expect private=true"));
	expect(REASON_WORLD_READABLE, "p/secrets",
	    TERMS("expect private=true"));
	chmod_("p/secrets", 0750);
	expect(REASON_OK, "p/secrets", TERMS("expect private=true"));
	expect(REASON_WRONG_OWNER, "p/file", TERMS("expect owner=4000000000"));
}

/* "." and ".." are listed as well. */
static void
test_private_limit(void)
{
	char *first = mem_format("%s/p/many/0", base);
	bool is_made = true;
	char *name;

	scratch_put(base, "p/many/0", "");
	chmod_("p/many/0", 0600);
	for (int i = 1; i < PLACE_LISTED_MAX - 1; i++) {
		if (i == PLACE_LISTED_MAX - 2)
			expect(REASON_OK, "p/many",
			    TERMS("expect private=true"));
		name = mem_format("%s/p/many/%d", base, i);
		is_made &= link(first, name) == 0;
		free(name);
	}
	ok(is_made, "one more than are listed");
	expect(REASON_CANNOT_READ, "p/many", TERMS("expect private=true"));
	free(first);
}

static void
test_special_paths(void)
{
	char *path = mem_format("%s/p/link", base);
	struct outcome o;

	ok(symlink("nowhere", path) == 0, "a link to nothing");
	expect(REASON_PATH_MISSING, "p/link", NO_TERMS);
	expect(REASON_OK, "p/link", TERMS("expect kind=link"));
	free(path);
	look("path:///proc", TERMS("expect mounted=true",
	    "expect kind=directory"), &o);
	is_code(&o, REASON_OK, "/proc is a mount");
	outcome_release(&o);
	look("path:///sys/kernel", TERMS("expect writable=true"), &o);
	if (o.status == OUTCOME_OK)
		skip("/sys can be written here");
	else
		is_code(&o, REASON_READ_ONLY, "a read-only file system");
	outcome_release(&o);
	/* Even root may not ask for the files of such a place. */
	look("path:///proc/1/map_files/0-0", NO_TERMS, &o);
	ok(o.status != OUTCOME_OK, "what cannot be looked at is not ok");
	outcome_release(&o);
}

/* What no file system here can be made to say. */
static void
test_storage_that_is_gone(void)
{
	struct outcome o;

	outcome_init(&o);
	place_failed(&o, ESTALE, "/nfs", REASON_PATH_MISSING);
	is_code(&o, REASON_STORAGE_SILENT, "a server that went away");
	outcome_release(&o);
	place_failed(&o, EIO, "/disk", REASON_PATH_MISSING);
	is_code(&o, REASON_CANNOT_READ, "a disk that fails");
	outcome_release(&o);
}

static void
test_unreadable_path(void)
{
	struct outcome o;
	char *target;

	if (geteuid() != 0) {
		skip("needs root, to become nobody");
		return;
	}
	target = mem_format("path://%s/hidden/x", base);
	scratch_put(base, "hidden/x", "1");
	chmod_("hidden", 0700);
	chmod_("", 0711);
	ok(seteuid(65534) == 0, "as nobody");
	look(target, NO_TERMS, &o);
	ok(seteuid(0) == 0, "as root again");
	is_code(&o, REASON_NO_PERMISSION, "what we may not see");
	ok(o.status == OUTCOME_UNKNOWN, "is unknown, not missing");
	outcome_release(&o);
	free(target);
}

/* ---------------------------------------------------------------- volumes */

static void
expect_volume(enum reason want, const char *target,
    const char *const *terms, const char *name)
{
	struct outcome o;

	look(target, terms, &o);
	is_code(&o, want, name);
	outcome_release(&o);
}

static void
test_volumes(void)
{
	struct outcome o;

	scratch_put(base, "root/volumes/db/_data/PG_VERSION", "15\n");
	scratch_put(base, "root/volumes/shop_cache/_data", NULL);
	scratch_put(base, "root/volumes/nodata", NULL);
	scratch_put(base, "root/volumes/nfs/_data", NULL);
	scratch_put(base, "root/volumes/nfs/opts.json",
	    "{\"MountType\":\"nfs\",\"MountOpts\":\"addr=10.0.0.9\","
	    "\"MountDevice\":\":/x\",\"Quota\":{\"Size\":0}}");
	expect_volume(REASON_OK, "volume://db", TERMS("warn free-percent=0",
	    "warn inodes-percent=0", "expect marker=PG_VERSION"),
	    "a volume with data");
	expect_volume(REASON_OK, "volume://db/PG_VERSION",
	    TERMS("warn free-percent=0", "warn inodes-percent=0"),
	    "a file in it");
	expect_volume(REASON_PATH_MISSING, "volume://db/none", NO_TERMS,
	    "no such file in it");
	expect_volume(REASON_MARKER_MISSING, "volume://db",
	    TERMS("expect marker=dump.rdb"), "another database's");
	expect_volume(REASON_VOLUME_EMPTY, "volume://shop_cache", NO_TERMS,
	    "nothing in it");
	expect_volume(REASON_OK, "volume://shop_cache", TERMS(
	    "expect empty=true", "warn free-percent=0",
	    "warn inodes-percent=0"), "as expected");
	expect_volume(REASON_NOT_EMPTY, "volume://db",
	    TERMS("expect empty=true"), "not as expected");
	expect_volume(REASON_VOLUME_MISSING, "volume://nodata", NO_TERMS,
	    "a folder without _data is none");
	expect_volume(REASON_VOLUME_ELSEWHERE, "volume://nfs", NO_TERMS,
	    "on a server");
	look("volume://cache", NO_TERMS, &o);
	is_code(&o, REASON_VOLUME_MISSING, "no such volume");
	ok(strstr(buf_text(&o.cause), "there is shop_cache") != NULL,
	    "but one of a project");
	outcome_release(&o);
	scratch_put(base, "root/volumes/odd/_data", NULL);
	scratch_put(base, "root/volumes/odd/opts.json", "{");
	expect_volume(REASON_CANNOT_READ, "volume://odd", NO_TERMS,
	    "options that are none");
}

/* -------------------------------------------------------------- on record */

static void
put_record(const char *mounts)
{
	char *text = mem_format("{\"ID\":\"" ID "\",\"Name\":\"/web\","
	    "\"State\":{},\"Config\":{\"Image\":\"bb:1\"},"
	    "\"MountPoints\":{%s}}", mounts);

	scratch_put(base, "root/containers/" ID "/config.v2.json", text);
	scratch_put(base, "root/containers/" ID "/hostconfig.json", "{}");
	free(text);
}

static bool
sees_host(void)
{
	struct site *site = site_new(&where);
	bool sees = site_sees_host(site);

	site_free(site);
	return sees;
}

static void
put_bind(const char *source, const char *destination)
{
	char *text = mem_format("\"x\":{\"Type\":\"bind\",\"Source\":"
	    "\"%s/%s\",\"Destination\":\"%s\"}", base, source, destination);

	put_record(text);
	free(text);
}

static void
test_records(void)
{
	static const char *const offline[] = { "set offline=true", NULL };

	put_record("");
	expect_volume(REASON_OK, "docker://web", offline, "on record");
	expect_volume(REASON_OK, "docker://0123456789ab", offline,
	    "by its id");
	expect_volume(REASON_CONTAINER_MISSING, "docker://none", offline,
	    "not on record");
	expect_volume(REASON_MOUNT_MISSING, "docker://web",
	    TERMS("set offline=true", "expect mount=/data"),
	    "without a mount it must have");
	expect_volume(REASON_SOCKET_NOT_MOUNTED, "docker://web",
	    TERMS("set offline=true", "expect mount=/var/run/docker.sock"),
	    "without the engine's socket");
	put_record("\"x\":{\"Type\":\"volume\",\"Name\":\"gone\","
	    "\"Destination\":\"/data\"}");
	expect_volume(REASON_VOLUME_MISSING, "docker://web", offline,
	    "a volume of it is gone");
	if (!sees_host()) {
		skip("a container with a disk mounted at the test's folder");
		return;
	}
	put_bind("none", "/etc/app");
	expect_volume(REASON_BIND_MISSING, "docker://web", offline,
	    "a bind source is gone");
	put_bind("p/conf", "/etc/nginx/nginx.conf");
	expect_volume(REASON_BIND_BECAME_DIRECTORY, "docker://web", offline,
	    "a bind source was a file once");
	put_bind("p/conf", "/etc/nginx/conf.d");
	expect_volume(REASON_OK, "docker://web", offline,
	    "a folder that is to be one");
}

/* A host whose engine is dead, as a plan. */
static void
test_host_plan(void)
{
	struct site *site = site_new(&where);
	struct plan *plan = plan_new();
	const struct check *c;
	struct err err;
	size_t i, records = 0, optional = 0, volumes = 0;

	put_record("\"x\":{\"Type\":\"volume\",\"Name\":\"db\","
	    "\"Destination\":\"/data\"}");
	scratch_put(base, "root/containers/" ID "/hostconfig.json",
	    "{\"RestartPolicy\":{\"Name\":\"always\"}}");
	err_clear(&err);
	ok(host_plan(plan, site, &err) == 0 && plan_seal(plan, &err) == 0,
	    "a plan %s", err.text);
	for (i = 0; i < plan_count(plan); i++) {
		c = plan_check(plan, i);
		records += check_bool(&c->set, "offline", false);
		volumes += c->url.scheme == URL_VOLUME;
		optional += c->url.scheme == URL_VOLUME && c->is_optional;
	}
	is_str(plan_check(plan, 0)->target, "docker://", "the engine first");
	is_u64(records, 1, "the container by its record");
	ok(volumes > 2 && optional == volumes - 1,
	    "volumes, and only the one that is used must be right");
	plan_free(plan);
	site_free(site);
}

static void
test_host_plan_of_nothing(void)
{
	char *dir = mem_format("%s/nothing", base);
	const struct site_where empty = { .data_root = dir,
	    .socket = "/nonexistent" };
	struct site *site = site_new(&empty);
	struct plan *plan = plan_new();
	struct err err;

	scratch_put(base, "nothing/volumes", NULL);
	err_clear(&err);
	ok(host_plan(plan, site, &err) == -1 && err.class == ERR_NOT_FOUND,
	    "nothing to check is an error: %s", err.text);
	plan_free(plan);
	site_free(site);
	free(dir);
}

static void
test_damaged_record(void)
{
	const char *saved = where.data_root;

	scratch_put(base, "root/containers/" ID "/config.v2.json", "{");
	expect_volume(REASON_RECORD_DAMAGED, "docker://" ID,
	    TERMS("set offline=true"), "a damaged record");
	where.data_root = "/nonexistent";
	expect_volume(REASON_DATA_ROOT_MISSING, "volume://db", NO_TERMS,
	    "no data-root");
	expect_volume(REASON_DATA_ROOT_MISSING, "docker://web",
	    TERMS("set offline=true"), "nor records");
	where.data_root = saved;
}

/* ----------------------------------------------------------------- engine */

static void
test_engine_that_is_not_there(void)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	char *path = mem_format("%s/none.sock", base);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	where.socket = path;
	expect_volume(REASON_SOCKET_MISSING, "docker://", NO_TERMS,
	    "no socket");
	memcpy(addr.sun_path, path, strlen(path));
	ok(bind(fd, (const struct sockaddr *)&addr, sizeof addr) == 0,
	    "a socket that nobody listens on");
	expect_volume(REASON_ENGINE_DOWN, "docker://", NO_TERMS,
	    "nobody listens");
	(void)close(fd);
	where.socket = NULL;
	free(path);
}

/* What the next look at a container is answered; shared with the engine. */
struct canned {
	unsigned status;
	char body[4096];
	bool is_silent;
	bool is_garbage;
};

static struct canned *canned;

static void
answer(int fd)
{
	char request[4096], reply[8192];
	size_t len;
	ssize_t n = recv(fd, request, sizeof request - 1, 0);
	const char *body = canned->body;

	if (n <= 0 || canned->is_silent)
		return;
	request[n] = '\0';
	if (strstr(request, "/_ping ") != NULL)
		body = "OK";
	else if (strstr(request, "/version ") != NULL)
		body = "{\"Version\":\"20.10.24\"}";
	len = (size_t)snprintf(reply, sizeof reply, "HTTP/1.0 %u x\r\n"
	    "Api-Version: 1.41\r\nContent-Length: %zu\r\n\r\n%s",
	    body == canned->body ? canned->status : 200, strlen(body), body);
	if (canned->is_garbage)
		len = (size_t)snprintf(reply, sizeof reply, "\033[31mno\n");
	(void)send(fd, reply, len, MSG_NOSIGNAL);
}

static void
serve(int listener)
{
	int held[64], count = 0, fd;

	while ((fd = accept(listener, NULL, NULL)) != -1) {
		answer(fd);
		/* Silence is an open connection on which nothing comes. */
		if (canned->is_silent && count < 64)
			held[count++] = fd;
		else
			(void)close(fd);
	}
	(void)held;
	_exit(0);
}

/* Its process; where.socket leads to it. */
static pid_t
start_engine(char **path)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	pid_t pid;

	*path = mem_format("%s/engine.sock", base);
	memcpy(addr.sun_path, *path, strlen(*path));
	canned = mmap(NULL, sizeof *canned, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ok(bind(fd, (const struct sockaddr *)&addr, sizeof addr) == 0 &&
	    listen(fd, 64) == 0, "an engine's socket");
	pid = fork();
	if (pid == 0)
		serve(fd);
	(void)close(fd);
	where.socket = *path;
	return pid;
}

static void
expect_state(enum reason want, const char *state, const char *rest,
    const char *const *terms, const char *name)
{
	canned->status = 200;
	(void)snprintf(canned->body, sizeof canned->body, "{\"Id\":\"" ID
	    "\",\"Name\":\"/web\",\"State\":{%s},\"Config\":{\"Image\":"
	    "\"bb\"}%s}", state, rest);
	expect_volume(want, "docker://web", terms, name);
}

#define RUNNING "\"Status\":\"running\",\"StartedAt\":\"2020-01-01T00:00:00Z\""
#define HEALTH(status, log) RUNNING ",\"Health\":{\"Status\":\"" status \
    "\",\"Log\":[" log "]}"

static void
test_states_of_containers(void)
{
	static const char *const none[] = { NULL };

	expect_state(REASON_OK, RUNNING, "", none, "running");
	expect_state(REASON_OK, RUNNING, ",\"RestartCount\":3", none,
	    "restarted long ago");
	expect_state(REASON_RESTARTED, RUNNING, ",\"RestartCount\":3",
	    TERMS("warn restarts=2"), "more often than warned of");
	expect_state(REASON_RESTARTED, RUNNING, ",\"RestartCount\":3",
	    TERMS("expect restarts=2"), "more often than expected");
	expect_state(REASON_RESTARTED, "\"Status\":\"running\","
	    "\"StartedAt\":\"9999-01-01T00:00:00Z\"",
	    ",\"RestartCount\":1", none, "restarted a moment ago");
	expect_state(REASON_CONTAINER_CREATED, "\"Status\":\"created\"", "",
	    none, "never started");
	expect_state(REASON_EXIT_127, "\"Status\":\"created\","
	    "\"ExitCode\":127,\"Error\":\"no \\u001b[31m\"", "", none,
	    "its command is not there");
	expect_state(REASON_EXIT_126, "\"Status\":\"exited\","
	    "\"ExitCode\":126", "", none, "may not be executed");
	expect_state(REASON_CONTAINER_EXITED, "\"Status\":\"exited\","
	    "\"ExitCode\":1", "", none, "ended");
	expect_state(REASON_CONTAINER_EXITED, "\"Status\":\"exited\","
	    "\"ExitCode\":0", "", none, "even with 0");
	expect_state(REASON_OK, "\"Status\":\"exited\",\"ExitCode\":0", "",
	    TERMS("expect state=completed"), "unless it is to");
	expect_state(REASON_CONTAINER_EXITED, "\"Status\":\"exited\","
	    "\"ExitCode\":2", "", TERMS("expect state=completed"),
	    "but not with 2");
	expect_state(REASON_STILL_RUNS, RUNNING, "",
	    TERMS("expect state=completed"), "is to end and runs");
	expect_state(REASON_OOM_KILLED, "\"Status\":\"exited\","
	    "\"ExitCode\":137,\"OOMKilled\":true", "", none, "out of memory");
	expect_state(REASON_CONTAINER_PAUSED, "\"Status\":\"paused\"", "",
	    none, "paused");
	expect_state(REASON_RESTART_LOOP, "\"Status\":\"restarting\","
	    "\"ExitCode\":1", ",\"RestartCount\":9", none, "a loop");
	expect_state(REASON_OOM_KILLED, "\"Status\":\"restarting\","
	    "\"OOMKilled\":true", "", none, "a loop, and why");
	expect_state(REASON_CONTAINER_GONE, "\"Status\":\"removing\"", "",
	    none, "going");
}

static void
test_health(void)
{
	static const char *const none[] = { NULL };

	expect_state(REASON_OK, HEALTH("healthy", ""), "", none, "healthy");
	expect_state(REASON_UNHEALTHY, HEALTH("unhealthy", "{\"Start\":\"1\","
	    "\"ExitCode\":1,\"Output\":\"no\"}"), "", none, "unhealthy");
	expect_state(REASON_OK, HEALTH("unhealthy", ""), "",
	    TERMS("expect health=any"), "and nobody minds");
	expect_state(REASON_HEALTH_STARTING, HEALTH("starting", ""), "", none,
	    "starting");
	expect_state(REASON_HEALTH_BINARY_MISSING, HEALTH("unhealthy",
	    "{\"ExitCode\":-1,\"Output\":\"exec: \\\"curl\\\": executable "
	    "file not found in $PATH\"}"), "", none, "no curl");
	expect_state(REASON_HEALTH_BINARY_MISSING, HEALTH("starting",
	    "{\"ExitCode\":127,\"Output\":\"sh: curl: not found\"}"), "",
	    none, "no curl in a shell");
	expect_state(REASON_HEALTH_NO_HEALTHCHECK, RUNNING, "",
	    TERMS("expect health=healthy"), "no check at all");
	expect_state(REASON_MOUNT_MISSING, RUNNING, ",\"Mounts\":["
	    "{\"Type\":\"volume\",\"Name\":\"db\",\"Destination\":"
	    "\"/other\"}]", TERMS("expect mount=/data"), "another mount");
	expect_state(REASON_OK, RUNNING, ",\"Mounts\":["
	    "{\"Type\":\"volume\",\"Name\":\"db\",\"Destination\":"
	    "\"/data\"}]", TERMS("expect mount=/data"), "the right one");
}

static void
test_engine_that_misbehaves(void)
{
	struct outcome o;

	canned->status = 404;
	(void)strcpy(canned->body, "{\"message\":\"No such container\"}");
	expect_volume(REASON_CONTAINER_MISSING, "docker://web", NO_TERMS,
	    "no such container");
	canned->status = 500;
	expect_volume(REASON_ENGINE_ODD, "docker://web", NO_TERMS,
	    "an error of its own");
	canned->status = 200;
	(void)strcpy(canned->body, "{\"Id\":7}");
	expect_volume(REASON_ENGINE_ODD, "docker://web", NO_TERMS,
	    "an answer that is none");
	look("docker://", NO_TERMS, &o);
	is_code(&o, REASON_OK, "the engine itself answers");
	is_str(pairs_get(&o.facts, "version"), "20.10.24", "its version");
	outcome_release(&o);
	canned->is_garbage = true;
	look("docker://", NO_TERMS, &o);
	is_code(&o, REASON_ENGINE_ODD, "something else answers");
	ok(strchr(buf_text(&o.cause), '\033') == NULL,
	    "and nothing of it reaches a terminal");
	outcome_release(&o);
	canned->is_garbage = false;
}

/* Ends the engine, so that the thread that waits for it comes back. */
static void
test_silent_engine(pid_t pid)
{
	struct plan *plan = plan_new();
	struct site *site = site_new(&where);
	const struct run_order order = { plan, site, NULL };
	struct crew *crew = crew_new(4);
	struct run run;
	struct err err;
	int i;

	canned->is_silent = true;
	plan_limit(plan_add(plan, "engine", "engine", "docker://"), 200);
	plan_add(plan, "one", "web", "docker://web");
	ok(plan_seal(plan, &err) == 0 && run_checks(crew, &order, &run,
	    &err) == 0, "run");
	is_code(&run.results[0].outcome, REASON_ENGINE_SILENT, "silence");
	is_code(&run.results[1].outcome, REASON_NEED_FAILED,
	    "and what needs it is not tried");
	ok(run.took_ms < 2000, "in time (%llu ms)",
	    (unsigned long long)run.took_ms);
	run_release(&run);
	is_u64(crew_stuck(crew), 1, "a thread still waits for the engine");
	ok(kill(pid, SIGKILL) == 0 && waitpid(pid, NULL, 0) == pid,
	    "the engine is ended");
	for (i = 0; i < 1000 && crew_stuck(crew) > 0; i++)
		(void)nanosleep(&(struct timespec){ 0, 5000000 }, NULL);
	is_u64(crew_stuck(crew), 0, "and the thread comes back");
	crew_free(crew);
	site_free(site);
	plan_free(plan);
}

static void
test_engine(void)
{
	char *path;
	pid_t pid = start_engine(&path);

	test_states_of_containers();
	test_health();
	test_engine_that_misbehaves();
	test_silent_engine(pid);
	free(path);
}

int
main(void)
{
	char *root;

	if (!ok(scratch_make(base), "a folder"))
		return done();
	root = mem_format("%s/root", base);
	scratch_put(base, "root/volumes", NULL);
	scratch_put(base, "root/containers", NULL);
	where.data_root = root;
	test_paths();
	test_private_limit();
	test_special_paths();
	test_storage_that_is_gone();
	test_unreadable_path();
	test_volumes();
	test_records();
	test_host_plan();
	test_host_plan_of_nothing();
	test_damaged_record();
	test_engine_that_is_not_there();
	test_engine();
	ok(scratch_remove(base), "cleaned up");
	free(root);
	return done();
}
