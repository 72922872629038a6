/* SPDX-License-Identifier: BSD-2-Clause */
/* The engine API over its unix socket; see engine.h. */
#include "docker/engine.h"

#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/escape.h"
#include "base/mem.h"
#include "base/num.h"
#include "docker/engine_private.h"
#include "docker/http.h"
#include "docker/json.h"
#include "io/io.h"

#define USUAL_SOCKET "/var/run/docker.sock"

/* Before a full accept queue is tried again. */
#define QUEUE_PAUSE_MS 50

/* -------------------------------------------------------------- transport */

/* Wait for events on fd until deadline. */
static int
wait_for(int fd, short events, uint64_t deadline_ms, struct err *err)
{
	struct pollfd p = { fd, events, 0 };

	for (;;) {
		uint64_t now = io_ticks_ms();
		int n;

		if (now >= deadline_ms)
			return err_set(err, ERR_IO, ETIMEDOUT, "no answer "
			    "(is the engine overloaded or half dead?)");
		n = poll(&p, 1, (int)(deadline_ms - now));
		if (n > 0)
			return 0;
		if (n == -1 && errno != EINTR)
			return err_set(err, ERR_IO, errno, "cannot wait");
	}
}

/* A unix connect() does not wait: it fails when the queue is full. */
static int
connect_patiently(int fd, const struct sockaddr_un *addr, struct err *err)
{
	const struct timespec rest = { 0, QUEUE_PAUSE_MS * 1000000L };
	uint64_t deadline = io_ticks_ms() + ENGINE_CONNECT_MS;

	while (connect(fd, (const struct sockaddr *)addr,
	    sizeof *addr) == -1) {
		if (errno != EAGAIN && errno != EINTR)
			return err_set(err, errno == ENOENT ||
			    errno == ECONNREFUSED || errno == ENOTDIR ?
			    ERR_NOT_FOUND : ERR_IO, errno, "cannot connect");
		if (io_ticks_ms() >= deadline)
			return err_set(err, ERR_IO, ETIMEDOUT,
			    "cannot connect (the engine takes no calls)");
		(void)nanosleep(&rest, NULL);
	}
	return 0;
}

int
engine_connect(const char *path, int *fd, struct err *err)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int made;

	if (strlen(path) >= sizeof addr.sun_path)
		return err_set(err, ERR_USAGE, 0, "the path is longer than a "
		    "socket's may be (%zu)", sizeof addr.sun_path - 1);
	memcpy(addr.sun_path, path, strlen(path));
	made = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (made == -1)
		return err_set(err, ERR_IO, errno, "cannot make a socket");
	if (connect_patiently(made, &addr, err) == -1) {
		(void)close(made);	/* nothing was sent */
		return -1;
	}
	*fd = made;
	return 0;
}

static int
send_all(int fd, const struct buf *request, uint64_t deadline_ms,
    struct err *err)
{
	size_t done = 0;

	while (done < request->len) {
		/* MSG_NOSIGNAL: an engine that dies must not kill us. */
		ssize_t n = send(fd, request->data + done,
		    request->len - done, MSG_NOSIGNAL);

		if (n > 0)
			done += (size_t)n;
		else if (n == -1 && errno == EAGAIN) {
			if (wait_for(fd, POLLOUT, deadline_ms, err) == -1)
				return -1;
		} else if (n == -1 && errno != EINTR)
			return err_set(err, ERR_IO, errno, "cannot send");
	}
	return 0;
}

