/* SPDX-License-Identifier: BSD-2-Clause */
/* What a project needs on its host; see needs.h. */
#include "compose/needs.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/mem.h"
#include "compose/project.h"
#include "compose/yaml.h"

/* --------------------------------------------------------------- the list */

void
needs_add(struct needs *needs, enum need_kind kind, const char *what,
    const char *service, bool is_required)
{
	struct need *need;

	/* Doubled at powers of two: no capacity to keep. */
	if ((needs->count & (needs->count - 1)) == 0)
		needs->list = mem_resize(needs->list,
		    needs->count == 0 ? 1 : needs->count * 2,
		    sizeof *needs->list);
	need = &needs->list[needs->count++];
	memset(need, 0, sizeof *need);
	need->kind = kind;
	need->what = mem_text(what);
	need->is_required = is_required;
	need->note = "";
	if (service != NULL) {
		need->services = mem_zero(1, sizeof *need->services);
		need->services[0] = mem_text(service);
		need->service_count = 1;
	}
}

static void
need_release(struct need *need)
{
	size_t i;

	for (i = 0; i < need->service_count; i++)
		free(need->services[i]);
	free(need->services);
	free(need->what);
}

void
needs_release(struct needs *needs)
{
	size_t i;

	for (i = 0; i < needs->count; i++)
		need_release(&needs->list[i]);
	free(needs->list);
	needs->list = NULL;
	needs->count = 0;
}

static int
compare_needs(const void *a, const void *b)
{
	const struct need *x = a, *y = b;
	int order;

	if (x->kind != y->kind)
		return x->kind < y->kind ? -1 : 1;
	order = strcmp(x->what, y->what);
	if (order == 0 && x->service_count > 0 && y->service_count > 0)
		order = strcmp(x->services[0], y->services[0]);
	if (order == 0 && x->service_count != y->service_count)
		order = x->service_count < y->service_count ? -1 : 1;
	return order;
}

/* from's services go to to; both lists are sorted, from's has at most one. */
static void
merge_need(struct need *to, struct need *from)
{
	const char *last = to->service_count > 0 ?
	    to->services[to->service_count - 1] : NULL;

	to->is_required |= from->is_required;
	to->is_made_silently |= from->is_made_silently;
	if (from->service_count > 0 &&
	    (last == NULL || strcmp(last, from->services[0]) != 0)) {
		to->services = mem_resize(to->services,
		    to->service_count + 1, sizeof *to->services);
		to->services[to->service_count++] = from->services[0];
		from->services[0] = NULL;
	}
	need_release(from);
}

static void
sort_needs(struct needs *needs)
{
	size_t i, n = 0;

	if (needs->count > 1)
		qsort(needs->list, needs->count, sizeof *needs->list,
		    compare_needs);
	for (i = 0; i < needs->count; i++) {
		struct need *need = &needs->list[i];
		struct need *last = n > 0 ? &needs->list[n - 1] : NULL;

		if (last != NULL && last->kind == need->kind &&
		    strcmp(last->what, need->what) == 0)
			merge_need(last, need);
		else
			needs->list[n++] = *need;
	}
	needs->count = n;
}

/* ---------------------------------------------------------------- looking */

/* "app.conf", "x.sock"; not "conf.d", "v1.2" or ".ssh". */
static bool
is_file_name(const char *path)
{
	const char *name = strrchr(path, '/');
	const char *dot;
	size_t len;

	name = name == NULL ? path : name + 1;
	dot = strrchr(name, '.');
	if (dot == NULL || dot == name)
		return false;
	len = strlen(dot + 1);
	return len >= 2 && len <= 5 && ((dot[1] >= 'a' && dot[1] <= 'z') ||
	    (dot[1] >= 'A' && dot[1] <= 'Z'));
}

static bool
is_empty_dir(const char *path)
{
	DIR *dir = opendir(path);
	const struct dirent *d;
	bool is_empty = true;

	if (dir == NULL)
		return false;
	while (is_empty && (d = readdir(dir)) != NULL)
		is_empty = strcmp(d->d_name, ".") == 0 ||
		    strcmp(d->d_name, "..") == 0;
	(void)closedir(dir);
	return is_empty;
}

