# SPDX-License-Identifier: BSD-2-Clause
CHECK_TESTS += \
	tests/check/archives.sh \
	tests/check/caddy.sh \
	tests/check/certificates.sh \
	tests/check/dumps.sh \
	tests/check/minio.sh \
	tests/check/neo4j.sh \
	tests/check/ollama.sh \
	tests/check/postgres.sh \
	tests/check/prometheus.sh \
	tests/check/qdrant.sh \
	tests/check/redis.sh \
	tests/check/sqlite.sh
# Twenty hot copies instead of four.
SOAK_TESTS += tests/check/postgres.sh
