# SPDX-License-Identifier: BSD-2-Clause
LIB_SRCS += \
	tools/lib/codec/frame_reader.c \
	tools/lib/codec/frame_writer.c \
	tools/lib/codec/seek_table.c \
	tools/lib/codec/sha256.c \
	tools/lib/codec/sha256_armv8.c \
	tools/lib/codec/sha256_shani.c \
	tools/lib/codec/unpack.c
