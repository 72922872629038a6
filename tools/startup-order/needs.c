/* SPDX-License-Identifier: BSD-2-Clause */
/* What a project needs, for people and as JSON; see needs.h. */
#include "needs.h"

#include <stdlib.h>
#include <string.h>

#include "ask.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/escape.h"
#include "base/mem.h"
#include "cli/cli.h"
#include "compose/graph.h"
#include "compose/needs.h"
#include "docker/engine.h"
#include "docker/root.h"
#include "docker/volume.h"
#include "from_host.h"
#include "images.h"

/* ------------------------------------------- what disk and engine know */

struct knowledge {
	struct docker_root root;
	bool is_open;			/* root is */
	struct volume_set *volumes;	/* or NULL */
	struct images images;
	struct engine *engine;		/* or NULL */
};

static enum need_state
look_volume(void *ctx, const char *name)
{
	const struct knowledge *k = ctx;

	if (k->volumes != NULL)
		return volume_set_has(k->volumes, name) ? NEED_PRESENT :
		    NEED_MISSING;
	return k->engine != NULL ? ask_volume(k->engine, name) : NEED_UNKNOWN;
}

/* A live engine knows both kinds of image store. */
static enum need_state
look_image(void *ctx, const char *reference)
{
	const struct knowledge *k = ctx;

	if (k->engine != NULL)
		return ask_image(k->engine, reference);
	if (k->images.count == 0)
		return NEED_UNKNOWN;
	return images_have(&k->images, reference) ? NEED_PRESENT :
	    NEED_MISSING;
}

static enum need_state
look_network(void *ctx, const char *name)
{
	const struct knowledge *k = ctx;

	return k->engine != NULL ? ask_network(k->engine, name) :
	    NEED_UNKNOWN;
}

static void
open_disk(struct cli *cli, const char *data_root, struct knowledge *k)
{
	struct docker_places places;
	struct err err;

	docker_places_init(&places, data_root);
	if (docker_root_open(&places, &k->root, &err) == -1) {
		/* Without --data-root the engine alone may be asked. */
		if (k->engine == NULL || data_root != NULL)
			cli_warn(cli, "volumes and images cannot be looked "
			    "up: %s", err.text);
		return;
	}
	k->is_open = true;
	k->volumes = volume_set_open(&k->root, &err);
	if (k->volumes == NULL)
		cli_warn(cli, "volumes cannot be looked up: %s", err.text);
	if (images_read(k->root.path, &k->images, &err) == -1)
		cli_warn(cli, "images cannot be looked up: %s", err.text);
}

/* Another engine's answers would be worse than none. */
static bool
is_engine_of(const struct knowledge *k)
{
	char *path = NULL;
	struct err err;
	bool is_same;

	if (engine_data_root(k->engine, &path, &err) == -1)
		return false;
	is_same = strcmp(path, k->root.path) == 0;
	free(path);
	return is_same;
}

/* Before the disk: it tells whether somebody can be asked without one. */
static void
open_engine(struct cli *cli, const char *socket, struct knowledge *k)
{
	enum engine_presence presence;
	struct err err;

	if (engine_open(socket, &k->engine, &presence, &err) == -1 &&
	    socket != NULL)
		cli_warn(cli, "the engine cannot be asked: %s", err.text);
}

static void
open_all(struct cli *cli, const struct needs_question *q,
    struct knowledge *k)
{
	open_engine(cli, q->socket, k);
	open_disk(cli, q->data_root, k);
	if (k->engine == NULL || q->socket != NULL)
		return;
	if (k->is_open ? is_engine_of(k) : q->data_root == NULL)
		return;
	engine_close(k->engine);
	k->engine = NULL;
}

static void
close_all(struct knowledge *k)
{
	images_release(&k->images);
	volume_set_free(k->volumes);
	if (k->is_open)
		docker_root_close(&k->root);
	engine_close(k->engine);
}

/* ------------------------------------------------------------ from a host */

static const char *
label(const struct host_container *c, const char *name)
{
	const char *value = pairs_get(&c->base.labels, name);

	return value != NULL ? value : "";
}

