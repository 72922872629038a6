# SPDX-License-Identifier: BSD-2-Clause
LIB_SRCS += \
	tools/lib/base/buf.c \
	tools/lib/base/err.c \
	tools/lib/base/escape.c \
	tools/lib/base/hex.c \
	tools/lib/base/lines.c \
	tools/lib/base/mem.c \
	tools/lib/base/num.c \
	tools/lib/base/pairs.c \
	tools/lib/base/search.c \
	tools/lib/base/utc.c
