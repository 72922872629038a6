/* SPDX-License-Identifier: BSD-2-Clause */
/* Containers as the engine tells them; see engine_container.h. */
#include "docker/engine_container.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/escape.h"
#include "base/mem.h"
#include "base/num.h"
#include "docker/engine_private.h"
#include "docker/http.h"
#include "docker/json.h"

#define LABEL "com.docker.compose."
#define STOP_USUAL_S 10
#define STOP_MAX_S 86400
#define NS_PER_MS 1000000

/* The engine's own, when a check leaves them out. */
#define CHECK_INTERVAL_MS 30000
#define CHECK_TIMEOUT_MS 30000
#define CHECK_RETRIES 3

/* ------------------------------------------------------------------- list */

static const char *
label_of(const json_t *object, const char *key)
{
	const char *value = json_string_value(json_object_get(
	    json_object_get(object, "Labels"), key));

	return value == NULL ? "" : value;
}

static bool
is_service(const json_t *object)
{
	return *label_of(object, LABEL "service") != '\0' &&
	    strcasecmp(label_of(object, LABEL "oneoff"), "true") != 0 &&
	    *label_of(object, LABEL "hook") == '\0';
}

static int
parse_listed(const json_t *object, struct engine_project_container *c,
    struct err *err)
{
	const char *name = json_string_value(json_array_get(
	    json_object_get(object, "Names"), 0));
	const char *number = label_of(object, LABEL "container-number");

	if (name == NULL)
		name = "";
	c->name = mem_text(*name == '/' ? name + 1 : name);
	c->service = mem_text(label_of(object, LABEL "service"));
	if (!num_parse(number, strlen(number), 10, UINT32_MAX, &c->number))
		c->number = 0;
	if (docker_json_text(object, "Id", &c->id, err) == -1)
		return -1;
	if (*c->id == '\0')
		return err_set(err, ERR_DAMAGED, 0,
		    "a container without an id");
	return 0;
}

static int
by_service(const void *a, const void *b)
{
	const struct engine_project_container *x = a, *y = b;
	int order = strcmp(x->service, y->service);

	if (order == 0 && x->number != y->number)
		order = x->number < y->number ? -1 : 1;
	return order != 0 ? order : strcmp(x->id, y->id);
}

static int
parse_list(const json_t *list, struct engine_project *found, struct err *err)
{
	size_t i;

	/* The reply's limit bounds the count. */
	found->list = mem_zero(json_array_size(list), sizeof *found->list);
	for (i = 0; i < json_array_size(list); i++) {
		const json_t *object = json_array_get(list, i);

		if (!json_is_object(object))
			return err_set(err, ERR_DAMAGED, 0,
			    "a container that is no object");
		if (is_service(object) && parse_listed(object,
		    &found->list[found->count++], err) == -1)
			return -1;
	}
	if (found->count > 0)
		qsort(found->list, found->count, sizeof *found->list,
		    by_service);
	return 0;
}

int
engine_project_list(struct engine *engine, const char *project,
    struct engine_project *found, struct err *err)
{
	struct buf filter = BUF_EMPTY, path = BUF_EMPTY;
	struct engine_project made = { NULL, 0 };
	json_t *list;
	int ret;

	buf_puts(&filter, "{\"label\":[\"" LABEL "project=");
	escape_json(&filter, project, strlen(project));
	buf_puts(&filter, "\"]}");
	buf_puts(&path, "/containers/json?all=1&filters=");
	http_escape(&path, buf_text(&filter));
	list = engine_get_json(engine, buf_text(&path), true, err);
	buf_release(&filter);
	buf_release(&path);
	if (list == NULL)
		return -1;
	ret = parse_list(list, &made, err);
	json_decref(list);
	if (ret == -1) {
		engine_project_release(&made);
		return engine_say(engine, err);
	}
	*found = made;
	return 0;
}

void
engine_project_release(struct engine_project *found)
{
	size_t i;

	for (i = 0; i < found->count; i++) {
		free(found->list[i].id);
		free(found->list[i].name);
		free(found->list[i].service);
	}
	free(found->list);
	found->list = NULL;
	found->count = 0;
}

/* ---------------------------------------------------------------- inspect */

/* A whole number that may be missing or null; negative ones are fallback. */
static uint64_t
count_of(const json_t *object, const char *key, uint64_t fallback)
{
	const json_t *value = json_object_get(object, key);

	return json_is_integer(value) && json_integer_value(value) >= 0 ?
	    (uint64_t)json_integer_value(value) : fallback;
}

/* Zero means the engine's default, which is fallback. */
static uint64_t
ms_of(const json_t *object, const char *key, uint64_t fallback)
{
	uint64_t ns = count_of(object, key, 0);

	return ns == 0 ? fallback : (ns + NS_PER_MS - 1) / NS_PER_MS;
}

static enum engine_status
status_of(const char *text)
{
	static const struct { const char *text; enum engine_status is; } t[] = {
		{ "created", ENGINE_CREATED_ONLY },
		{ "initialized", ENGINE_CREATED_ONLY },	/* Podman's */
		{ "configured", ENGINE_CREATED_ONLY },
		{ "running", ENGINE_RUNNING }, { "paused", ENGINE_PAUSED },
		{ "restarting", ENGINE_RESTARTING },
		{ "exited", ENGINE_EXITED }, { "stopped", ENGINE_EXITED },
	};
	size_t i;

	for (i = 0; i < sizeof t / sizeof t[0]; i++)
		if (strcmp(text, t[i].text) == 0)
			return t[i].is;
	return ENGINE_GONE;
}

