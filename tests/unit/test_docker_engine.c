/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * docker/engine against a server of our own on a unix socket: one process
 * that answers each request by the first line of a table that fits it.
 */
#include "docker/engine.h"
#include "harness.h"
#include "scratch.h"

#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

#include "base/buf.h"

#define REQUEST_MAX 8192

/* request: how the request begins; reply: its bytes, NULL: hang up. */
struct answer {
	const char *request;
	const char *reply;
};

#define PING(api) { "GET /_ping ", "HTTP/1.0 200 OK\r\nApi-Version: " api \
	"\r\nContent-Length: 2\r\n\r\nOK" }
#define OK_JSON "HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n"
#define NOT_FOUND_JSON "HTTP/1.0 404 Not Found\r\n\r\n"

static char base[SCRATCH_MAX];
static char where[SCRATCH_MAX + 16];

static void
serve_one(int fd, const struct answer *answers)
{
	char request[REQUEST_MAX];
	size_t len = 0;
	ssize_t n;
	const struct answer *a;

	/* Our requests come in one piece, or nearly: up to the empty line. */
	do {
		n = read(fd, request + len, sizeof request - 1 - len);
		len += n > 0 ? (size_t)n : 0;
		request[len] = '\0';
	} while (n > 0 && strstr(request, "\r\n\r\n") == NULL);
	for (a = answers; a->request != NULL; a++)
		if (strncmp(request, a->request, strlen(a->request)) == 0)
			break;
	if (a->reply != NULL)
		(void)!write(fd, a->reply, strlen(a->reply));
}

static int
listen_at(const char *path)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (strlen(path) >= sizeof addr.sun_path)
		return -1;
	memcpy(addr.sun_path, path, strlen(path));
	(void)unlink(path);
	if (bind(fd, (struct sockaddr *)&addr, sizeof addr) == -1 ||
	    listen(fd, 16) == -1)
		return -1;
	return fd;
}

static pid_t
serve(const struct answer *answers)
{
	int fd = listen_at(where);
	pid_t pid = fork();

	if (pid == 0) {
		/* Not longer than the test, whatever happens to it. */
		alarm(60);
		for (;;) {
			int one = accept(fd, NULL, NULL);

			if (one == -1)
				_exit(0);
			serve_one(one, answers);
			(void)close(one);
		}
	}
	(void)close(fd);
	return pid;
}

static void
end(pid_t pid)
{
	(void)kill(pid, SIGKILL);
	(void)waitpid(pid, NULL, 0);
}

static struct engine *
connect_to(struct err *err)
{
	enum engine_presence presence;
	struct engine *engine;

	err_clear(err);
	(void)engine_open(where, &engine, &presence, err);
	return engine;
}

/* ---------------------------------------------------------------- presence */

static void
test_absent(void)
{
	enum engine_presence presence;
	struct engine *engine;
	struct err err;
	int fd;

	(void)unlink(where);
	ok(engine_open(where, &engine, &presence, &err) == -1 &&
	    presence == ENGINE_ABSENT && err.class == ERR_NOT_FOUND &&
	    engine == NULL, "no socket: %s", err.text);
	fd = listen_at(where);
	(void)close(fd);
	ok(engine_open(where, &engine, &presence, &err) == -1 &&
	    presence == ENGINE_ABSENT, "nobody listens: %s", err.text);
	ok(engine_open("tcp://10.0.0.1:2375", &engine, &presence, &err) == -1 &&
	    presence == ENGINE_REFUSED && err.class == ERR_USAGE,
	    "a network is not used: %s", err.text);
}

static void
presence_is_refused(const char *reply, const char *name)
{
	const struct answer answers[] = { { "GET /_ping ", reply },
	    { NULL, NULL } };
	enum engine_presence presence;
	struct engine *engine;
	pid_t pid = serve(answers);
	struct err err;

	ok(engine_open(where, &engine, &presence, &err) == -1 &&
	    presence == ENGINE_REFUSED && engine == NULL, "%s: %s", name,
	    err.text);
	end(pid);
}

static void
test_refused(void)
{
	presence_is_refused(NULL, "it hangs up");
	presence_is_refused("220 mail ESMTP\r\n\r\n", "another server");
	presence_is_refused("HTTP/1.0 500 x\r\n\r\n{\"message\":\"no \x1b[1m\"}",
	    "an error");
	presence_is_refused("HTTP/1.0 200 OK\r\nContent-Length: 9\r\n\r\nOK",
	    "cut short");
}

