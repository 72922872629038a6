/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The small files of a PostgreSQL cluster: replication slots, backup_label,
 * postmaster.pid, PG_VERSION.
 */
#ifndef CHECK_PG_SMALL_H
#define CHECK_PG_SMALL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "check/pg_heap.h"

struct err;

#define PG_SMALL_MAX 65536	/* bytes that any of them may have */

struct pg_slot {
	char name[PG_NAME_MAX];
	bool is_persistent;
	uint64_t restart;	/* LSN it holds the log back to; 0: none */
};
/* ERR_DAMAGED where the server would panic. */
int pg_slot_parse(const uint8_t *data, size_t len, struct pg_slot *slot,
    struct err *err);

/* Where replay begins, and the checkpoint that says so. */
int pg_label_parse(const char *text, uint64_t *start, uint64_t *checkpoint,
    struct err *err);

/* The process in the first line of postmaster.pid; false: garbage. */
bool pg_pid_parse(const char *text, uint64_t *pid);

/* The release, 9 for 9.6; 0: garbage. */
unsigned pg_version_parse(const char *text);

#endif
