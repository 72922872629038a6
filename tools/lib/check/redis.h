/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Data of Redis and Valkey: a folder with a multi-part append-only file, and
 * RDB and older append-only files by themselves.  There is no mark of a clean
 * shutdown in any of them.
 */
#ifndef CHECK_REDIS_H
#define CHECK_REDIS_H

#include "check/content.h"

extern const struct set_checker check_redis_aof;
extern const struct file_checker check_redis_rdb;
extern const struct file_checker check_redis_log;

#endif