/* A label's list of paths, relative ones (Compose v1) to the project's. */
static void
add_paths(struct needs *needs, enum need_kind kind,
    const struct host_container *c, const char *name)
{
	const char *dir = label(c, "com.docker.compose.project.working_dir");
	char *list = mem_text(label(c, name));
	char *rest = list, *item, *path;

	while ((item = strsep(&rest, ",")) != NULL) {
		if (*item == '\0')
			continue;
		path = *item == '/' || *dir == '\0' ? mem_text(item) :
		    mem_format("%s/%s", dir, item);
		/* The containers are there already, so they start without. */
		needs_add(needs, kind, path, NULL, false);
		free(path);
	}
	free(list);
}

static void
add_container(struct needs *needs, const struct host_container *c)
{
	size_t i;

	add_paths(needs, NEED_PROJECT_FILE, c,
	    "com.docker.compose.project.config_files");
	add_paths(needs, NEED_ENV_FILE, c,
	    "com.docker.compose.project.environment_file");
	if (*c->base.image != '\0')
		needs_add(needs, NEED_IMAGE, c->base.image, c->service, true);
	for (i = 0; i < c->base.mount_count; i++) {
		const struct container_mount *m = &c->base.mounts[i];

		if (strcmp(m->type, "bind") == 0 && *m->source != '\0') {
			needs_add(needs, NEED_BIND, m->source, c->service,
			    true);
			needs->list[needs->count - 1].is_made_silently = true;
		} else if (*m->name != '\0') {
			/* A container on record starts only with its own. */
			needs_add(needs, NEED_EXTERNAL_VOLUME, m->name,
			    c->service, true);
		}
	}
}

static int
needs_of_host(const struct host *host, const char *name,
    const struct needs_host *disk, struct needs *needs, struct err *err)
{
	char shown[ESCAPE_NAME_MAX];
	bool is_found = false;
	size_t i;

	for (i = 0; i < host->count; i++) {
		const struct host_container *c = &host->list[i];

		if (c->is_left_out || strcmp(c->project, name) != 0)
			continue;
		is_found = true;
		add_container(needs, c);
	}
	if (!is_found)
		return err_set(err, ERR_NOT_FOUND, 0, "no container of a "
		    "project '%s' is on record", escape_name(name, shown));
	needs_look(needs, disk);
	return 0;
}

/* --------------------------------------------------------------- printing */

static void
join_services(const struct need *need, struct buf *text)
{
	size_t i;

	buf_cut(text, 0);
	for (i = 0; i < need->service_count; i++) {
		if (i > 0)
			buf_puts(text, ", ");
		escape_text(text, need->services[i],
		    strlen(need->services[i]));
	}
}

static void
print_need(struct cli *cli, const struct need *need)
{
	struct buf what = BUF_EMPTY, services = BUF_EMPTY;
	struct cli_json j;

	escape_text(&what, need->what, strlen(need->what));
	join_services(need, &services);
	cli_out(cli, "%-10s  %s %s%s%s%s", need->state == NEED_PRESENT ? "ok" :
	    need->state == NEED_WRONG_KIND ? "WRONG KIND" :
	    need->state == NEED_MISSING && need->is_required ? "MISSING" :
	    need_state_name(need->state), need_kind_name(need->kind),
	    buf_text(&what), services.len > 0 ? " (" : "",
	    buf_text(&services), services.len > 0 ? ")" : "");
	if (*need->note != '\0')
		cli_out(cli, "            %s", need->note);
	cli_json_open(&j, "need");
	cli_json_text(&j, "kind", need_kind_name(need->kind));
	cli_json_text(&j, "what", need->what);
	cli_json_text(&j, "services", buf_text(&services));
	cli_json_text(&j, "state", need_state_name(need->state));
	cli_json_bool(&j, "required", need->is_required);
	cli_json_bool(&j, "made_silently", need->is_made_silently);
	cli_json_text(&j, "note", need->note);
	cli_json_emit(&j, cli);
	buf_release(&what);
	buf_release(&services);
}

struct tally {
	size_t present;
	size_t missing;		/* or of the wrong kind, and required */
	size_t optional;	/* likewise, but not required */
	size_t unknown;
};

