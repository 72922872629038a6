/* SPDX-License-Identifier: BSD-2-Clause */
/* Containers as recorded on disk; see container.h. */
#include "docker/container.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/escape.h"
#include "base/mem.h"
#include "docker/json.h"
#include "io/io.h"

/* ---------------------------------------------------------------- parsing */

static int
parse_state(const json_t *config, struct container *c, struct err *err)
{
	json_t *state;

	if (docker_json_member(config, "State", &state, err) == -1)
		return -1;
	if (docker_json_bool(state, "Running", &c->is_running, err) == -1 ||
	    docker_json_bool(state, "Paused", &c->is_paused, err) == -1 ||
	    docker_json_bool(state, "Restarting", &c->is_restarting,
	    err) == -1)
		return err_context(err, "'State'");
	return 0;
}

/* A healthcheck is ["CMD", ...] or ["CMD-SHELL", ...]; ["NONE"] is none. */
static bool
is_healthcheck(const json_t *check)
{
	const json_t *test = json_object_get(check, "Test");
	const char *first = json_string_value(json_array_get(test, 0));

	return first != NULL && strcmp(first, "NONE") != 0;
}

static int
parse_settings(const json_t *config, struct container *c, struct err *err)
{
	json_t *settings, *check;

	if (docker_json_member(config, "Config", &settings, err) == -1)
		return -1;
	if (docker_json_text(settings, "Image", &c->image, err) == -1 ||
	    docker_json_pairs(settings, "Labels", &c->labels, err) == -1 ||
	    docker_json_member(settings, "Healthcheck", &check, err) == -1)
		return err_context(err, "'Config'");
	c->has_healthcheck = is_healthcheck(check);
	return 0;
}

static int
parse_mount(const json_t *point, struct container_mount *m, struct err *err)
{
	if (!json_is_object(point))
		return err_set(err, ERR_DAMAGED, 0, "not an object");
	if (docker_json_text(point, "Type", &m->type, err) == -1 ||
	    docker_json_text(point, "Name", &m->name, err) == -1 ||
	    docker_json_text(point, "Driver", &m->driver, err) == -1 ||
	    docker_json_text(point, "Source", &m->source, err) == -1 ||
	    docker_json_text(point, "Destination", &m->destination, err) == -1)
		return -1;
	return docker_json_bool(point, "RW", &m->is_writable, err);
}

static int
compare_mounts(const void *a, const void *b)
{
	const struct container_mount *x = a, *y = b;

	return strcmp(x->destination, y->destination);
}

static void
sort_mounts(struct container *c)
{
	if (c->mount_count > 1)
		qsort(c->mounts, c->mount_count, sizeof *c->mounts,
		    compare_mounts);
}

static int
parse_mounts(const json_t *config, struct container *c, struct err *err)
{
	char shown[ESCAPE_NAME_MAX];
	json_t *points;
	void *at;

	if (docker_json_member(config, "MountPoints", &points, err) == -1)
		return -1;
	if (json_object_size(points) > CONTAINER_MOUNTS_MAX)
		return err_set(err, ERR_LIMIT, 0, "%zu mounts, more than the "
		    "%d allowed", json_object_size(points),
		    CONTAINER_MOUNTS_MAX);
	c->mounts = mem_zero(json_object_size(points), sizeof *c->mounts);
	for (at = json_object_iter(points); at != NULL;
	    at = json_object_iter_next(points, at))
		/* Counted before it is filled, so that release sees it. */
		if (parse_mount(json_object_iter_value(at),
		    &c->mounts[c->mount_count++], err) == -1)
			return err_context(err, "mount '%s'",
			    escape_name(json_object_iter_key(at), shown));
	sort_mounts(c);
	return 0;
}

static int
parse_config(const json_t *config, struct container *c, struct err *err)
{
	if (docker_json_text(config, "ID", &c->id, err) == -1 ||
	    docker_json_text(config, "Name", &c->name, err) == -1 ||
	    docker_json_text(config, "Image", &c->image_id, err) == -1 ||
	    docker_json_text(config, "Created", &c->created, err) == -1 ||
	    parse_state(config, c, err) == -1 ||
	    parse_settings(config, c, err) == -1)
		return -1;
	if (*c->id == '\0')
		return err_set(err, ERR_DAMAGED, 0, "it has no 'ID'");
	if (c->name[0] == '/')
		memmove(c->name, c->name + 1, strlen(c->name));
	return parse_mounts(config, c, err);
}

static int
parse_host(const json_t *host, struct container *c, struct err *err)
{
	json_t *policy;

	if (docker_json_bool(host, "AutoRemove", &c->auto_remove, err) == -1 ||
	    docker_json_member(host, "RestartPolicy", &policy, err) == -1)
		return -1;
	return docker_json_text(policy, "Name", &c->restart_policy, err);
}

