# SPDX-License-Identifier: BSD-2-Clause
UNIT_TESTS += io_below io_parent io_remove io_seal io_walk