static void
judge(struct need *need, enum need_state state, const char *note)
{
	need->state = state;
	need->note = note;
}

static void
look_at_bind(struct need *need, const struct stat *st)
{
	if (S_ISDIR(st->st_mode) && is_file_name(need->what) &&
	    is_empty_dir(need->what))
		judge(need, NEED_WRONG_KIND, "an empty folder with a file's "
		    "name: Docker may have made it where the file was missing");
	else
		judge(need, NEED_PRESENT, "");
}

static void
look_at_kind(struct need *need, const struct stat *st)
{
	switch (need->kind) {
	case NEED_BIND:
		look_at_bind(need, st);
		return;
	case NEED_BUILD:
	case NEED_VOLUME_DIR:
		if (!S_ISDIR(st->st_mode))
			judge(need, NEED_WRONG_KIND, "no folder");
		return;
	case NEED_DEVICE:
		if (!S_ISCHR(st->st_mode) && !S_ISBLK(st->st_mode) &&
		    !S_ISDIR(st->st_mode))
			judge(need, NEED_WRONG_KIND, "no device");
		return;
	default:
		if (S_ISDIR(st->st_mode))
			judge(need, NEED_WRONG_KIND, "a folder, not a file");
	}
}

static void
look_at_path(struct need *need)
{
	struct stat st;

	if (stat(need->what, &st) == 0) {
		judge(need, NEED_PRESENT, "");
		look_at_kind(need, &st);
	} else if (errno != ENOENT && errno != ENOTDIR) {
		judge(need, NEED_UNKNOWN, "we may not look there");
	} else if (need->is_made_silently) {
		judge(need, NEED_MISSING, is_file_name(need->what) ?
		    "Docker would put an empty folder where the file was" :
		    "Docker would make an empty folder there");
	} else {
		judge(need, NEED_MISSING, "");
	}
}

static enum need_state
ask(enum need_state (*who)(void *ctx, const char *name), void *ctx,
    const char *name)
{
	return who == NULL ? NEED_UNKNOWN : who(ctx, name);
}

static void
look(struct need *need, const struct needs_host *host)
{
	switch (need->kind) {
	case NEED_VARIABLE:
		return;		/* told when it was added */
	case NEED_VOLUME:
		judge(need, ask(host->volume, host->ctx, need->what), "");
		if (need->state == NEED_MISSING)
			need->note = "Compose would make an empty one";
		return;
	case NEED_EXTERNAL_VOLUME:
		judge(need, ask(host->volume, host->ctx, need->what), "");
		return;
	case NEED_EXTERNAL_NETWORK:
		judge(need, ask(host->network, host->ctx, need->what), "");
		return;
	case NEED_IMAGE:
		judge(need, ask(host->image, host->ctx, need->what), "");
		if (need->state == NEED_MISSING && !need->is_required)
			need->note = "can be built";
		return;
	case NEED_EXTERNAL_SECRET:
		judge(need, NEED_UNKNOWN, "kept by a swarm, not by this host");
		return;
	default:
		look_at_path(need);
	}
}

void
needs_look(struct needs *needs, const struct needs_host *host)
{
	size_t i;

	sort_needs(needs);
	for (i = 0; i < needs->count; i++)
		look(&needs->list[i], host);
}

/* ---------------------------------------------------------------- project */

struct gathering {
	const struct compose_project *project;
	bool all_services;
	struct needs *needs;
};

static struct need *
last_need(struct needs *needs)
{
	return &needs->list[needs->count - 1];
}

static const struct compose_volume *
find_volume(const struct compose_project *p, const char *key)
{
	size_t i;

	for (i = 0; i < p->volume_count; i++)
		if (strcmp(p->volumes[i].key, key) == 0)
			return &p->volumes[i];
	return NULL;
}