/* --------------------------------------------------------------- versions */

static void
test_version_agreement(void)
{
	static const struct answer old[] = { PING("1.41"),
	    { "GET /v1.41/version ", OK_JSON "{\"Version\":\"20.10.24\"}" },
	    { NULL, NULL } };
	static const struct answer newer[] = { PING("1.55"),
	    { "GET /v1.44/version ", OK_JSON "{\"Version\":\"29.7.2\"}" },
	    { NULL, NULL } };
	static const struct answer too_new[] = { PING("1.99"),
	    { "GET /v1.44/version ", "HTTP/1.0 400 x\r\n\r\n"
	    "{\"message\":\"client version 1.44 is too old\"}" },
	    { "GET /version ", OK_JSON "{\"Version\":\"40.0\"}" },
	    { NULL, NULL } };
	static const struct answer odd[] = { PING("banana"),
	    { "GET /version ", OK_JSON "{\"Version\":\"x\"}" },
	    { NULL, NULL } };
	static const struct { const struct answer *a; const char *api; } t[] = {
		{ old, "1.41" }, { newer, "1.44" }, { too_new, "" },
		{ odd, "" } };
	size_t i;

	for (i = 0; i < sizeof t / sizeof t[0]; i++) {
		pid_t pid = serve(t[i].a);
		struct err err;
		struct engine *engine = connect_to(&err);

		if (ok(engine != NULL, "answers %s", err.text))
			is_str(engine_api(engine), t[i].api, "API '%s'",
			    t[i].api);
		engine_close(engine);
		end(pid);
	}
}

/* ---------------------------------------------------------------- requests */

static void
test_containers(void)
{
	static const struct answer answers[] = { PING("1.41"),
	    { "GET /v1.41/version ", OK_JSON "{\"Version\":\"1\"}" },
	    { "GET /v1.41/containers/json?all=1&filters=%7B%22volume%22%3A%5B"
	    "%22db%22%5D%7D HTTP/1.0\r\n", OK_JSON
	    "[{\"Id\":\"i1\",\"Names\":[\"/web\"],\"State\":\"running\","
	    "\"Mounts\":[{\"Name\":\"db\"}]},"
	    "{\"Id\":\"i2\",\"Names\":[],\"State\":\"exited\","
	    "\"Mounts\":[{\"Name\":\"other\"},{\"Name\":\"db\"}]},"
	    "{\"Id\":\"i3\",\"Names\":[\"/x\"],\"State\":\"paused\","
	    "\"Mounts\":[{\"Name\":\"other\",\"Destination\":\"db\"}]}]" },
	    { "GET /v1.41/containers/json", OK_JSON "[{\"Id\":7,"
	    "\"Mounts\":[{\"Name\":\"bad\"}]}]" },
	    { NULL, NULL } };
	pid_t pid = serve(answers);
	struct engine_containers c = { NULL, 0 };
	struct err err;
	struct engine *engine = connect_to(&err);

	if (ok(engine != NULL, "answers %s", err.text) &&
	    ok(engine_containers_using(engine, "db", &c, &err) == 0,
	    "containers %s", err.text)) {
		is_u64(c.count, 2, "two; the third only has a path like it");
		ok(strcmp(c.list[0].name, "web") == 0 && c.list[0].is_active,
		    "one runs");
		ok(strcmp(c.list[1].name, "") == 0 && !c.list[1].is_active,
		    "one is stopped, and has no name");
	}
	engine_containers_release(&c);
	ok(engine != NULL &&
	    engine_containers_using(engine, "bad", &c, &err) == -1 &&
	    err.class == ERR_DAMAGED, "a hostile reply: %s", err.text);
	engine_close(engine);
	end(pid);
}

