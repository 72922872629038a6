# SPDX-License-Identifier: BSD-2-Clause
LIB_SRCS += \
	tools/lib/manifest/checklist.c \
	tools/lib/manifest/checklist_name.c \
	tools/lib/manifest/entry.c \
	tools/lib/manifest/format.c \
	tools/lib/manifest/key_file.c \
	tools/lib/manifest/manifest_reader.c \
	tools/lib/manifest/manifest_writer.c \
	tools/lib/manifest/sign.c \
	tools/lib/manifest/sums.c
MAN5 += man/drydock-manifest.5 man/drydock-medium.5
