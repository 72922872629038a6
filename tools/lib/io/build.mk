# SPDX-License-Identifier: BSD-2-Clause
LIB_SRCS += \
	tools/lib/io/below.c \
	tools/lib/io/dir.c \
	tools/lib/io/io.c \
	tools/lib/io/output.c \
	tools/lib/io/parent.c \
	tools/lib/io/remove.c \
	tools/lib/io/seal.c \
	tools/lib/io/stream.c \
	tools/lib/io/walk.c
