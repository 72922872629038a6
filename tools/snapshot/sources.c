/* SPDX-License-Identifier: BSD-2-Clause */
/* What a snapshot takes; see sources.h. */
#include "sources.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/escape.h"
#include "base/mem.h"
#include "docker/engine.h"
#include "docker/users.h"
#include "io/io.h"

static int
open_root(struct source_set *set, const char *data_root, struct err *err)
{
	struct docker_places places;
	enum engine_presence presence;
	struct err ignored;

	docker_places_init(&places, data_root);
	if (docker_root_open(&places, &set->root, err) == -1)
		return -1;
	set->has_root = true;
	/* An engine helps to name who uses a volume; none is no error. */
	if (engine_open(NULL, &set->engine, &presence, &ignored) == -1)
		set->engine = NULL;
	return 0;
}

static struct source_entry *
add_entry(struct source_set *set, const char *name, enum source_kind kind)
{
	struct source_entry *e;

	set->items = mem_resize(set->items, set->count + 1,
	    sizeof *set->items);
	e = &set->items[set->count++];
	memset(e, 0, sizeof *e);
	e->name = mem_text(name);
	e->kind = kind;
	e->fd = -1;
	e->consistency = CONSISTENCY_UNKNOWN;
	return e;
}

static bool
has_name(const struct source_set *set, const char *name)
{
	size_t i;

	for (i = 0; i < set->count; i++)
		if (strcmp(set->items[i].name, name) == 0)
			return true;
	return false;
}

/* Turn what users.h found into what the snapshot records. */
static void
record_users(struct source_entry *e, const struct volume_users *users)
{
	struct buf name = BUF_EMPTY;
	size_t i;

	switch (users->verdict) {
	case VOLUME_FREE:
		e->consistency = CONSISTENCY_STOPPED;
		break;
	case VOLUME_IN_USE:
		e->consistency = CONSISTENCY_HOT;
		break;
	case VOLUME_UNKNOWN:
		e->consistency = CONSISTENCY_UNKNOWN;
		break;
	}
	free(e->why);
	e->why = mem_text(users->why);
	for (i = 0; i < users->count && e->users.count < INFO_USERS_MAX;
	    i++) {
		const struct volume_user *u = &users->list[i];
		const char *who = u->container_name[0] != '\0' ?
		    u->container_name : u->container_id[0] != '\0' ?
		    u->container_id : u->comm;

		buf_cut(&name, 0);
		escape_json(&name, who, strlen(who));
		if (name.len > 0)
			pairs_put(&e->users, buf_text(&name),
			    volume_user_kind_name(u->kind));
	}
	buf_release(&name);
}

static int
look(struct source_set *set, struct source_entry *e, struct err *err)
{
	struct volume_users users;

	if (e->kind == SOURCE_VOLUME) {
		if (volume_users_find(&set->root, e->name, set->engine,
		    &users, err) == -1)
			return -1;
	} else if (volume_users_of_folder(e->origin, &users, err) == -1) {
		return -1;
	}
	record_users(e, &users);
	volume_users_release(&users);
	return 0;
}

void
source_look_again(struct source_set *set, struct source_entry *entry)
{
	enum consistency before = entry->consistency;
	struct err ignored;

	if (before != CONSISTENCY_STOPPED)
		return;
	if (look(set, entry, &ignored) == -1)
		entry->consistency = CONSISTENCY_UNKNOWN;
}

/* Count what is there; a tree of nothing but its root is empty. */
static int
measure(struct source_entry *e, const struct source_request *request,
    struct err *err)
{
	if (take_measure(e->fd, &request->take, &e->measured, err) == -1)
		return -1;
	if (e->measured.entries <= 1 && !request->allow_empty)
		return err_set(err, ERR_PREFLIGHT, 0,
		    "is empty; a snapshot of it would look like a good one. "
		    "Say --allow-empty if it is meant to be");
	return 0;
}

static int
open_data(struct source_entry *e, struct err *err)
{
	const struct volume *v = &e->volume;

	if (v->data_elsewhere != NULL && !v->is_mounted)
		return err_set(err, ERR_PREFLIGHT, 0,
		    "its data is not in the data-root but %s, and it is not "
		    "mounted now; mount it and take it with --path %s=DIR",
		    v->data_elsewhere, e->name);
	if (!v->has_data)
		return err_set(err, ERR_NOT_FOUND, 0, "has no _data folder");
	e->origin = mem_format("%s/_data", v->path);
	e->fd = io_open_typed(e->origin, O_RDONLY | O_DIRECTORY | O_NOFOLLOW,
	    0);
	if (e->fd == -1)
		return err_set(err, ERR_IO, io_error(), "cannot open %s",
		    e->origin);
	return 0;
}

