/* SPDX-License-Identifier: BSD-2-Clause */
/* What a project needs, for people and as JSON; see needs.h. */
#include "needs.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/escape.h"
#include "base/mem.h"
#include "cli/cli.h"
#include "compose/needs.h"
#include "docker/root.h"
#include "docker/volume.h"
#include "from_host.h"
#include "images.h"

/* --------------------------------------------------- what the disk knows */

struct disk {
	struct docker_root root;
	struct volume_set *volumes;
	struct images images;
	bool is_open;
};

static enum need_state
look_volume(void *ctx, const char *name)
{
	const struct disk *disk = ctx;

	if (disk->volumes == NULL)
		return NEED_UNKNOWN;
	return volume_set_has(disk->volumes, name) ? NEED_PRESENT :
	    NEED_MISSING;
}

static enum need_state
look_image(void *ctx, const char *reference)
{
	const struct disk *disk = ctx;

	if (disk->images.count == 0)
		return NEED_UNKNOWN;
	return images_have(&disk->images, reference) ? NEED_PRESENT :
	    NEED_MISSING;
}

/* Without a data-root nothing is known of volumes and images; one line. */
static void
open_disk(struct cli *cli, const char *data_root, struct disk *disk)
{
	struct docker_places places;
	struct err err;

	docker_places_init(&places, data_root);
	if (docker_root_open(&places, &disk->root, &err) == -1) {
		cli_warn(cli, "volumes and images cannot be looked up: %s",
		    err.text);
		return;
	}
	disk->is_open = true;
	disk->volumes = volume_set_open(&disk->root, &err);
	if (disk->volumes == NULL)
		cli_warn(cli, "volumes cannot be looked up: %s", err.text);
	if (images_read(disk->root.path, &disk->images, &err) == -1)
		cli_warn(cli, "images cannot be looked up: %s", err.text);
}

static void
close_disk(struct disk *disk)
{
	images_release(&disk->images);
	volume_set_free(disk->volumes);
	if (disk->is_open)
		docker_root_close(&disk->root);
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
needs_report(struct cli *cli, const struct compose_project *project,
    const struct host *host, const char *name, const char *data_root,
    struct err *err)
{
	struct disk disk = { .root = { .volumes_fd = -1,
	    .containers_fd = -1 } };
	const struct needs_host look = { .ctx = &disk,
	    .volume = look_volume, .image = look_image };
	struct needs needs = NEEDS_EMPTY;
	int ret = 0;

	open_disk(cli, data_root, &disk);
	if (project != NULL)
		needs_of_project(project, false, &look, &needs);
	else
		ret = needs_of_host(host, name, &look, &needs, err);
	if (ret == 0)
		print_needs(cli, &needs);
	needs_release(&needs);
	close_disk(&disk);
	return ret;
}