static void
add_volume(struct needs *needs, const struct compose_volume *volume,
    const char *service)
{
	needs_add(needs, volume->is_external ? NEED_EXTERNAL_VOLUME :
	    NEED_VOLUME, volume->name, service, volume->is_external);
	if (volume->device_path != NULL)
		needs_add(needs, NEED_VOLUME_DIR, volume->device_path,
		    service, true);
}

static void
add_mounts(struct gathering *g, const struct compose_service *service)
{
	size_t i;

	for (i = 0; i < service->mount_count; i++) {
		const struct compose_mount *m = &service->mounts[i];
		const struct compose_volume *volume;

		if (m->type == COMPOSE_MOUNT_BIND) {
			needs_add(g->needs, NEED_BIND, m->source,
			    service->name, true);
			last_need(g->needs)->is_made_silently =
			    m->creates_host_path;
		} else if (m->type == COMPOSE_MOUNT_VOLUME) {
			volume = find_volume(g->project, m->source);
			if (volume != NULL)
				add_volume(g->needs, volume, service->name);
		} else if (strcmp(m->type_name, "image") == 0) {
			needs_add(g->needs, NEED_IMAGE, m->source,
			    service->name, true);
		}
	}
}

static void
add_variable(struct gathering *g, const char *name, const char *service)
{
	struct need *need;

	needs_add(g->needs, NEED_VARIABLE, name, service, true);
	need = last_need(g->needs);
	need->state = pairs_get(&g->project->environment, name) != NULL ?
	    NEED_PRESENT : NEED_MISSING;
}

static void
add_secret(struct gathering *g, enum need_kind kind,
    const struct compose_secret *secret, const char *service)
{
	if (secret->is_external)
		needs_add(g->needs, NEED_EXTERNAL_SECRET, secret->name,
		    service, true);
	else if (secret->file != NULL)
		needs_add(g->needs, kind, secret->file, service, true);
	else if (secret->environment != NULL)
		add_variable(g, secret->environment, service);
}

static void
add_grants(struct gathering *g, enum need_kind kind,
    const struct compose_service *service)
{
	const struct compose_project *p = g->project;
	bool secrets = kind == NEED_SECRET;
	const struct compose_secret *all = secrets ? p->secrets : p->configs;
	size_t all_count = secrets ? p->secret_count : p->config_count;
	const struct compose_grant *grants = secrets ? service->secrets :
	    service->configs;
	size_t count = secrets ? service->secret_count :
	    service->config_count;
	size_t i, k;

	for (i = 0; i < count; i++)
		for (k = 0; k < all_count; k++)
			if (strcmp(all[k].key, grants[i].source) == 0)
				add_secret(g, kind, &all[k], service->name);
}

static bool
is_remote(const char *context)
{
	return strstr(context, "://") != NULL || context[0] != '/';
}

static void
add_dockerfile(struct gathering *g, const struct compose_service *service)
{
	const char *name = service->dockerfile != NULL ? service->dockerfile :
	    "Dockerfile";
	char *path;

	/* It may stand in the project file itself. */
	if (yaml_some(yaml_some(service->model, "build"),
	    "dockerfile_inline") != NULL)
		return;
	path = name[0] == '/' ? mem_text(name) :
	    mem_format("%s/%s", service->build_context, name);
	needs_add(g->needs, NEED_DOCKERFILE, path, service->name,
	    service->image == NULL);
	free(path);
}

static void
add_image(struct gathering *g, const struct compose_service *service)
{
	if (service->image != NULL)
		needs_add(g->needs, NEED_IMAGE, service->image, service->name,
		    !service->has_build);
	if (service->build_context == NULL ||
	    is_remote(service->build_context))
		return;
	/* With an image at hand nothing is built. */
	needs_add(g->needs, NEED_BUILD, service->build_context, service->name,
	    service->image == NULL);
	add_dockerfile(g, service);
}

