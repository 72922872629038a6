/* SPDX-License-Identifier: BSD-2-Clause */
/* Compose's consistency rules, in its words. */
#include <string.h>

#include "base/err.h"
#include "base/buf.h"
#include "base/escape.h"
#include "compose/model.h"
#include "compose/project.h"

#define INVALID "invalid compose project"

struct check {
	const struct compose_project *project;
	const struct compose_service *service;
	char name[ESCAPE_NAME_MAX];
	struct err *err;
};

static int
undefined(const struct check *c, const char *what, const char *name)
{
	char shown[ESCAPE_NAME_MAX];

	return err_set(c->err, ERR_DAMAGED, 0,
	    "service \"%s\" refers to undefined %s %s: " INVALID, c->name,
	    what, escape_name(name, shown));
}

static int
disabled(const struct check *c, const struct compose_service *target)
{
	struct buf profiles = BUF_EMPTY;
	size_t i;

	for (i = 0; i < target->profile_count; i++) {
		if (i > 0)
			buf_byte(&profiles, ' ');
		escape_text(&profiles, target->profiles[i],
		    strlen(target->profiles[i]));
	}
	err_set(c->err, ERR_DAMAGED, 0, "service \"%s\" is required by \"%s\" "
	    "but is disabled. Can be enabled by profiles [%s]", target->name,
	    c->name, buf_text(&profiles));
	buf_release(&profiles);
	return -1;
}

static int
check_edges(const struct check *c)
{
	const struct compose_edge *edge;
	const struct compose_service *target;
	char shown[ESCAPE_NAME_MAX];
	size_t i;

	for (i = 0; i < c->service->edge_count; i++) {
		edge = &c->service->edges[i];
		target = compose_service(c->project, edge->service);
		/* Also when it is not required: Compose says so too. */
		if (target == NULL)
			return err_set(c->err, ERR_DAMAGED, 0, "service "
			    "\"%s\" depends on undefined service \"%s\": "
			    INVALID, c->name,
			    escape_name(edge->service, shown));
		if (!target->is_enabled && edge->is_required)
			return disabled(c, target);
	}
	return 0;
}

static bool
is_defined(const struct check *c, const char *section, const char *key)
{
	return yaml_get(yaml_get(c->project->model, section), key) != NULL;
}

static int
check_references(const struct check *c)
{
	const struct compose_service *s = c->service;
	size_t i;

	for (i = 0; i < s->network_count; i++)
		if (!is_defined(c, "networks", s->networks[i]))
			return undefined(c, "network", s->networks[i]);
	for (i = 0; i < s->mount_count; i++)
		if (s->mounts[i].type == COMPOSE_MOUNT_VOLUME &&
		    s->mounts[i].source[0] != '\0' &&
		    !is_defined(c, "volumes", s->mounts[i].source))
			return undefined(c, "volume", s->mounts[i].source);
	for (i = 0; i < s->secret_count; i++)
		if (!is_defined(c, "secrets", s->secrets[i].source))
			return undefined(c, "secret", s->secrets[i].source);
	for (i = 0; i < s->config_count; i++)
		if (!is_defined(c, "configs", s->configs[i].source))
			return undefined(c, "config", s->configs[i].source);
	return 0;
}

static int
check_env_files(const struct check *c)
{
	const struct compose_file_need *need;
	struct buf path = BUF_EMPTY;
	size_t i;

	for (i = 0; i < c->service->env_file_count; i++) {
		need = &c->service->env_files[i];
		if (!need->is_required || model_is_file(need->path))
			continue;
		escape_text(&path, need->path, strlen(need->path));
		err_set(c->err, ERR_DAMAGED, 0, "env file %s not found",
		    buf_text(&path));
		buf_release(&path);
		return -1;
	}
	return 0;
}

static int
check_service(const struct check *c)
{
	const struct compose_service *s = c->service;

	if (s->image == NULL && !s->has_build && !s->has_provider)
		return err_set(c->err, ERR_DAMAGED, 0, "service \"%s\" has "
		    "neither an image nor a build context specified: " INVALID,
		    c->name);
	if (yaml_some(s->model, "network_mode") != NULL &&
	    s->network_count > 0)
		return err_set(c->err, ERR_DAMAGED, 0, "service %s declares "
		    "mutually exclusive `network_mode` and `networks`: "
		    INVALID, c->name);
	if (s->health.start_interval_ns != 0 &&
	    s->health.start_period_ns == 0)
		return err_set(c->err, ERR_DAMAGED, 0, "service \"%s\": "
		    "healthcheck.start_interval requires "
		    "healthcheck.start_period to be set", c->name);
	if (check_edges(c) == -1 || check_references(c) == -1)
		return -1;
	return check_env_files(c);
}

static int
check_sources(const struct compose_project *project, struct err *err)
{
	const struct compose_secret *secret;
	char shown[ESCAPE_NAME_MAX];
	size_t i;

	for (i = 0; i < project->secret_count; i++) {
		secret = &project->secrets[i];
		if (!secret->is_external && secret->file == NULL &&
		    secret->environment == NULL &&
		    yaml_some(yaml_get(yaml_get(project->model, "secrets"),
		    secret->key), "driver") == NULL)
			return err_set(err, ERR_DAMAGED, 0, "secret \"%s\" "
			    "must declare either `file` or `environment`: "
			    INVALID, escape_name(secret->key, shown));
	}
	return 0;
}

int
compose_check(const struct compose_project *project, struct err *err)
{
	struct check c = { .project = project, .err = err };
	size_t i;

	for (i = 0; i < project->service_count; i++) {
		c.service = &project->services[i];
		(void)escape_name(c.service->name, c.name);
		if (c.service->is_enabled && check_service(&c) == -1)
			return -1;
	}
	return check_sources(project, err);
}
