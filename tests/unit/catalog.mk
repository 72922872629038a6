# SPDX-License-Identifier: BSD-2-Clause
UNIT_TESTS += catalog_file catalog_runs
