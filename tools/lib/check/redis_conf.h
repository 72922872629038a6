/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The few settings of a redis.conf or valkey.conf that decide what a server
 * does with its files at start.
 */
#ifndef CHECK_REDIS_CONF_H
#define CHECK_REDIS_CONF_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

struct err;
struct tree;

#define REDIS_CONF_MAX ((size_t)1 << 20)

struct redis_conf {
	struct buf path;	/* "" when none was found */
	bool appendonly;
	bool refuses_cut;	/* aof-load-truncated no */
};

#define REDIS_CONF_EMPTY { BUF_EMPTY, false, false }

void redis_conf_parse(const char *text, size_t len, struct redis_conf *conf);
/*
 * One beside the data in dir or where such files usually are; what cannot be
 * read is as good as none.  -1: ERR_INTERRUPTED.
 */
int redis_conf_find(struct tree *tree, const char *dir,
    struct redis_conf *conf, struct err *err);
void redis_conf_release(struct redis_conf *conf);

#endif
