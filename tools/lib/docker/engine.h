/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The engine API over its unix socket: HTTP/1.0, one connection a request,
 * every wait limited, every reply bounded.  Works with Docker 20.10 to 29
 * and Podman's socket.  Never a network.
 *
 *	struct engine *engine;
 *	enum engine_presence presence;
 *	if (engine_open(NULL, &engine, &presence, err) == -1)
 *		... presence tells whether there is none, or a deaf one ...
 *	engine_close(engine);
 */
#ifndef DOCKER_ENGINE_H
#define DOCKER_ENGINE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/pairs.h"

struct engine;
struct err;

/* Newest API version that is asked for; the server's is used when older. */
#define ENGINE_API_MINOR 44

#define ENGINE_REPLY_MAX ((size_t)4 << 20)
#define ENGINE_HEAD_MAX 16384
#define ENGINE_CONNECT_MS 3000
#define ENGINE_SILENCE_MS 15000		/* between two bytes of a reply */
#define ENGINE_REQUEST_MS 60000		/* a whole request */

enum engine_presence {
	ENGINE_ABSENT,		/* no socket, or nobody listens on it */
	ENGINE_REFUSED,		/* somebody is there: no permission, silence,
				 * or not an engine's answer */
	ENGINE_ANSWERS
};

/*
 * where: a path, or unix://PATH; NULL: $DOCKER_HOST, else
 * /var/run/docker.sock.  Pings and agrees on an API version.  0 only for
 * ENGINE_ANSWERS; otherwise -1 with *engine NULL (ERR_NOT_FOUND for absent,
 * ERR_IO or ERR_DAMAGED for refused).  The caller closes *engine.
 */
int engine_open(const char *where, struct engine **engine,
    enum engine_presence *presence, struct err *err);

/* Accepts NULL. */
void engine_close(struct engine *engine);

/* The socket's path, and the API version in use ("1.41", "" for none). */
const char *engine_path(const struct engine *engine);
const char *engine_api(const struct engine *engine);

/* The engine's own version, "20.10.24"; the caller frees *version. */
int engine_version(struct engine *engine, char **version, struct err *err);

/* info's DockerRootDir, as the host sees it; the caller frees *path. */
int engine_data_root(struct engine *engine, char **path, struct err *err);

struct engine_container {
	char *id;
	char *name;		/* without the slash */
	char *state;		/* "running", "paused", "exited" ... */
	bool is_active;		/* running, paused or restarting */
};

struct engine_containers {
	struct engine_container *list;
	size_t count;
};

/*
 * All containers, stopped ones too, that mount the volume by its name.
 * Binds of its path are not found by the engine (docker/users.h does).
 */
int engine_containers_using(struct engine *engine, const char *volume,
    struct engine_containers *containers, struct err *err);
void engine_containers_release(struct engine_containers *containers);

struct engine_volume {
	char *driver;
	char *mountpoint;	/* as the host sees it */
	struct pairs labels;
	struct pairs options;
};

/* ERR_NOT_FOUND when the engine does not know it.  The caller releases v. */
int engine_volume_inspect(struct engine *engine, const char *name,
    struct engine_volume *v, struct err *err);
void engine_volume_release(struct engine_volume *v);

enum engine_created {
	ENGINE_CREATED,		/* was not there, is as asked */
	ENGINE_EXISTED,		/* was there already, just as asked */
	ENGINE_DIFFERS		/* was there already with another driver,
				 * other labels or options: unchanged */
};

/*
 * Create a volume.  The engine answers "created" for an existing one and
 * keeps its old labels, so the reply is compared: see enum engine_created.
 * A folder made by hand is adopted, and its _data set to 0755 root:root:
 * fill it, and set its owner and mode, after this call.
 */
int engine_volume_create(struct engine *engine, const char *name,
    const char *driver, const struct pairs *labels,
    const struct pairs *options, enum engine_created *how, struct err *err);

/*
 * Remove a volume with its data.  ERR_BUSY when a container, even a stopped
 * one, refers to it; ERR_NOT_FOUND when there is none.
 */
int engine_volume_remove(struct engine *engine, const char *name,
    struct err *err);

#endif
