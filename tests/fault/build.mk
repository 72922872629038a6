# SPDX-License-Identifier: BSD-2-Clause
FAULT_TESTS += \
	tests/fault/bad_sectors.sh \
	tests/fault/catalog.sh \
	tests/fault/memory.sh \
	tests/fault/vfat.sh \
	tests/fault/exfat.sh \
	tests/fault/power_cut.sh \
	tests/fault/full_disk.sh \
	tests/fault/damage.sh \
	tests/fault/kill_sweep.sh \
	tests/fault/error_sweep.sh \
	tests/fault/lists.sh
