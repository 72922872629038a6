# SPDX-License-Identifier: BSD-2-Clause
FUZZ_TARGETS += \
	aof \
	rdb \
	sqlite \
	stream \
	tsdb
