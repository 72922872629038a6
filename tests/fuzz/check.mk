# SPDX-License-Identifier: BSD-2-Clause
FUZZ_TARGETS += stream
FUZZ_TARGETS += aof rdb
