# SPDX-License-Identifier: BSD-2-Clause
FUZZ_TARGETS += \
	aof \
	gguf \
	pg_control \
	pg_page \
	pg_wal \
	rdb \
	sqlite \
	stream \
	tsdb \
	xl_meta
