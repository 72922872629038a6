/* SPDX-License-Identifier: BSD-2-Clause */
/* A host as a plan; see host_plan.h. */
#include "host_plan.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/pairs.h"
#include "check.h"
#include "docker/container.h"
#include "docker/root.h"
#include "docker/volume.h"
#include "plan.h"
#include "site.h"

#define ENGINE_STAGE "engine"
#define VOLUME_STAGE "volumes"
#define CONTAINER_STAGE "containers"

struct work {
	struct plan *plan;
	const struct volume_set *volumes;
	struct pairs used;	/* volumes that containers mount */
	bool is_offline;
	size_t count;		/* of volumes and containers to look at */
};

static bool
is_one_off(const struct container *c)
{
	const char *label = pairs_get(&c->labels, "com.docker.compose.oneoff");

	return label != NULL && (strcmp(label, "True") == 0 ||
	    strcmp(label, "true") == 0);
}

static int
note_volumes(void *ctx, const struct container *c, struct err *err)
{
	struct work *w = ctx;
	size_t i;

	(void)err;
	for (i = 0; i < c->mount_count; i++)
		if (*c->mounts[i].name != '\0')
			pairs_put(&w->used, c->mounts[i].name, "");
	return 0;
}

static bool
is_kept_up(const struct container *c)
{
	return strcmp(c->restart_policy, "always") == 0 ||
	    strcmp(c->restart_policy, "unless-stopped") == 0;
}

static int
add_container(void *ctx, const struct container *c, struct err *err)
{
	struct work *w = ctx;
	char *target = mem_format("docker://%s", c->name);
	char *name = w->is_offline ? mem_format("%s (record)", c->name) :
	    mem_text(c->name);
	struct draft *d;
	size_t i;

	(void)err;
	/* A name that no engine gives, or a second one, is nobody's. */
	if (is_one_off(c) || !volume_name_is_valid(c->name) ||
	    plan_has(w->plan, name))
		goto out;
	d = plan_add(w->plan, CONTAINER_STAGE, name, target);
	w->count++;
	if (!is_kept_up(c))
		plan_optional(d);
	if (w->is_offline)
		plan_term(d, CHECK_SET, &(struct check_term){ "offline",
		    NULL, "true", 0 });
	for (i = 0; i < c->mount_count; i++) {
		char *need = mem_format("volume://%s", c->mounts[i].name);

		if (!w->is_offline && *c->mounts[i].name != '\0' &&
		    plan_has(w->plan, need))
			plan_need(d, need);
		free(need);
	}
out:
	free(name);
	free(target);
	return 0;
}

static int
add_volume(struct work *w, const char *name, struct err *err)
{
	struct volume v;
	char *target;
	struct draft *d;

	if (!volume_name_is_valid(name))
		return 0;
	if (volume_read(w->volumes, name, &v, err) == 0) {
		bool is_anonymous = v.is_anonymous;

		volume_release(&v);
		if (is_anonymous)
			return 0;
	}
	/* One that cannot be read is for the check to say. */
	err_clear(err);
	target = mem_format("volume://%s", name);
	d = plan_add(w->plan, VOLUME_STAGE, target, target);
	w->count++;
	plan_term(d, CHECK_WARN, &(struct check_term){ "empty", NULL, "false",
	    0 });
	if (pairs_get(&w->used, name) == NULL)
		plan_optional(d);
	free(target);
	return 0;
}

static int
add_all(struct work *w, const struct docker_root *root, struct err *err)
{
	const struct container_visitor note = { w, note_volumes, NULL };
	const struct container_visitor add = { w, add_container, NULL };
	size_t i;

	if (root->containers_fd != -1 &&
	    container_each(root->containers_fd, &note, err) == -1)
		return -1;
	for (i = 0; i < volume_set_count(w->volumes); i++)
		if (add_volume(w, volume_set_name(w->volumes, i), err) == -1)
			return -1;
	if (root->containers_fd != -1)
		return container_each(root->containers_fd, &add, err);
	return 0;
}

int
host_plan(struct plan *plan, struct site *site, struct err *err)
{
	struct work w = { plan, NULL, PAIRS_EMPTY, false, 0 };
	const struct docker_root *root;
	enum engine_presence presence;
	struct engine *engine;
	struct err ignored;
	int ret;

	plan_add(plan, ENGINE_STAGE, "docker-engine", "docker://");
	plan_stage(plan, VOLUME_STAGE);
	if (site_root(site, &root, err) == -1 ||
	    site_volumes(site, &w.volumes, err) == -1)
		return -1;
	w.is_offline = site_engine(site, &engine, &presence, &ignored) == -1;
	ret = add_all(&w, root, err);
	pairs_release(&w.used);
	/* An empty disk in place of the data would be all green otherwise. */
	if (ret == 0 && w.count == 0)
		return err_set(err, ERR_NOT_FOUND, 0, "the data-root has "
		    "no named volume and no container to check");
	return ret;
}
