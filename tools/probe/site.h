/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The host that is looked at: its engine and its data-root, found once and
 * shared by all checks of a run.
 *
 *	struct site *site = site_new(&where);
 *	if (site_engine(site, &engine, &presence, err) == -1) ...
 *	if (site_root(site, &root, err) == -1) ...
 *	site_free(site);
 *
 * Every function may be called from several threads.  The first caller looks,
 * the others wait for what it finds and get the same answer, errors included.
 * What is handed out belongs to the site and is read-only.
 */
#ifndef PROBE_SITE_H
#define PROBE_SITE_H

#include <stdbool.h>
#include <stdint.h>

#include "docker/engine.h"

struct buf;
struct docker_root;
struct err;
struct volume_set;

struct site;

struct site_where {
	const char *socket;	/* --socket, or NULL; borrowed */
	const char *data_root;	/* --data-root, or NULL; borrowed */
};

/*
 * Each holder frees it once: the maker, and whoever has called site_hold().
 * Both accept NULL.
 */
struct site *site_new(const struct site_where *where);
struct site *site_hold(struct site *site);
void site_free(struct site *site);

/* As engine_open(). */
int site_engine(struct site *site, struct engine **engine,
    enum engine_presence *presence, struct err *err);

/* As docker_root_open(). */
int site_root(struct site *site, const struct docker_root **root,
    struct err *err);

/* The volumes of that data-root, as volume_set_open(). */
int site_volumes(struct site *site, const struct volume_set **volumes,
    struct err *err);

/*
 * Ask the engine: GET path, by deadline_ms (io_ticks_ms()).  The body of a
 * 200; ERR_NOT_FOUND for a 404, ERR_IO with ETIMEDOUT past the deadline.
 */
int site_get(struct site *site, const char *path, uint64_t deadline_ms,
    struct buf *body, struct err *err);

/*
 * Do paths of the host lead to the same files here?  False where no data-root
 * with containers is found, and where it is mounted into a container, as it
 * is for the rescue image.
 */
bool site_sees_host(struct site *site);

#endif
