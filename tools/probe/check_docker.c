/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * docker://: the engine answers.  docker://NAME: a container stands as it
 * should, asked of the engine, or with "offline" its record in the data-root.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/escape.h"
#include "base/utc.h"
#include "check.h"
#include "container_mounts.h"
#include "docker/container.h"
#include "docker/engine_container.h"
#include "docker/root.h"
#include "docker/volume.h"
#include "outcome.h"
#include "site.h"

#define LIMIT_MS 10000

/* Running for less than this after the engine restarted it: watch it. */
#define FRESH_S 60

/* ----------------------------------------------------------------- engine */

static void
engine_failed(enum engine_presence presence, const struct err *err,
    struct outcome *o)
{
	enum reason reason = REASON_ENGINE_ODD;

	if (err->sys == EACCES || err->sys == EPERM)
		reason = REASON_NO_PERMISSION;
	else if (err->sys == ETIMEDOUT)
		reason = REASON_ENGINE_SILENT;
	else if (presence == ENGINE_ABSENT)
		reason = err->sys == ECONNREFUSED ? REASON_ENGINE_DOWN :
		    REASON_SOCKET_MISSING;
	outcome_reason(o, reason, "%s", err->text);
}

static void
run_engine(const struct probe_context *context, struct outcome *o)
{
	enum engine_presence presence = ENGINE_REFUSED;
	struct engine *engine = NULL;
	char shown[ESCAPE_NAME_MAX];
	char *version = NULL;
	struct err err;

	if (site_engine(context->site, &engine, &presence, &err) == -1) {
		engine_failed(presence, &err, o);
		return;
	}
	outcome_fact(o, "socket", engine_path(engine));
	outcome_fact(o, "api", engine_api(engine));
	if (engine_version(engine, &version, &err) == -1) {
		engine_failed(ENGINE_ANSWERS, &err, o);
		return;
	}
	outcome_fact(o, "version", version);
	outcome_note(o, "engine %s answers, API %s",
	    escape_name(version, shown), engine_api(engine));
	free(version);
}

/* ------------------------------------------------------------------ state */

/* What a person wants to know first of a health check that fails. */
static void
judge_health_log(const struct engine_state *s, enum reason reason,
    struct outcome *o)
{
	const struct engine_probe *last;
	char shown[ESCAPE_NAME_MAX];

	if (s->probe_count == 0) {
		outcome_reason(o, reason, "it has not run yet");
		return;
	}
	last = &s->probes[s->probe_count - 1];
	escape_name(last->output, shown);
	if (last->exit_code == 126 || last->exit_code == 127 ||
	    (last->exit_code == -1 &&
	    (strstr(last->output, "executable file not found") != NULL ||
	    strstr(last->output, "no such file or directory") != NULL)))
		reason = REASON_HEALTH_BINARY_MISSING;
	outcome_reason(o, reason, "%s %" PRId64 ": %s",
	    last->exit_code == -1 ? "could not run or hung," :
	    "last check ended with", last->exit_code, shown);
}

static void
judge_health(const struct check *check, const struct engine_state *s,
    struct outcome *o)
{
	const char *wish = check_text(&check->expect, "health");

	if (wish != NULL && strcmp(wish, "any") == 0)
		return;
	switch (s->health) {
	case ENGINE_HEALTH_NONE:
		if (wish != NULL)
			outcome_reason(o, REASON_HEALTH_NO_HEALTHCHECK,
			    "%s", "");
		break;
	case ENGINE_HEALTHY:
		break;
	case ENGINE_UNHEALTHY:
		judge_health_log(s, REASON_UNHEALTHY, o);
		break;
	case ENGINE_HEALTH_STARTING:
		/* At the latest then; a bound that startup-order uses too. */
		outcome_fact_u64(o, "health_bound_ms",
		    s->check.start_period_ms + s->check.retries *
		    (s->check.interval_ms + s->check.timeout_ms));
		judge_health_log(s, REASON_HEALTH_STARTING, o);
		break;
	}
}