static void
test_volumes(void)
{
	static const struct answer answers[] = { PING("1.41"),
	    { "GET /v1.41/version ", OK_JSON "{\"Version\":\"1\"}" },
	    { "GET /v1.41/volumes/old ", OK_JSON "{\"Driver\":\"local\","
	    "\"Labels\":{\"a\":\"1\"},\"Options\":null}" },
	    { "GET /v1.41/volumes/a%2Fb ", NOT_FOUND_JSON
	    "{\"message\":\"get a/b: no such volume\"}" },
	    { "GET /v1.41/volumes/", NOT_FOUND_JSON "{\"message\":\"no\"}" },
	    { "POST /v1.41/volumes/create HTTP/1.0\r\nContent-Type: "
	    "application/json\r\n", "HTTP/1.0 201 Created\r\n\r\n"
	    "{\"Driver\":\"local\",\"Labels\":{\"a\":\"1\"},\"Options\":{},"
	    "\"Mountpoint\":\"/x\"}" },
	    { "DELETE /v1.41/volumes/busy ", "HTTP/1.0 409 Conflict\r\n\r\n"
	    "{\"message\":\"remove busy: volume is in use - [x]\"}" },
	    { "DELETE /v1.41/volumes/gone ", "HTTP/1.0 204 x\r\n\r\n" },
	    { "DELETE /v1.41/volumes/none ", NOT_FOUND_JSON "not json" },
	    { NULL, NULL } };
	pid_t pid = serve(answers);
	struct pairs labels = PAIRS_EMPTY, none = PAIRS_EMPTY;
	enum engine_created how;
	struct engine_volume v;
	struct err err;
	struct engine *engine = connect_to(&err);

	if (!ok(engine != NULL, "answers %s", err.text)) {
		end(pid);
		return;
	}
	ok(engine_volume_inspect(engine, "a/b", &v, &err) == -1 &&
	    err.class == ERR_NOT_FOUND && strstr(err.text, "no such volume"),
	    "unknown, its name escaped: %s", err.text);
	pairs_put(&labels, "a", "1");
	ok(engine_volume_create(engine, "new", "local", &labels, &none, &how,
	    &err) == 0 && how == ENGINE_CREATED, "created");
	ok(engine_volume_create(engine, "old", "local", &labels, &none, &how,
	    &err) == 0 && how == ENGINE_EXISTED, "existed");
	pairs_put(&labels, "a", "2");
	ok(engine_volume_create(engine, "old", "local", &labels, &none, &how,
	    &err) == 0 && how == ENGINE_DIFFERS, "differs");
	pairs_put(&labels, "a", "\xff");
	ok(engine_volume_create(engine, "x", "local", &labels, &none, &how,
	    &err) == -1 && err.class == ERR_USAGE, "no text: %s", err.text);
	ok(engine_volume_remove(engine, "busy", &err) == -1 &&
	    err.class == ERR_BUSY && strstr(err.text, "in use"), "busy: %s",
	    err.text);
	ok(engine_volume_remove(engine, "gone", &err) == 0, "removed");
	ok(engine_volume_remove(engine, "none", &err) == -1 &&
	    err.class == ERR_NOT_FOUND && strstr(err.text, "status 404"),
	    "an error without JSON: %s", err.text);
	pairs_release(&labels);
	engine_close(engine);
	end(pid);
}

static void
test_reply_limit(void)
{
	struct answer answers[] = { PING("1.41"),
	    { "GET /v1.41/version ", OK_JSON "{\"Version\":\"1\"}" },
	    { "GET /v1.41/info ", NULL }, { NULL, NULL } };
	char *huge = mem_alloc(ENGINE_REPLY_MAX + ENGINE_HEAD_MAX + 2);
	struct err err;
	struct engine *engine;
	char *path;
	pid_t pid;

	memset(huge, ' ', ENGINE_REPLY_MAX + ENGINE_HEAD_MAX + 1);
	huge[ENGINE_REPLY_MAX + ENGINE_HEAD_MAX + 1] = '\0';
	memcpy(huge, OK_JSON, strlen(OK_JSON));
	answers[2].reply = huge;
	pid = serve(answers);
	engine = connect_to(&err);
	ok(engine != NULL && engine_data_root(engine, &path, &err) == -1 &&
	    err.class == ERR_LIMIT, "a reply past the limit: %s", err.text);
	engine_close(engine);
	end(pid);
	free(huge);
}

int
main(void)
{
	if (!scratch_make(base)) {
		skip("no temporary folder");
		return done();
	}
	(void)snprintf(where, sizeof where, "%s/engine.sock", base);
	test_absent();
	test_refused();
	test_version_agreement();
	test_containers();
	test_volumes();
	test_reply_limit();
	ok(scratch_remove(base), "cleaned up");
	return done();
}