static int
add_volume(struct source_set *set, struct volume_set *volumes,
    const char *name, const struct source_request *request, struct err *err)
{
	struct source_entry *e = add_entry(set, name, SOURCE_VOLUME);

	/* No engine made it, and none could be told to make it again. */
	if (!volume_name_is_valid(name))
		return err_set(err, ERR_PREFLIGHT, 0, "this is no name that "
		    "Docker gives to a volume; take it with --path NAME=DIR");
	if (volume_read(volumes, name, &e->volume, err) == -1 ||
	    open_data(e, err) == -1 || measure(e, request, err) == -1)
		return -1;
	return look(set, e, err);
}

static void
release_entry(struct source_entry *e)
{
	if (e->fd != -1)
		(void)close(e->fd);	/* read-only: nothing to lose */
	free(e->name);
	free(e->origin);
	free(e->why);
	pairs_release(&e->users);
	volume_release(&e->volume);
}

/* --all takes what can be taken and says what it left out. */
static int
add_all(struct source_set *set, struct volume_set *volumes,
    const struct source_request *request, struct err *err)
{
	size_t i, count = volume_set_count(volumes);

	for (i = 0; i < count; i++) {
		const char *name = volume_set_name(volumes, i);

		if (add_volume(set, volumes, name, request, err) == 0)
			continue;
		if (err->class == ERR_INTERRUPTED)
			return -1;
		request->left_out(request->ctx, name, err->text);
		err_clear(err);
		release_entry(&set->items[--set->count]);
	}
	if (set->count == 0)
		return err_set(err, ERR_NOT_FOUND, 0,
		    "%s: no volume here that could be taken",
		    set->root.volumes_path);
	return 0;
}

static int
add_volumes(struct source_set *set, const struct source_request *request,
    struct err *err)
{
	struct volume_set *volumes;
	char safe[ESCAPE_NAME_MAX];
	const char *problem;
	int ret = -1;
	size_t i;

	if (open_root(set, request->data_root, err) == -1)
		return -1;
	volumes = volume_set_open(&set->root, err);
	if (volumes == NULL)
		return -1;
	problem = volume_set_problem(volumes);
	if (problem != NULL)
		request->left_out(request->ctx, "labels of all volumes",
		    problem);
	if (request->all && add_all(set, volumes, request, err) == -1)
		goto out;
	for (i = 0; i < request->volume_count; i++) {
		const char *name = request->volumes[i];

		if (has_name(set, name))
			continue;
		if (add_volume(set, volumes, name, request, err) == -1) {
			err_context(err, "volume '%s'",
			    escape_name(name, safe));
			goto out;
		}
	}
	ret = 0;
out:
	volume_set_free(volumes);
	return ret;
}

static int
add_path(struct source_set *set, const char *text,
    const struct source_request *request, struct err *err)
{
	const char *equals = strchr(text, '=');
	char safe[ESCAPE_NAME_MAX];
	struct source_entry *e;
	char *name;

	if (equals == NULL || equals == text || equals[1] == '\0' ||
	    equals - text > INFO_NAME_MAX)
		return err_set(err, ERR_USAGE, 0,
		    "--path %s: should be NAME=DIRECTORY",
		    escape_name(text, safe));
	name = mem_format("%.*s", (int)(equals - text), text);
	if (!volume_name_is_valid(name) || has_name(set, name)) {
		(void)err_set(err, ERR_USAGE, 0, has_name(set, name) ?
		    "--path: the name '%s' is taken already" :
		    "--path: '%s' is no name; use two or more letters, "
		    "digits, '_', '.' and '-'", escape_name(name, safe));
		free(name);
		return -1;
	}
	e = add_entry(set, name, SOURCE_PATH);
	free(name);
	e->origin = realpath(equals + 1, NULL);
	if (e->origin != NULL)
		e->fd = io_open_typed(e->origin, O_RDONLY | O_DIRECTORY, 0);
	if (e->fd == -1)
		return err_set(err, errno == ENOENT ? ERR_NOT_FOUND : ERR_IO,
		    errno, "--path %s: cannot open the directory",
		    escape_name(text, safe));
	if (measure(e, request, err) == -1 || look(set, e, err) == -1)
		return err_context(err, "--path %s",
		    escape_name(text, safe));
	return 0;
}

int
source_set_open(struct source_set *set, const struct source_request *request,
    struct err *err)
{
	size_t i;

	memset(set, 0, sizeof *set);
	if ((request->all || request->volume_count > 0) &&
	    add_volumes(set, request, err) == -1)
		goto fail;
	for (i = 0; i < request->path_count; i++)
		if (add_path(set, request->paths[i], request, err) == -1)
			goto fail;
	return 0;
fail:
	source_set_close(set);
	return -1;
}

void
source_set_close(struct source_set *set)
{
	size_t i;

	for (i = 0; i < set->count; i++)
		release_entry(&set->items[i]);
	free(set->items);
	set->items = NULL;
	set->count = 0;
	engine_close(set->engine);
	set->engine = NULL;
	if (set->has_root)
		docker_root_close(&set->root);
	set->has_root = false;
}