static enum reason
reason_of_end(const struct engine_state *s)
{
	if (s->was_oom_killed)
		return REASON_OOM_KILLED;
	if (s->exit_code == 126)
		return REASON_EXIT_126;
	return s->exit_code == 127 ? REASON_EXIT_127 : REASON_CONTAINER_EXITED;
}

static void
judge_end(const struct check *check, const struct engine_state *s,
    struct outcome *o)
{
	const char *wish = check_text(&check->expect, "state");
	char shown[ESCAPE_NAME_MAX];

	if (wish != NULL && strcmp(wish, "completed") == 0 &&
	    s->exit_code == 0) {
		outcome_note(o, "ended with status 0, as it should");
		return;
	}
	outcome_reason(o, reason_of_end(s), "status %" PRId64 "%s%s",
	    s->exit_code, *s->error != '\0' ? ": " : "",
	    escape_name(s->error, shown));
}

/* A container that was never started, or could not be. */
static void
judge_created(const struct engine_state *s, struct outcome *o)
{
	char shown[ESCAPE_NAME_MAX];

	if (s->exit_code == 126 || s->exit_code == 127)
		outcome_reason(o, reason_of_end(s), "%s",
		    escape_name(s->error, shown));
	else
		outcome_reason(o, REASON_CONTAINER_CREATED, "%s",
		    escape_name(s->error, shown));
}

/* "2026-11-21T03:45:00.123456789Z" without the fraction; false: unknown. */
static bool
parse_moment(const char *text, int64_t *seconds)
{
	char whole[21];

	if (strlen(text) < 20)
		return false;
	memcpy(whole, text, 19);
	whole[19] = 'Z';
	whole[20] = '\0';
	return utc_parse(whole, seconds);
}

static void
judge_restarts(const struct check *check, const struct engine_state *s,
    int64_t now, struct outcome *o)
{
	uint64_t expect = check_number(&check->expect, "restarts",
	    UINT64_MAX);
	uint64_t warn = check_number(&check->warn, "restarts", UINT64_MAX);
	int64_t started;

	if (s->restarts > expect)
		outcome_reason_as(o, OUTCOME_FAIL, REASON_RESTARTED,
		    "%" PRIu64 " times, last with status %" PRId64,
		    s->restarts, s->exit_code);
	else if (s->restarts > warn || (s->restarts > 0 &&
	    parse_moment(s->started_at, &started) &&
	    now - started < FRESH_S))
		outcome_reason(o, REASON_RESTARTED, "%" PRIu64 " times, last "
		    "with status %" PRId64, s->restarts, s->exit_code);
}

static void
judge_running(const struct check *check, const struct engine_state *s,
    int64_t now, struct outcome *o)
{
	const char *wish = check_text(&check->expect, "state");

	if (wish != NULL && strcmp(wish, "completed") == 0) {
		outcome_reason(o, REASON_STILL_RUNS, "%s", "");
		return;
	}
	judge_restarts(check, s, now, o);
	judge_health(check, s, o);
	outcome_note(o, "running%s", s->health == ENGINE_HEALTHY ?
	    " and healthy" : s->check.is_set ? "" : ", no health check");
}

static void
judge_state(const struct check *check, const struct engine_state *s,
    int64_t now, struct outcome *o)
{
	char shown[ESCAPE_NAME_MAX];

	outcome_fact_u64(o, "restarts", s->restarts);
	switch (s->status) {
	case ENGINE_RUNNING:
		judge_running(check, s, now, o);
		break;
	case ENGINE_PAUSED:
		outcome_reason(o, REASON_CONTAINER_PAUSED, "%s", "");
		break;
	case ENGINE_RESTARTING:
		/* Why it ends is the better reason where one is known. */
		outcome_reason(o, reason_of_end(s) == REASON_CONTAINER_EXITED ?
		    REASON_RESTART_LOOP : reason_of_end(s), "restarted %"
		    PRIu64 " times, last status %" PRId64 "%s%s", s->restarts,
		    s->exit_code, *s->error != '\0' ? ": " : "",
		    escape_name(s->error, shown));
		break;
	case ENGINE_CREATED_ONLY:
		judge_created(s, o);
		break;
	case ENGINE_EXITED:
		judge_end(check, s, o);
		break;
	case ENGINE_GONE:
		outcome_reason(o, REASON_CONTAINER_GONE, "%s", "");
		break;
	}
}

