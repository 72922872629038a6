# SPDX-License-Identifier: BSD-2-Clause
TOOLS += restore-volume
restore-volume_SRCS := \
	tools/restore-volume/fill.c \
	tools/restore-volume/foreign.c \
	tools/restore-volume/identity.c \
	tools/restore-volume/list_files.c \
	tools/restore-volume/look.c \
	tools/restore-volume/main.c \
	tools/restore-volume/pick.c \
	tools/restore-volume/preflight.c \
	tools/restore-volume/remember.c \
	tools/restore-volume/swap.c \
	tools/restore-volume/target.c \
	tools/restore-volume/work.c
