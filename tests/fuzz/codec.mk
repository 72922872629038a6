# SPDX-License-Identifier: BSD-2-Clause
FUZZ_TARGETS += frames seek_table unpack
