/* SPDX-License-Identifier: BSD-2-Clause */
/* Health checks and shared namespaces of containers; see host_config.h. */
#include "host_config.h"

#include <fcntl.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "docker/json.h"
#include "from_host.h"
#include "io/io.h"

#define LIST_MAX 1000		/* links, or volumes_from, of one container */

void
host_list_release(struct host_list *list)
{
	size_t i;

	for (i = 0; i < list->count; i++)
		free(list->items[i]);
	free(list->items);
	memset(list, 0, sizeof *list);
}

static int
read_list(const json_t *object, const char *key, struct host_list *list,
    struct err *err)
{
	const json_t *array = json_object_get(object, key), *item;
	size_t i;

	if (array == NULL || json_is_null(array))
		return 0;
	if (!json_is_array(array))
		return err_set(err, ERR_DAMAGED, 0, "'%s' is not a list", key);
	if (json_array_size(array) > LIST_MAX)
		return err_set(err, ERR_LIMIT, 0, "'%s' has %zu entries, "
		    "more than the %d allowed", key, json_array_size(array),
		    LIST_MAX);
	list->items = mem_zero(json_array_size(array) + 1,
	    sizeof *list->items);
	json_array_foreach(array, i, item) {
		if (!json_is_string(item))
			return err_set(err, ERR_DAMAGED, 0,
			    "'%s' does not list texts", key);
		list->items[list->count++] = mem_text(json_string_value(item));
	}
	return 0;
}

/* Nanoseconds to milliseconds, rounded up; 0 and nonsense: the engine's. */
static uint64_t
read_ms(const json_t *check, const char *key, uint64_t otherwise_ms)
{
	json_int_t ns = json_integer_value(json_object_get(check, key));

	return ns <= 0 ? otherwise_ms :
	    (uint64_t)ns / 1000000 + (ns % 1000000 != 0);
}

static void
read_health(const json_t *config, struct host_container *c)
{
	const json_t *check = json_object_get(json_object_get(config,
	    "Config"), "Healthcheck");
	json_int_t retries = json_integer_value(json_object_get(check,
	    "Retries"));

	c->health_known = c->base.has_healthcheck ? GRAPH_HEALTH_SET :
	    GRAPH_HEALTH_NONE;
	c->health.interval_ms = read_ms(check, "Interval",
	    GRAPH_HEALTH_INTERVAL_MS);
	c->health.timeout_ms = read_ms(check, "Timeout",
	    GRAPH_HEALTH_TIMEOUT_MS);
	c->health.start_period_ms = read_ms(check, "StartPeriod", 0);
	c->health.retries = retries <= 0 ? GRAPH_HEALTH_RETRIES :
	    (uint64_t)retries;
}

/* host may be NULL: no member then, as in docker/container.h. */
static int
read_host(const json_t *host, struct host_container *c, struct err *err)
{
	if (docker_json_text(host, "NetworkMode", &c->network_mode,
	    err) == -1 ||
	    docker_json_text(host, "IpcMode", &c->ipc_mode, err) == -1 ||
	    docker_json_text(host, "PidMode", &c->pid_mode, err) == -1 ||
	    read_list(host, "VolumesFrom", &c->volumes_from, err) == -1 ||
	    read_list(host, "Links", &c->links, err) == -1)
		return err_context(err, "hostconfig.json");
	return 0;
}

/* NULL without an error: no such file. */
static int
read_json(int dir_fd, const char *name, json_t **value, struct err *err)
{
	struct buf bytes = BUF_EMPTY;
	int ret = -1;

	*value = NULL;
	if (io_read_file(dir_fd, name, CONTAINER_CONFIG_MAX, &bytes,
	    err) == -1) {
		if (err->class == ERR_NOT_FOUND)
			ret = 0;
		goto out;
	}
	*value = docker_json_object(buf_text(&bytes), bytes.len, err);
	if (*value != NULL)
		ret = 0;
out:
	if (ret == -1)
		err_context(err, "%s", name);
	buf_release(&bytes);
	return ret;
}

int
host_config_read(int containers_fd, struct host_container *c,
    struct err *err)
{
	json_t *config = NULL, *host = NULL;
	int ret = -1, fd;

	fd = io_open(containers_fd, c->base.id, O_RDONLY | O_DIRECTORY, 0);
	if (fd == -1)
		return err_set(err, ERR_IO, io_error(),
		    "container '%s'", c->base.id);
	if (read_json(fd, "config.v2.json", &config, err) == -1 ||
	    read_json(fd, "hostconfig.json", &host, err) == -1 ||
	    read_host(host, c, err) == -1)
		goto out;
	read_health(config, c);
	ret = 0;
out:
	if (ret == -1)
		err_context(err, "container '%s'", c->base.id);
	json_decref(config);
	json_decref(host);
	(void)io_close(fd);	/* read-only: nothing to lose */
	return ret;
}
