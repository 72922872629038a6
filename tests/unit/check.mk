# SPDX-License-Identifier: BSD-2-Clause
UNIT_TESTS += \
	check_gguf \
	check_pg_control \
	check_pg_heap \
	check_pg_page \
	check_pg_wal \
	check_plain \
	check_rdb \
	check_resp \
	check_scan \
	check_tree \
	check_tsdb \
	check_xl_meta