static enum engine_health
health_of(const json_t *health)
{
	const char *text = json_string_value(json_object_get(health,
	    "Status"));

	if (text == NULL)
		return ENGINE_HEALTH_NONE;
	if (strcmp(text, "healthy") == 0)
		return ENGINE_HEALTHY;
	if (strcmp(text, "unhealthy") == 0)
		return ENGINE_UNHEALTHY;
	if (strcmp(text, "starting") == 0)
		return ENGINE_HEALTH_STARTING;
	/* A word that nobody knows is not called good. */
	return *text == '\0' || strcmp(text, "none") == 0 ?
	    ENGINE_HEALTH_NONE : ENGINE_UNHEALTHY;
}

static int
parse_probes(const json_t *health, struct engine_state *s, struct err *err)
{
	const json_t *log = json_object_get(health, "Log");
	size_t all = json_array_size(log), i;

	for (i = all > ENGINE_PROBES_MAX ? all - ENGINE_PROBES_MAX : 0;
	    i < all; i++) {
		const json_t *entry = json_array_get(log, i);
		struct engine_probe *p = &s->probes[s->probe_count++];

		p->exit_code = json_integer_value(json_object_get(entry,
		    "ExitCode"));
		if (docker_json_text(entry, "Start", &p->start, err) == -1 ||
		    docker_json_text(entry, "Output", &p->output, err) == -1)
			return -1;
	}
	return 0;
}

static void
parse_check(const json_t *check, struct engine_check *c)
{
	const char *kind = json_string_value(json_array_get(
	    json_object_get(check, "Test"), 0));

	if (kind == NULL || strcmp(kind, "NONE") == 0)
		return;
	c->is_set = true;
	c->interval_ms = ms_of(check, "Interval", CHECK_INTERVAL_MS);
	c->timeout_ms = ms_of(check, "Timeout", CHECK_TIMEOUT_MS);
	c->start_period_ms = ms_of(check, "StartPeriod", 0);
	c->retries = count_of(check, "Retries", 0);
	if (c->retries == 0)
		c->retries = CHECK_RETRIES;
}

static int
parse_state(const json_t *object, struct engine_state *s, struct err *err)
{
	json_t *state, *health;
	char *status;

	if (docker_json_member(object, "State", &state, err) == -1)
		return -1;
	if (state == NULL)
		return err_set(err, ERR_DAMAGED, 0, "it has no State");
	if (docker_json_text(state, "Status", &status, err) == -1)
		return -1;
	s->status = status_of(status);
	free(status);
	s->exit_code = json_integer_value(json_object_get(state, "ExitCode"));
	if (docker_json_text(state, "Error", &s->error, err) == -1 ||
	    docker_json_text(state, "StartedAt", &s->started_at, err) == -1 ||
	    docker_json_bool(state, "OOMKilled", &s->was_oom_killed,
	    err) == -1 ||
	    docker_json_member(state, "Health", &health, err) == -1)
		return -1;
	s->was_ever_started = *s->started_at != '\0' &&
	    strncmp(s->started_at, "0001-", 5) != 0;
	s->health = health_of(health);
	return parse_probes(health, s, err);
}

static int
parse_config(const json_t *object, struct engine_state *s, struct err *err)
{
	json_t *config, *check, *host, *policy;

	if (docker_json_member(object, "Config", &config, err) == -1 ||
	    docker_json_member(object, "HostConfig", &host, err) == -1 ||
	    docker_json_member(config, "Healthcheck", &check, err) == -1 ||
	    docker_json_member(host, "RestartPolicy", &policy, err) == -1 ||
	    docker_json_text(policy, "Name", &s->restart_policy, err) == -1)
		return -1;
	parse_check(check, &s->check);
	s->restarts = count_of(object, "RestartCount", 0);
	s->restarts_max = count_of(policy, "MaximumRetryCount", 0);
	s->stop_s = count_of(config, "StopTimeout", STOP_USUAL_S);
	if (s->stop_s > STOP_MAX_S)
		s->stop_s = STOP_MAX_S;
	return 0;
}

int
engine_state_parse(const char *body, size_t len, struct engine_state *state,
    struct err *err)
{
	struct engine_state made;
	json_t *object = docker_json_object(body, len, err);
	int ret = -1;

	if (object == NULL)
		return -1;
	memset(&made, 0, sizeof made);
	if (parse_state(object, &made, err) == 0 &&
	    parse_config(object, &made, err) == 0)
		ret = 0;
	json_decref(object);
	if (ret == -1)
		engine_state_release(&made);
	else
		*state = made;
	return ret;
}

void
engine_state_release(struct engine_state *state)
{
	size_t i;

	for (i = 0; i < state->probe_count; i++) {
		free(state->probes[i].start);
		free(state->probes[i].output);
	}
	free(state->error);
	free(state->started_at);
	free(state->restart_policy);
	memset(state, 0, sizeof *state);
}

void
engine_container_path(struct buf *path, const char *id, const char *rest)
{
	buf_puts(path, "/containers/");
	http_escape(path, id);
	buf_puts(path, rest);
}

int
engine_wait_parse(const char *body, size_t len, int64_t *exit_code,
    struct err *err)
{
	json_t *object = docker_json_object(body, len, err);
	const json_t *code = json_object_get(object, "StatusCode");
	int ret = 0;

	if (object == NULL)
		return -1;
	if (json_is_integer(code))
		*exit_code = json_integer_value(code);
	else
		ret = err_set(err, ERR_DAMAGED, 0, "a wait without a status");
	json_decref(object);
	return ret;
}
