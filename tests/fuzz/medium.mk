# SPDX-License-Identifier: BSD-2-Clause
FUZZ_TARGETS += complete snapshot_json verified
