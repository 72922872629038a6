# SPDX-License-Identifier: BSD-2-Clause
LIB_SRCS += \
	tools/lib/catalog/carried.c \
	tools/lib/catalog/catalog.c \
	tools/lib/catalog/events.c \
	tools/lib/catalog/learn.c \
	tools/lib/catalog/media.c \
	tools/lib/catalog/owner.c \
	tools/lib/catalog/query.c \
	tools/lib/catalog/runs.c \
	tools/lib/catalog/schema.c \
	tools/lib/catalog/status.c