static void
add_service(struct gathering *g, const struct compose_service *service)
{
	size_t i;

	add_mounts(g, service);
	add_grants(g, NEED_SECRET, service);
	add_grants(g, NEED_CONFIG, service);
	add_image(g, service);
	for (i = 0; i < service->env_file_count; i++)
		needs_add(g->needs, NEED_ENV_FILE, service->env_files[i].path,
		    service->name, service->env_files[i].is_required);
	for (i = 0; i < service->label_file_count; i++)
		needs_add(g->needs, NEED_LABEL_FILE, service->label_files[i],
		    service->name, true);
	for (i = 0; i < service->device_count; i++)
		needs_add(g->needs, NEED_DEVICE, service->devices[i],
		    service->name, true);
	if (service->credential_spec != NULL)
		needs_add(g->needs, NEED_CREDENTIAL_SPEC,
		    service->credential_spec, service->name, true);
	for (i = 0; i < service->network_count; i++) {
		const struct compose_project *p = g->project;
		size_t k;

		for (k = 0; k < p->network_count; k++)
			if (p->networks[k].is_external &&
			    strcmp(p->networks[k].key,
			    service->networks[i]) == 0)
				needs_add(g->needs, NEED_EXTERNAL_NETWORK,
				    p->networks[k].name, service->name, true);
	}
}

/* What stands at the top of the file, used or not. */
static void
add_unused(struct gathering *g)
{
	const struct compose_project *p = g->project;
	size_t i;

	for (i = 0; i < p->volume_count; i++)
		add_volume(g->needs, &p->volumes[i], NULL);
	for (i = 0; i < p->secret_count; i++)
		add_secret(g, NEED_SECRET, &p->secrets[i], NULL);
	for (i = 0; i < p->config_count; i++)
		add_secret(g, NEED_CONFIG, &p->configs[i], NULL);
	for (i = 0; i < p->network_count; i++)
		if (p->networks[i].is_external)
			needs_add(g->needs, NEED_EXTERNAL_NETWORK,
			    p->networks[i].name, NULL, true);
}

void
needs_of_project(const struct compose_project *project, bool all_services,
    const struct needs_host *host, struct needs *needs)
{
	struct gathering g = { project, all_services, needs };
	size_t i;

	for (i = 0; i < project->file_count; i++)
		needs_add(needs, NEED_PROJECT_FILE, project->files[i], NULL,
		    true);
	for (i = 0; i < project->env_file_count; i++)
		needs_add(needs, NEED_ENV_FILE, project->env_files[i].path,
		    NULL, project->env_files[i].is_required);
	for (i = 0; i < project->service_count; i++)
		if (all_services || project->services[i].is_enabled)
			add_service(&g, &project->services[i]);
	if (all_services)
		add_unused(&g);
	needs_look(needs, host);
}

/* ------------------------------------------------------------------ words */

const char *
need_kind_name(enum need_kind kind)
{
	static const char *const names[] = {
		[NEED_PROJECT_FILE] = "project file",
		[NEED_ENV_FILE] = "env file",
		[NEED_LABEL_FILE] = "label file",
		[NEED_SECRET] = "secret",
		[NEED_CONFIG] = "config",
		[NEED_CREDENTIAL_SPEC] = "credential spec",
		[NEED_VARIABLE] = "variable",
		[NEED_BIND] = "bind source",
		[NEED_VOLUME_DIR] = "volume's folder",
		[NEED_DEVICE] = "device",
		[NEED_BUILD] = "build context",
		[NEED_DOCKERFILE] = "Dockerfile",
		[NEED_VOLUME] = "volume",
		[NEED_EXTERNAL_VOLUME] = "external volume",
		[NEED_EXTERNAL_NETWORK] = "external network",
		[NEED_EXTERNAL_SECRET] = "external secret",
		[NEED_IMAGE] = "image",
	};

	return names[kind];
}

const char *
need_state_name(enum need_state state)
{
	static const char *const names[] = {
		[NEED_UNKNOWN] = "unknown",
		[NEED_PRESENT] = "present",
		[NEED_MISSING] = "missing",
		[NEED_WRONG_KIND] = "wrong kind",
	};

	return names[state];
}