int
container_parse(const char *config, size_t config_len, const char *host,
    size_t host_len, struct container *c, struct err *err)
{
	json_t *config_json = NULL, *host_json = NULL;
	struct container parsed = { .mounts = NULL };
	int ret = -1;

	config_json = docker_json_object(config, config_len, err);
	if (config_json == NULL || parse_config(config_json, &parsed, err) == -1) {
		err_context(err, "config.v2.json");
		goto out;
	}
	if (host != NULL) {
		host_json = docker_json_object(host, host_len, err);
		if (host_json == NULL)
			goto bad_host;
	}
	/* Without an object every member is missing, thus empty. */
	if (parse_host(host_json, &parsed, err) == -1)
		goto bad_host;
	*c = parsed;
	ret = 0;
	goto out;
bad_host:
	err_context(err, "hostconfig.json");
out:
	if (ret == -1)
		container_release(&parsed);
	json_decref(config_json);
	json_decref(host_json);
	return ret;
}

/* As the engine lists them. */
static int
parse_mount_list(const json_t *object, struct container *c, struct err *err)
{
	const json_t *list = json_object_get(object, "Mounts");
	size_t count = json_array_size(list), i;

	if (count > CONTAINER_MOUNTS_MAX)
		return err_set(err, ERR_LIMIT, 0, "%zu mounts, more than the "
		    "%d allowed", count, CONTAINER_MOUNTS_MAX);
	c->mounts = mem_zero(count, sizeof *c->mounts);
	for (i = 0; i < count; i++)
		if (parse_mount(json_array_get(list, i),
		    &c->mounts[c->mount_count++], err) == -1)
			return err_context(err, "mount %zu", i + 1);
	sort_mounts(c);
	return 0;
}

static int
parse_inspect(const json_t *object, struct container *c, struct err *err)
{
	json_t *host;

	if (docker_json_text(object, "Id", &c->id, err) == -1 ||
	    docker_json_text(object, "Name", &c->name, err) == -1 ||
	    docker_json_text(object, "Image", &c->image_id, err) == -1 ||
	    docker_json_text(object, "Created", &c->created, err) == -1 ||
	    parse_state(object, c, err) == -1 ||
	    parse_settings(object, c, err) == -1 ||
	    docker_json_member(object, "HostConfig", &host, err) == -1 ||
	    parse_host(host, c, err) == -1)
		return -1;
	if (*c->id == '\0')
		return err_set(err, ERR_DAMAGED, 0, "it has no 'Id'");
	if (c->name[0] == '/')
		memmove(c->name, c->name + 1, strlen(c->name));
	return parse_mount_list(object, c, err);
}

int
container_inspect_parse(const char *body, size_t len, struct container *c,
    struct err *err)
{
	struct container parsed = { .mounts = NULL };
	json_t *object = docker_json_object(body, len, err);
	int ret;

	if (object == NULL)
		return -1;
	ret = parse_inspect(object, &parsed, err);
	json_decref(object);
	if (ret == -1)
		container_release(&parsed);
	else
		*c = parsed;
	return ret;
}

void
container_release(struct container *c)
{
	size_t i;

	for (i = 0; i < c->mount_count; i++) {
		free(c->mounts[i].type);
		free(c->mounts[i].name);
		free(c->mounts[i].driver);
		free(c->mounts[i].source);
		free(c->mounts[i].destination);
	}
	free(c->mounts);
	free(c->id);
	free(c->name);
	free(c->image);
	free(c->image_id);
	free(c->created);
	free(c->restart_policy);
	pairs_release(&c->labels);
	memset(c, 0, sizeof *c);
}

/* ---------------------------------------------------------------- reading */

/* dir_fd: the container's own folder. */
static int
read_folder(int dir_fd, struct container *c, struct err *err)
{
	struct buf config = BUF_EMPTY, host = BUF_EMPTY;
	const char *host_text = NULL;
	int ret = -1;

	if (io_read_file(dir_fd, "config.v2.json", CONTAINER_CONFIG_MAX,
	    &config, err) == -1) {
		err_context(err, "config.v2.json");
		goto out;
	}
	if (io_read_file(dir_fd, "hostconfig.json", CONTAINER_CONFIG_MAX,
	    &host, err) == 0)
		host_text = buf_text(&host);
	else if (err->class != ERR_NOT_FOUND) {
		err_context(err, "hostconfig.json");
		goto out;
	}
	ret = container_parse(buf_text(&config), config.len, host_text,
	    host.len, c, err);
out:
	buf_release(&config);
	buf_release(&host);
	return ret;
}

