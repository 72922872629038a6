# SPDX-License-Identifier: BSD-2-Clause
UNIT_TESTS += check_tree
UNIT_TESTS += check_rdb check_resp check_tsdb
