# SPDX-License-Identifier: BSD-2-Clause
FUZZ_TARGETS += sqlite stream
FUZZ_TARGETS += aof rdb
