# SPDX-License-Identifier: BSD-2-Clause
probe_SRCS := \
	tools/probe/kinds.c \
	tools/probe/outcome.c \
	tools/probe/reasons.c \
	tools/probe/terms.c
