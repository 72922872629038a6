# SPDX-License-Identifier: BSD-2-Clause
TOOLS += snapshot
snapshot_SRCS := \
	tools/snapshot/carry.c \
	tools/snapshot/list.c \
	tools/snapshot/look.c \
	tools/snapshot/main.c \
	tools/snapshot/new_key.c \
	tools/snapshot/remember.c \
	tools/snapshot/run.c \
	tools/snapshot/sources.c \
	tools/snapshot/sweep.c