static uint64_t
earlier(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* Until the engine closes, or the reply says that it is complete. */
static int
receive_all(int fd, struct buf *reply, uint64_t deadline_ms, struct err *err)
{
	const size_t max = ENGINE_HEAD_MAX + ENGINE_REPLY_MAX;

	while (!http_is_complete(reply->data, reply->len)) {
		ssize_t n = recv(fd, buf_reserve(reply, 16384), 16384, 0);

		if (n == 0)
			return 0;
		if (n > 0) {
			reply->len += (size_t)n;
			if (reply->len > max)
				return err_set(err, ERR_LIMIT, 0,
				    "the reply is larger than %zu bytes", max);
		} else if (errno == EAGAIN) {
			uint64_t quiet = io_ticks_ms() + ENGINE_SILENCE_MS;

			if (wait_for(fd, POLLIN, earlier(quiet, deadline_ms),
			    err) == -1)
				return -1;
		} else if (errno != EINTR) {
			return err_set(err, ERR_IO, errno, "cannot receive");
		}
	}
	return 0;
}

static int
exchange(const char *path, const struct buf *request, struct buf *reply,
    struct err *err)
{
	uint64_t deadline = io_ticks_ms() + ENGINE_REQUEST_MS;
	int fd = -1, ret;

	if (engine_connect(path, &fd, err) == -1)
		return -1;
	ret = send_all(fd, request, deadline, err);
	if (ret == 0)
		ret = receive_all(fd, reply, deadline, err);
	(void)close(fd);	/* the reply is complete, or has failed */
	return ret;
}

/* --------------------------------------------------------------- requests */

void
engine_format_request(const struct engine *engine, const char *method,
    const char *path, const char *body, struct buf *request)
{
	buf_printf(request, "%s %s%s%s HTTP/1.0\r\n", method,
	    *engine->api == '\0' ? "" : "/v", engine->api, path);
	if (body != NULL)
		buf_printf(request, "Content-Type: application/json\r\n"
		    "Content-Length: %zu\r\n", strlen(body));
	buf_puts(request, "\r\n");
	if (body != NULL)
		buf_puts(request, body);
}

/*
 * One request.  path: with leading slash, escaped; versioned here.  body may
 * be NULL.  The caller releases raw, which reply points into.
 */
static int
call(const struct engine *engine, const char *method, const char *path,
    const char *body, struct buf *raw, struct http_reply *reply,
    struct err *err)
{
	struct buf request = BUF_EMPTY;
	int ret;

	engine_format_request(engine, method, path, body, &request);
	buf_cut(raw, 0);
	ret = exchange(engine->path, &request, raw, err);
	buf_release(&request);
	if (ret == 0)
		ret = http_parse(buf_text(raw), raw->len, reply, err);
	return ret;
}

int
engine_declined(const struct http_reply *reply, enum err_class class,
    struct err *err)
{
	char shown[ESCAPE_NAME_MAX];
	struct err ignored;
	char *message = NULL;
	json_t *object;

	object = docker_json_object(reply->body, reply->body_len, &ignored);
	if (object == NULL ||
	    docker_json_text(object, "message", &message, &ignored) == -1)
		err_set(err, class, 0, "status %u", reply->status);
	else
		err_set(err, class, 0, "%s (status %u)",
		    escape_name(message, shown), reply->status);
	free(message);
	json_decref(object);
	return -1;
}

enum err_class
engine_class_of(unsigned status)
{
	if (status == 404)
		return ERR_NOT_FOUND;
	return status == 409 ? ERR_BUSY : ERR_IO;
}

int
engine_say(const struct engine *engine, struct err *err)
{
	char shown[ESCAPE_NAME_MAX];

	return err_context(err, "engine at %s",
	    escape_name(engine->path, shown));
}

json_t *
engine_get_json(const struct engine *engine, const char *path, bool is_list,
    struct err *err)
{
	struct buf raw = BUF_EMPTY;
	struct http_reply reply;
	json_t *value = NULL;

	if (call(engine, "GET", path, NULL, &raw, &reply, err) == -1)
		;
	else if (reply.status != 200)
		engine_declined(&reply, engine_class_of(reply.status), err);
	else if (is_list)
		value = docker_json_array(reply.body, reply.body_len, err);
	else
		value = docker_json_object(reply.body, reply.body_len, err);
	buf_release(&raw);
	if (value == NULL)
		engine_say(engine, err);
	return value;
}

/* ---------------------------------------------------------------- opening */

/* The path in where or $DOCKER_HOST; NULL for what is no unix socket. */
static char *
socket_path(const char *where, struct err *err)
{
	char shown[ESCAPE_NAME_MAX];

	if (where == NULL)
		where = getenv("DOCKER_HOST");
	if (where == NULL || *where == '\0')
		where = USUAL_SOCKET;
	if (strncmp(where, "unix://", 7) == 0)
		return mem_text(where + 7);
	if (*where == '/')
		return mem_text(where);
	err_set(err, ERR_USAGE, 0, "'%s' is not the path of a unix socket; "
	    "this tool uses no network", escape_name(where, shown));
	return NULL;
}

/* "1.41" of the ping's header, lowered to what we speak; "" if unknown. */
static char *
agree_on_api(const struct http_reply *ping)
{
	struct http_header h;
	const char *dot;
	uint64_t minor;

	if (!http_find(ping, "Api-Version", &h))
		return mem_text("");
	dot = memchr(h.value, '.', h.value_len);
	if (dot == NULL || dot - h.value != 1 || h.value[0] != '1' ||
	    !num_parse(dot + 1, h.value_len - 2, 10, 9999, &minor))
		return mem_text("");
	if (minor > ENGINE_API_MINOR)
		minor = ENGINE_API_MINOR;
	return mem_format("1.%u", (unsigned)minor);
}

/*
 * An engine may be too new for the version agreed on ("client version ... is
 * too old"): paths without version then still work.
 */
static int
check_api(struct engine *engine, struct err *err)
{
	struct buf raw = BUF_EMPTY;
	struct http_reply reply;
	int ret;

	ret = call(engine, "GET", "/version", NULL, &raw, &reply, err);
	if (ret == 0 && reply.status == 400 && *engine->api != '\0') {
		engine->api[0] = '\0';
		ret = call(engine, "GET", "/version", NULL, &raw, &reply, err);
	}
	if (ret == 0 && reply.status != 200)
		ret = engine_declined(&reply, ERR_IO, err);
	buf_release(&raw);
	return ret;
}

static int
ping(struct engine *engine, struct err *err)
{
	struct buf raw = BUF_EMPTY;
	struct http_reply reply;
	int ret;

	ret = call(engine, "GET", "/_ping", NULL, &raw, &reply, err);
	if (ret == 0 && reply.status != 200)
		ret = engine_declined(&reply, ERR_IO, err);
	if (ret == 0) {
		free(engine->api);
		engine->api = agree_on_api(&reply);
	}
	buf_release(&raw);
	return ret == -1 ? -1 : check_api(engine, err);
}

int
engine_open(const char *where, struct engine **engine,
    enum engine_presence *presence, struct err *err)
{
	struct engine *made;
	char *path = socket_path(where, err);

	*engine = NULL;
	*presence = ENGINE_REFUSED;
	if (path == NULL)
		return -1;
	made = mem_zero(1, sizeof *made);
	made->path = path;
	made->api = mem_text("");
	if (ping(made, err) == -1) {
		if (err->class == ERR_NOT_FOUND)
			*presence = ENGINE_ABSENT;
		engine_say(made, err);
		engine_close(made);
		return -1;
	}
	*presence = ENGINE_ANSWERS;
	*engine = made;
	return 0;
}

void
engine_close(struct engine *engine)
{
	if (engine == NULL)
		return;
	free(engine->path);
	free(engine->api);
	free(engine);
}

const char *
engine_path(const struct engine *engine)
{
	return engine->path;
}

const char *
engine_api(const struct engine *engine)
{
	return engine->api;
}

/* ------------------------------------------------------------------ facts */

static int
get_text(struct engine *engine, const char *path, const char *key,
    char **text, struct err *err)
{
	json_t *object = engine_get_json(engine, path, false, err);
	char *found;
	int ret;

	if (object == NULL)
		return -1;
	ret = docker_json_text(object, key, &found, err);
	json_decref(object);
	if (ret == 0 && *found == '\0') {
		free(found);
		ret = err_set(err, ERR_DAMAGED, 0, "its %s has no '%s'",
		    path, key);
	}
	if (ret == -1)
		return engine_say(engine, err);
	*text = found;
	return 0;
}

int
engine_version(struct engine *engine, char **version, struct err *err)
{
	return get_text(engine, "/version", "Version", version, err);
}

int
engine_data_root(struct engine *engine, char **path, struct err *err)
{
	return get_text(engine, "/info", "DockerRootDir", path, err);
}

/* ------------------------------------------------------------- containers */

static int
parse_container(const json_t *object, struct engine_container *c,
    struct err *err)
{
	const char *name = json_string_value(json_array_get(
	    json_object_get(object, "Names"), 0));

	if (!json_is_object(object))
		return err_set(err, ERR_DAMAGED, 0,
		    "a container that is no object");
	if (name == NULL)
		name = "";
	c->name = mem_text(*name == '/' ? name + 1 : name);
	if (docker_json_text(object, "Id", &c->id, err) == -1 ||
	    docker_json_text(object, "State", &c->state, err) == -1)
		return -1;
	c->is_active = strcmp(c->state, "running") == 0 ||
	    strcmp(c->state, "paused") == 0 ||
	    strcmp(c->state, "restarting") == 0 ||
	    strcmp(c->state, "removing") == 0;
	return 0;
}

/* The filter also matches a container's mount point of that name. */
static bool
has_volume(const json_t *object, const char *volume)
{
	const json_t *mounts = json_object_get(object, "Mounts");
	size_t i;

	for (i = 0; i < json_array_size(mounts); i++) {
		const char *name = json_string_value(json_object_get(
		    json_array_get(mounts, i), "Name"));

		if (name != NULL && strcmp(name, volume) == 0)
			return true;
	}
	return false;
}

static int
parse_containers(const json_t *list, const char *volume,
    struct engine_containers *found, struct err *err)
{
	size_t i;

	/* The reply's limit bounds the count. */
	found->list = mem_zero(json_array_size(list), sizeof *found->list);
	for (i = 0; i < json_array_size(list); i++) {
		const json_t *object = json_array_get(list, i);

		if (json_is_object(object) && !has_volume(object, volume))
			continue;
		if (parse_container(object, &found->list[found->count++],
		    err) == -1)
			return -1;
	}
	return 0;
}

int
engine_containers_using(struct engine *engine, const char *volume,
    struct engine_containers *containers, struct err *err)
{
	struct engine_containers found = { NULL, 0 };
	struct buf filter = BUF_EMPTY, path = BUF_EMPTY;
	json_t *list;
	int ret;

	buf_puts(&filter, "{\"volume\":[\"");
	escape_json(&filter, volume, strlen(volume));
	buf_puts(&filter, "\"]}");
	buf_puts(&path, "/containers/json?all=1&filters=");
	http_escape(&path, buf_text(&filter));
	list = engine_get_json(engine, buf_text(&path), true, err);
	buf_release(&filter);
	buf_release(&path);
	if (list == NULL)
		return -1;
	ret = parse_containers(list, volume, &found, err);
	json_decref(list);
	if (ret == -1) {
		engine_containers_release(&found);
		return engine_say(engine, err);
	}
	*containers = found;
	return 0;
}

void
engine_containers_release(struct engine_containers *containers)
{
	size_t i;

	for (i = 0; i < containers->count; i++) {
		free(containers->list[i].id);
		free(containers->list[i].name);
		free(containers->list[i].state);
	}
	free(containers->list);
	containers->list = NULL;
	containers->count = 0;
}

/* ---------------------------------------------------------------- volumes */

static int
parse_volume(const json_t *object, struct engine_volume *v, struct err *err)
{
	struct engine_volume found = { NULL, NULL, PAIRS_EMPTY, PAIRS_EMPTY };

	if (docker_json_text(object, "Driver", &found.driver, err) == -1 ||
	    docker_json_text(object, "Mountpoint", &found.mountpoint,
	    err) == -1 ||
	    docker_json_pairs(object, "Labels", &found.labels, err) == -1 ||
	    docker_json_pairs(object, "Options", &found.options, err) == -1) {
		engine_volume_release(&found);
		return -1;
	}
	*v = found;
	return 0;
}

void
engine_volume_release(struct engine_volume *v)
{
	free(v->driver);
	free(v->mountpoint);
	pairs_release(&v->labels);
	pairs_release(&v->options);
	memset(v, 0, sizeof *v);
}

static void
volume_path(struct buf *path, const char *name)
{
	buf_puts(path, "/volumes/");
	http_escape(path, name);
}

int
engine_volume_inspect(struct engine *engine, const char *name,
    struct engine_volume *v, struct err *err)
{
	struct buf path = BUF_EMPTY;
	json_t *object;
	int ret;

	volume_path(&path, name);
	object = engine_get_json(engine, buf_text(&path), false, err);
	buf_release(&path);
	if (object == NULL)
		return -1;
	ret = parse_volume(object, v, err);
	json_decref(object);
	return ret == -1 ? engine_say(engine, err) : 0;
}

static int
post_volume(struct engine *engine, const char *body, struct engine_volume *v,
    struct err *err)
{
	struct buf raw = BUF_EMPTY;
	struct http_reply reply;
	json_t *object = NULL;
	int ret = -1;

	if (call(engine, "POST", "/volumes/create", body, &raw, &reply,
	    err) == -1)
		goto out;
	if (reply.status != 201 && reply.status != 200) {
		engine_declined(&reply, engine_class_of(reply.status), err);
		goto out;
	}
	object = docker_json_object(reply.body, reply.body_len, err);
	if (object != NULL)
		ret = parse_volume(object, v, err);
out:
	if (ret == -1)
		engine_say(engine, err);
	json_decref(object);
	buf_release(&raw);
	return ret;
}

static int
create_body(const char *name, const char *driver, const struct pairs *labels,
    const struct pairs *options, char **body, struct err *err)
{
	json_t *object = json_pack("{s:s, s:s, s:o, s:o}", "Name", name,
	    "Driver", driver,
	    "DriverOpts", docker_json_from_pairs(options, false),
	    "Labels", docker_json_from_pairs(labels, false));

	*body = object == NULL ? NULL : json_dumps(object, JSON_COMPACT);
	json_decref(object);
	if (*body == NULL)
		return err_set(err, ERR_USAGE, 0, "the name, a label or an "
		    "option is not valid UTF-8");
	return 0;
}

/* *was_there: the engine knew the name before. */
static int
find_before(struct engine *engine, const char *name, bool *was_there,
    struct err *err)
{
	struct engine_volume v;

	*was_there = engine_volume_inspect(engine, name, &v, err) == 0;
	if (*was_there)
		engine_volume_release(&v);
	else if (err->class != ERR_NOT_FOUND)
		return -1;
	else
		err_clear(err);
	return 0;
}

int
engine_volume_create(struct engine *engine, const char *name,
    const char *driver, const struct pairs *labels,
    const struct pairs *options, enum engine_created *how, struct err *err)
{
	struct engine_volume got;
	bool was_there, is_as_asked;
	char *body;
	int ret;

	if (create_body(name, driver, labels, options, &body, err) == -1)
		return -1;
	ret = find_before(engine, name, &was_there, err);
	if (ret == 0)
		ret = post_volume(engine, body, &got, err);
	free(body);
	if (ret == -1)
		return -1;
	is_as_asked = strcmp(got.driver, driver) == 0 &&
	    pairs_equal(&got.labels, labels) &&
	    pairs_equal(&got.options, options);
	engine_volume_release(&got);
	if (!is_as_asked)
		*how = ENGINE_DIFFERS;
	else
		*how = was_there ? ENGINE_EXISTED : ENGINE_CREATED;
	return 0;
}

int
engine_volume_remove(struct engine *engine, const char *name,
    struct err *err)
{
	struct buf path = BUF_EMPTY, raw = BUF_EMPTY;
	struct http_reply reply;
	int ret;

	volume_path(&path, name);
	ret = call(engine, "DELETE", buf_text(&path), NULL, &raw, &reply, err);
	if (ret == 0 && reply.status != 204)
		ret = engine_declined(&reply, engine_class_of(reply.status), err);
	if (ret == -1)
		engine_say(engine, err);
	buf_release(&path);
	buf_release(&raw);
	return ret;
}
