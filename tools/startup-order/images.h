/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which images a data-root holds, by the names people give them, read from
 * disk while no daemon runs.  Only the classic store is understood: images
 * that containerd keeps are not known, and then nothing is said of any.
 */
#ifndef STARTUP_ORDER_IMAGES_H
#define STARTUP_ORDER_IMAGES_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

struct err;

#define IMAGES_FILE_MAX ((size_t)8 << 20)	/* repositories.json */
#define IMAGES_STORES_MAX 8			/* one for each storage driver */

struct images {
	json_t *stores[IMAGES_STORES_MAX];	/* private */
	size_t count;		/* 0: nothing is known */
};

#define IMAGES_EMPTY { { NULL }, 0 }

/* A data-root without a classic store is no error. */
int images_read(const char *data_root, struct images *images,
    struct err *err);
void images_release(struct images *images);

/* "postgres", "postgres:16", "docker.io/library/postgres:16" are alike. */
bool images_have(const struct images *images, const char *reference);

#endif
