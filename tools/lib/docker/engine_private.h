/* SPDX-License-Identifier: BSD-2-Clause */
/* Shared by the engine's own files only. */
#ifndef DOCKER_ENGINE_PRIVATE_H
#define DOCKER_ENGINE_PRIVATE_H

#include <jansson.h>
#include <stdbool.h>

#include "base/err.h"
#include "docker/engine.h"

struct buf;
struct http_reply;

struct engine {
	char *path;
	char *api;		/* "1.41"; "" for paths without version */
};

/* A new connection, which does not block; the caller closes *fd. */
int engine_connect(const char *path, int *fd, struct err *err);

/*
 * path: with leading slash, escaped; the version is put before it.  body may
 * be NULL.
 */
void engine_format_request(const struct engine *engine, const char *method,
    const char *path, const char *body, struct buf *request);

/*
 * What an engine says when it declines, from {"message":"..."}.  Always
 * returns -1.
 */
int engine_declined(const struct http_reply *reply, enum err_class class,
    struct err *err);
enum err_class engine_class_of(unsigned status);

/* Put the engine's socket before the error.  Always returns -1. */
int engine_say(const struct engine *engine, struct err *err);

/* A GET whose answer is one JSON object (is_list: an array). */
json_t *engine_get_json(const struct engine *engine, const char *path,
    bool is_list, struct err *err);

#endif
