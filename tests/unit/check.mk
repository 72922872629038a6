# SPDX-License-Identifier: BSD-2-Clause
UNIT_TESTS += check_tree
