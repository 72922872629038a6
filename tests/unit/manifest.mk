# SPDX-License-Identifier: BSD-2-Clause
UNIT_TESTS += manifest_checklist manifest_entry manifest_lines manifest_mtree \
	manifest_sign manifest_sums
