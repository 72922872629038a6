/* SPDX-License-Identifier: BSD-2-Clause */
/* The host that is looked at; see site.h. */
#include "site.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "docker/engine_call.h"
#include "docker/root.h"
#include "docker/volume.h"
#include "io/io.h"

/* What was looked for once; err holds why it was not found. */
struct look {
	bool is_done;
	int ret;
	struct err err;
};

struct site {
	struct site_where where;
	atomic_uint holders;
	/* One lock each: a silent engine must not hold up the data-root. */
	pthread_mutex_t engine_lock;
	struct look engine_look;
	struct engine *engine;
	enum engine_presence presence;
	pthread_mutex_t root_lock;
	struct look root_look;
	struct docker_root root;
	struct look volumes_look;
	struct volume_set *volumes;
};

struct site *
site_new(const struct site_where *where)
{
	struct site *site = mem_zero(1, sizeof *site);

	site->where = *where;
	atomic_init(&site->holders, 1);
	site->root.volumes_fd = -1;
	site->root.containers_fd = -1;
	/* Neither can fail on Linux. */
	(void)pthread_mutex_init(&site->engine_lock, NULL);
	(void)pthread_mutex_init(&site->root_lock, NULL);
	return site;
}

struct site *
site_hold(struct site *site)
{
	if (site != NULL)
		(void)atomic_fetch_add(&site->holders, 1);
	return site;
}

void
site_free(struct site *site)
{
	if (site == NULL || atomic_fetch_sub(&site->holders, 1) > 1)
		return;
	engine_close(site->engine);
	volume_set_free(site->volumes);
	docker_root_close(&site->root);
	(void)pthread_mutex_destroy(&site->engine_lock);
	(void)pthread_mutex_destroy(&site->root_lock);
	free(site);
}

static int
answer(const struct look *look, struct err *err)
{
	if (look->ret == -1)
		*err = look->err;
	return look->ret;
}

int
site_engine(struct site *site, struct engine **engine,
    enum engine_presence *presence, struct err *err)
{
	struct look *look = &site->engine_look;
	int ret;

	(void)pthread_mutex_lock(&site->engine_lock);
	if (!look->is_done) {
		look->ret = engine_open(site->where.socket, &site->engine,
		    &site->presence, &look->err);
		look->is_done = true;
	}
	ret = answer(look, err);
	*engine = site->engine;
	*presence = site->presence;
	(void)pthread_mutex_unlock(&site->engine_lock);
	return ret;
}

/* With the lock held. */
static int
open_root(struct site *site, struct err *err)
{
	struct look *look = &site->root_look;
	struct docker_places places;

	if (!look->is_done) {
		docker_places_init(&places, site->where.data_root);
		look->ret = docker_root_open(&places, &site->root,
		    &look->err);
		look->is_done = true;
	}
	return answer(look, err);
}

int
site_root(struct site *site, const struct docker_root **root,
    struct err *err)
{
	int ret;

	(void)pthread_mutex_lock(&site->root_lock);
	ret = open_root(site, err);
	*root = &site->root;
	(void)pthread_mutex_unlock(&site->root_lock);
	return ret;
}

int
site_volumes(struct site *site, const struct volume_set **volumes,
    struct err *err)
{
	struct look *look = &site->volumes_look;
	int ret;

	(void)pthread_mutex_lock(&site->root_lock);
	ret = open_root(site, err);
	if (ret == 0 && !look->is_done) {
		site->volumes = volume_set_open(&site->root, &look->err);
		look->ret = site->volumes != NULL ? 0 : -1;
		look->is_done = true;
	}
	if (ret == 0)
		ret = answer(look, err);
	*volumes = site->volumes;
	(void)pthread_mutex_unlock(&site->root_lock);
	return ret;
}

/* ------------------------------------------------------------------ calls */

static int
wait_for(struct engine_call *call, uint64_t deadline_ms, struct err *err)
{
	bool is_done = false;

	while (engine_call_step(call, &is_done, err) == 0 && !is_done) {
		struct pollfd p = { engine_call_fd(call),
		    engine_call_events(call), 0 };
		uint64_t now = io_ticks_ms();

		if (now >= deadline_ms)
			return err_set(err, ERR_IO, ETIMEDOUT, "no answer");
		(void)poll(&p, 1, (int)(deadline_ms - now));
	}
	return is_done ? 0 : -1;
}

static int
take_body(const struct engine_call *call, struct buf *body, struct err *err)
{
	const char *data;
	size_t len;

	if (engine_call_status(call) != 200)
		return engine_call_declined(call, err);
	data = engine_call_body(call, &len);
	buf_set(body, data, len);
	return 0;
}

int
site_get(struct site *site, const char *path, uint64_t deadline_ms,
    struct buf *body, struct err *err)
{
	uint64_t now = io_ticks_ms();
	const struct engine_ask ask = { "GET", path,
	    deadline_ms > now ? deadline_ms - now : 1 };
	enum engine_presence presence;
	struct engine_call *call = NULL;
	struct engine *engine;
	int ret = -1;

	if (site_engine(site, &engine, &presence, err) == 0 &&
	    engine_call_begin(engine, &ask, &call, err) == 0 &&
	    wait_for(call, deadline_ms, err) == 0)
		ret = take_body(call, body, err);
	engine_call_end(call);
	return ret;
}

/* On the file system of "/" itself: nobody mounted it in here. */
static bool
is_on_our_root(const char *path)
{
	struct stat st, root;

	return stat(path, &st) == 0 && stat("/", &root) == 0 &&
	    st.st_dev == root.st_dev;
}

bool
site_sees_host(struct site *site)
{
	const struct docker_root *root;
	struct err err;

	if (site_root(site, &root, &err) == -1 || root->is_volumes_only ||
	    root->containers_fd == -1)
		return false;
	/* What engines leave in containers, and images of whole machines. */
	if (access("/.dockerenv", F_OK) == -1 &&
	    access("/run/.containerenv", F_OK) == -1)
		return true;
	return is_on_our_root(root->path);
}
