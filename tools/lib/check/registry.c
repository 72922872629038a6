/* SPDX-License-Identifier: BSD-2-Clause */
/* The tables of checkers; see registry.h. */
#include "check/registry.h"

#include <stddef.h>

#include "check/caddy.h"
#include "check/certificates.h"
#include "check/gguf.h"
#include "check/inner_pgdump.h"
#include "check/minio.h"
#include "check/neo4j.h"
#include "check/ollama.h"
#include "check/plain.h"
#include "check/postgresql.h"
#include "check/prometheus.h"
#include "check/qdrant.h"
#include "check/redis.h"
#include "check/secrets.h"
#include "check/sqlite.h"
#include "check/stream.h"

const struct set_checker *const registry_sets[] = {
	&check_caddy,
	&check_minio,
	&check_neo4j,
	&check_ollama,
	&check_pgdump_directory,
	&check_postgresql,
	&check_prometheus,
	&check_qdrant,
	&check_redis_aof,
	&check_secrets,
	NULL
};

const struct file_checker *const registry_files[] = {
	&check_qdrant_snapshot,
	&check_stream,
	&check_gguf,
	&check_sqlite,
	&check_redis_log,
	&check_redis_rdb,
	&check_certificates,
	NULL
};

const struct file_checker *const registry_plain = &check_plain;
