# SPDX-License-Identifier: BSD-2-Clause
LIB_SRCS += \
	tools/lib/check/aof_manifest.c \
	tools/lib/check/content.c \
	tools/lib/check/image_tar.c \
	tools/lib/check/inner_neo4j.c \
	tools/lib/check/inner_pgdump.c \
	tools/lib/check/inner_sql.c \
	tools/lib/check/inner_tar.c \
	tools/lib/check/json_file.c \
	tools/lib/check/judgement.c \
	tools/lib/check/lzf.c \
	tools/lib/check/pg_rows.c \
	tools/lib/check/pg_toc.c \
	tools/lib/check/plain.c \
	tools/lib/check/prometheus.c \
	tools/lib/check/prometheus_wal.c \
	tools/lib/check/rdb.c \
	tools/lib/check/redis.c \
	tools/lib/check/redis_aof.c \
	tools/lib/check/redis_conf.c \
	tools/lib/check/redis_file.c \
	tools/lib/check/registry.c \
	tools/lib/check/resp.c \
	tools/lib/check/scan.c \
	tools/lib/check/sqlite.c \
	tools/lib/check/sqlite_files.c \
	tools/lib/check/sqlite_header.c \
	tools/lib/check/stream.c \
	tools/lib/check/tell.c \
	tools/lib/check/tree.c \
	tools/lib/check/tree_archive.c \
	tools/lib/check/tree_dir.c \
	tools/lib/check/tree_index.c \
	tools/lib/check/tree_snapshot.c \
	tools/lib/check/tsdb_block.c \
	tools/lib/check/tsdb_log.c