/* -------------------------------------------------------------- container */

static void
judge_container(const struct check *check, struct site *site,
    const struct container *c, struct outcome *o)
{
	outcome_fact(o, "image", c->image);
	outcome_fact(o, "id", c->id);
	container_mounts_expected(check, c, o);
	if (site_sees_host(site))
		container_mounts_binds(c, o);
}

static void
run_container(const struct check *check, const struct probe_context *context,
    struct outcome *o)
{
	struct buf path = BUF_EMPTY, body = BUF_EMPTY;
	struct engine_state state;
	struct container c;
	struct err err;

	memset(&state, 0, sizeof state);
	memset(&c, 0, sizeof c);
	engine_container_path(&path, check->url.host, "/json");
	if (site_get(context->site, buf_text(&path), context->deadline_ms,
	    &body, &err) == -1) {
		if (err.class == ERR_NOT_FOUND && err.sys == 0)
			outcome_reason(o, REASON_CONTAINER_MISSING, "%s",
			    check->url.host);
		else
			engine_failed(err.class == ERR_NOT_FOUND ?
			    ENGINE_ABSENT : ENGINE_ANSWERS, &err, o);
	} else if (engine_state_parse(body.data, body.len, &state,
	    &err) == -1 || container_inspect_parse(body.data, body.len, &c,
	    &err) == -1) {
		outcome_reason(o, REASON_ENGINE_ODD, "%s", err.text);
	} else {
		judge_state(check, &state, context->now, o);
		judge_container(check, context->site, &c, o);
	}
	engine_state_release(&state);
	container_release(&c);
	buf_release(&path);
	buf_release(&body);
}

/* ---------------------------------------------------------------- offline */

struct search {
	const struct check *check;
	struct site *site;
	struct outcome *o;
	bool is_found;
};

static bool
is_named(const struct container *c, const char *name)
{
	return strcmp(c->name, name) == 0 || (strlen(name) >= 12 &&
	    strncmp(c->id, name, strlen(name)) == 0);
}

static int
visit(void *ctx, const struct container *c, struct err *err)
{
	struct search *s = ctx;
	const struct volume_set *volumes;
	char shown[ESCAPE_NAME_MAX];
	struct err ignored;

	(void)err;
	if (s->is_found || !is_named(c, s->check->url.host))
		return 0;
	s->is_found = true;
	judge_container(s->check, s->site, c, s->o);
	if (site_volumes(s->site, &volumes, &ignored) == 0)
		container_mounts_volumes(c, volumes, s->o);
	outcome_note(s->o, "on record, with %zu mount%s; image %s",
	    c->mount_count, c->mount_count == 1 ? "" : "s",
	    escape_name(c->image, shown));
	return 0;
}

static void
skipped(void *ctx, const char *id, const struct err *why)
{
	struct search *s = ctx;

	/* Its name is in what cannot be read, so only its id can match. */
	if (strlen(s->check->url.host) < 12 || strncmp(id,
	    s->check->url.host, strlen(s->check->url.host)) != 0)
		return;
	s->is_found = true;
	outcome_reason(s->o, REASON_RECORD_DAMAGED, "%s", why->text);
}

static void
run_record(const struct check *check, const struct probe_context *context,
    struct outcome *o)
{
	struct search s = { check, context->site, o, false };
	const struct container_visitor visitor = { &s, visit, skipped };
	const struct docker_root *root;
	struct err err;