static void
print_tally(struct cli *cli, const struct tally *t)
{
	struct cli_json j;

	cli_out(cli, "%zu present, %zu missing or wrong, %zu optional ones "
	    "missing, %zu unknown", t->present, t->missing, t->optional,
	    t->unknown);
	cli_json_open(&j, "needs");
	cli_json_u64(&j, "present", t->present);
	cli_json_u64(&j, "missing", t->missing);
	cli_json_u64(&j, "optional_missing", t->optional);
	cli_json_u64(&j, "unknown", t->unknown);
	cli_json_emit(&j, cli);
	if (t->missing > 0)
		cli_found(cli, EXIT_PREFLIGHT);
	else if (t->unknown > 0)
		cli_found(cli, EXIT_WARNINGS);
}

static void
print_needs(struct cli *cli, const struct needs *needs)
{
	struct tally t = { 0, 0, 0, 0 };
	size_t i;

	for (i = 0; i < needs->count; i++) {
		const struct need *need = &needs->list[i];

		print_need(cli, need);
		if (need->state == NEED_PRESENT)
			t.present++;
		else if (need->state == NEED_UNKNOWN)
			t.unknown++;
		else if (need->is_required)
			t.missing++;
		else
			t.optional++;
	}
	print_tally(cli, &t);
}

int
needs_report(struct cli *cli, const struct needs_question *question,
    struct err *err)
{
	struct knowledge k = { .root = { .volumes_fd = -1,
	    .containers_fd = -1 } };
	const struct needs_host look = { .ctx = &k, .volume = look_volume,
	    .network = look_network, .image = look_image };
	struct needs needs = NEEDS_EMPTY;
	int ret = 0;

	open_all(cli, question, &k);
	if (question->project != NULL)
		needs_of_project(question->project, false, &look, &needs);
	else
		ret = needs_of_host(question->host, question->name, &look,
		    &needs, err);
	if (ret == 0)
		print_needs(cli, &needs);
	needs_release(&needs);
	close_all(&k);
	return ret;
}

/* ---------------------------------------------------------- before a start */

static bool
is_of_graph(const struct need *need, const struct graph *g)
{
	size_t i;

	for (i = 0; i < need->service_count; i++)
		if (graph_find(g, need->services[i]) != GRAPH_NONE)
			return true;
	return false;
}

static void
warn_bind(struct cli *cli, const struct need *need)
{
	struct buf what = BUF_EMPTY, services = BUF_EMPTY;

	escape_text(&what, need->what, strlen(need->what));
	join_services(need, &services);
	cli_warn(cli, "bind source %s (%s) is %s%s%s", buf_text(&what),
	    buf_text(&services), need->state == NEED_MISSING ? "missing" :
	    "wrong", *need->note != '\0' ? ": " : "", need->note);
	buf_release(&what);
	buf_release(&services);
}

int
needs_check_binds(struct cli *cli, const struct needs_question *question,
    const struct graph *g, bool missing_ok, struct err *err)
{
	static const struct needs_host nobody = { NULL, NULL, NULL, NULL };
	struct needs needs = NEEDS_EMPTY;
	size_t i, bad = 0;
	int ret = 0;

	if (question->project != NULL)
		needs_of_project(question->project, false, &nobody, &needs);
	else
		ret = needs_of_host(question->host, question->name, &nobody,
		    &needs, err);
	for (i = 0; i < needs.count; i++) {
		const struct need *need = &needs.list[i];

		if (need->kind != NEED_BIND || !is_of_graph(need, g) ||
		    (need->state != NEED_MISSING &&
		    need->state != NEED_WRONG_KIND))
			continue;
		warn_bind(cli, need);
		bad++;
	}
	needs_release(&needs);
	if (ret == 0 && bad > 0 && !missing_ok)
		ret = err_set(err, ERR_PREFLIGHT, 0, "%zu bind source%s "
		    "missing or wrong, nothing was started: restore %s, or "
		    "start all the same with --missing-ok", bad,
		    bad == 1 ? " is" : "s are", bad == 1 ? "it" : "them");
	return ret;
}
