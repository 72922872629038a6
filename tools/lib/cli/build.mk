# SPDX-License-Identifier: BSD-2-Clause
LIB_SRCS += \
	tools/lib/cli/cli.c \
	tools/lib/cli/json.c \
	tools/lib/cli/options.c \
	tools/lib/cli/progress.c