	if (site_root(context->site, &root, &err) == -1)
		outcome_reason(o, err.sys == EACCES || err.sys == EPERM ?
		    REASON_NO_PERMISSION : REASON_DATA_ROOT_MISSING, "%s",
		    err.text);
	else if (root->containers_fd == -1)
		outcome_reason(o, REASON_DATA_ROOT_MISSING, "no folder of "
		    "containers beside the volumes");
	else if (container_each(root->containers_fd, &visitor, &err) == -1)
		outcome_reason(o, REASON_CANNOT_READ, "%s", err.text);
	else if (!s.is_found)
		outcome_reason(o, REASON_CONTAINER_MISSING, "%s",
		    check->url.host);
}

/* ------------------------------------------------------------------- kind */

static int
accept_word(const struct check *check, const char *key,
    const char *const words[2], struct err *err)
{
	const char *text = check_text(&check->expect, key);
	char shown[ESCAPE_NAME_MAX];

	if (text == NULL || strcmp(text, words[0]) == 0 ||
	    strcmp(text, words[1]) == 0)
		return 0;
	return err_set(err, ERR_USAGE, 0, "%s: '%s' is neither %s nor %s",
	    key, escape_name(text, shown), words[0], words[1]);
}

/* Others than the scheduler's. */
static bool
has_own_terms(const struct check_terms *terms)
{
	const struct check_term *t = NULL;

	while ((t = check_next(terms, NULL, t)) != NULL)
		if (strcmp(t->key, "time") != 0)
			return true;
	return false;
}

/* What no record can tell must not pass as if it had. */
static int
accept_offline(const struct check *check, struct err *err)
{
	static const char *const live[] = { "state", "health", "restarts" };

	if (!check_bool(&check->set, "offline", false))
		return 0;
	for (size_t i = 0; i < sizeof live / sizeof live[0]; i++)
		if (check_text(&check->expect, live[i]) != NULL ||
		    check_text(&check->warn, live[i]) != NULL)
			return err_set(err, ERR_USAGE, 0,
			    "%s: with offline: true nobody can tell", live[i]);
	return 0;
}

static int
accept_docker(const struct check *check, struct err *err)
{
	static const char *const states[] = { "running", "completed" };
	static const char *const healths[] = { "healthy", "any" };
	char shown[ESCAPE_NAME_MAX];

	if (*check->url.host == '\0' && (has_own_terms(&check->expect) ||
	    has_own_terms(&check->warn) || has_own_terms(&check->set)))
		return err_set(err, ERR_USAGE, 0, "the engine itself is only "
		    "asked whether it answers");
	if (*check->url.host != '\0' && !volume_name_is_valid(check->url.host))
		return err_set(err, ERR_USAGE, 0, "'%s' is not a container "
		    "name", escape_name(check->url.host, shown));
	if (accept_word(check, "state", states, err) == -1)
		return -1;
	if (accept_word(check, "health", healths, err) == -1)
		return -1;
	return accept_offline(check, err);
}

static void
run_docker(const struct check *check, const struct probe_context *context,
    struct outcome *o)
{
	if (*check->url.host == '\0')
		run_engine(context, o);
	else if (check_bool(&check->set, "offline", false))
		run_record(check, context, o);
	else
		run_container(check, context, o);
}

static const struct check_key keys[] = {
	{ "state", CHECK_TEXT, CHECK_EXPECT, false, false },
	{ "health", CHECK_TEXT, CHECK_EXPECT, false, false },
	{ "mount", CHECK_TEXT, CHECK_EXPECT | CHECK_WARN, false, true },
	{ "restarts", CHECK_NUMBER, CHECK_EXPECT | CHECK_WARN, false, false },
	{ "offline", CHECK_BOOL, CHECK_SET, false, false },
	{ NULL, CHECK_TEXT, 0, false, false }
};

const struct check_kind check_kind_docker = {
	keys, LIMIT_MS, REASON_ENGINE_SILENT, accept_docker, run_docker
};
