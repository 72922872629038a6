/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Containers as the daemon last recorded them: containers/ID/config.v2.json
 * and hostconfig.json.  What they say of running containers may be stale:
 * after a crash the flags prove nothing either way (docker/users.h).
 */
#ifndef DOCKER_CONTAINER_H
#define DOCKER_CONTAINER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/pairs.h"

struct err;

#define CONTAINER_ID_LEN 64
#define CONTAINER_CONFIG_MAX ((size_t)1 << 20)
#define CONTAINER_COUNT_MAX 65535
#define CONTAINER_MOUNTS_MAX 1024

/* All texts are owned and never NULL; "" where nothing is recorded. */
struct container_mount {
	char *type;		/* "volume", "bind", "tmpfs" */
	char *name;		/* of the volume; "" for others */
	char *driver;
	char *source;		/* host path; may be "" for a volume */
	char *destination;
	bool is_writable;
};

struct container {
	char *id;
	char *name;		/* without the leading slash */
	char *image;		/* as asked for: "postgres:16" */
	char *image_id;		/* "sha256:..." */
	char *created;		/* RFC 3339, as recorded */
	struct pairs labels;
	bool is_running;	/* all three as last recorded */
	bool is_paused;
	bool is_restarting;
	bool has_healthcheck;
	bool auto_remove;	/* --rm: stopping it deletes it, and its
				 * anonymous volumes */
	char *restart_policy;	/* "always" ..., "" or "no" */
	struct container_mount *mounts;
	size_t mount_count;
};

/*
 * Parse the two files' bytes.  host may be NULL: auto_remove is then false
 * and restart_policy "".  ERR_DAMAGED for what is not JSON of the right
 * shape.  The caller releases c.
 */
int container_parse(const char *config, size_t config_len, const char *host,
    size_t host_len, struct container *c, struct err *err);

/* One container by its folder's name. */
int container_read(int containers_fd, const char *id, struct container *c,
    struct err *err);

/*
 * The same from the engine's answer to GET /containers/ID/json, whose mounts
 * are a list.  ERR_DAMAGED for what is no such answer.
 */
int container_inspect_parse(const char *body, size_t len, struct container *c,
    struct err *err);

/* Accepts a container of zeros. */
void container_release(struct container *c);

/* True when it mounts the volume by name, or a folder of it by its path. */
bool container_uses_volume(const struct container *c, const char *volume);

struct container_visitor {
	void *ctx;
	/* c is released after the call.  -1 (err set) stops. */
	int (*container)(void *ctx, const struct container *c,
	    struct err *err);
	/* A container that could not be read; it is skipped.  May be NULL. */
	void (*skipped)(void *ctx, const char *id, const struct err *why);
};

/* All containers, in the order of their ids. */
int container_each(int containers_fd, const struct container_visitor *visitor,
    struct err *err);

#endif