int
container_read(int containers_fd, const char *id, struct container *c,
    struct err *err)
{
	char shown[ESCAPE_NAME_MAX];
	struct container found;
	int fd, ret;

	fd = io_open(containers_fd, id, O_RDONLY | O_DIRECTORY, 0);
	if (fd == -1) {
		err_set(err, io_error() == ENOENT ? ERR_NOT_FOUND : ERR_IO,
		    io_error(), "cannot open its folder");
		return err_context(err, "container '%s'",
		    escape_name(id, shown));
	}
	ret = read_folder(fd, &found, err);
	(void)io_close(fd);	/* read-only: nothing to lose */
	if (ret == 0 && strcmp(found.id, id) != 0) {
		container_release(&found);
		ret = err_set(err, ERR_DAMAGED, 0,
		    "config.v2.json is another container's");
	}
	if (ret == -1)
		return err_context(err, "container '%s'",
		    escape_name(id, shown));
	*c = found;
	return 0;
}

static bool
is_id(const char *name)
{
	return strlen(name) == CONTAINER_ID_LEN &&
	    strspn(name, "0123456789abcdef") == CONTAINER_ID_LEN;
}

struct ids {
	char (*list)[CONTAINER_ID_LEN + 1];
	size_t count;
	size_t cap;
};

static int
compare_ids(const void *a, const void *b)
{
	return strcmp(a, b);
}

static int
collect_ids(DIR *dir, struct ids *ids, struct err *err)
{
	struct dirent *d;

	while (errno = 0, (d = readdir(dir)) != NULL) {
		if (!is_id(d->d_name))
			continue;
		if (ids->count == CONTAINER_COUNT_MAX)
			return err_set(err, ERR_LIMIT, 0, "more than %d "
			    "containers", CONTAINER_COUNT_MAX);
		if (ids->count == ids->cap) {
			ids->cap = ids->cap == 0 ? 64 : ids->cap * 2;
			ids->list = mem_resize(ids->list, ids->cap,
			    sizeof *ids->list);
		}
		memcpy(ids->list[ids->count++], d->d_name,
		    CONTAINER_ID_LEN + 1);
	}
	if (errno != 0)
		return err_set(err, ERR_IO, errno, "cannot read the folder");
	if (ids->count > 1)
		qsort(ids->list, ids->count, sizeof *ids->list, compare_ids);
	return 0;
}

static int
read_ids(int containers_fd, struct ids *ids, struct err *err)
{
	/* A descriptor of its own: fdopendir() takes it over. */
	int fd = io_open(containers_fd, ".", O_RDONLY | O_DIRECTORY, 0);
	DIR *dir = fd == -1 ? NULL : fdopendir(fd);
	int ret;

	if (dir == NULL) {
		err_set(err, ERR_IO, errno, "cannot read the folder");
		if (fd != -1)
			(void)io_close(fd);	/* nothing to lose */
		return -1;
	}
	ret = collect_ids(dir, ids, err);
	(void)closedir(dir);
	return ret;
}

int
container_each(int containers_fd, const struct container_visitor *visitor,
    struct err *err)
{
	struct ids ids = { NULL, 0, 0 };
	int ret = -1;
	size_t i;

	if (read_ids(containers_fd, &ids, err) == -1) {
		err_context(err, "containers");
		goto out;
	}
	for (i = 0; i < ids.count; i++) {
		struct container c;
		struct err why;
		int r;

		if (container_read(containers_fd, ids.list[i], &c, &why) == -1) {
			if (visitor->skipped != NULL)
				visitor->skipped(visitor->ctx, ids.list[i],
				    &why);
			continue;
		}
		r = visitor->container(visitor->ctx, &c, err);
		container_release(&c);
		if (r == -1)
			goto out;
	}
	ret = 0;
out:
	free(ids.list);
	return ret;
}

/* ------------------------------------------------------------------ usage */

/*
 * The records name paths as the host saw them, which may not be ours now
 * (another disk, /volumes): only the end, ".../volumes/NAME", is compared.
 */
static bool
is_path_of_volume(const char *source, const char *volume)
{
	char *end = mem_format("/volumes/%s", volume);
	const char *at = source;
	bool found = false;

	while (!found && (at = strstr(at, end)) != NULL) {
		at += strlen(end);
		found = *at == '\0' || *at == '/';
	}
	free(end);
	return found;
}

bool
container_uses_volume(const struct container *c, const char *volume)
{
	size_t i;

	for (i = 0; i < c->mount_count; i++) {
		const struct container_mount *m = &c->mounts[i];

		/* A volume's source may be empty; a bind has no name. */
		if (strcmp(m->name, volume) == 0)
			return true;
		if (*m->name == '\0' && is_path_of_volume(m->source, volume))
			return true;
	}
	return false;
}
