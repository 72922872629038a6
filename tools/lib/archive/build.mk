# SPDX-License-Identifier: BSD-2-Clause
LIB_SRCS += \
	tools/lib/archive/acl.c \
	tools/lib/archive/attrs.c \
	tools/lib/archive/attrs_apply.c \
	tools/lib/archive/check.c \
	tools/lib/archive/compare.c \
	tools/lib/archive/extract.c \
	tools/lib/archive/links.c \
	tools/lib/archive/member.c \
	tools/lib/archive/object.c \
	tools/lib/archive/take.c \
	tools/lib/archive/tar_reader.c \
	tools/lib/archive/tar_writer.c
