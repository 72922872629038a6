# SPDX-License-Identifier: BSD-2-Clause
LIB_SRCS += \
	tools/lib/compose/graph.c \
	tools/lib/compose/graph_load.c \
	tools/lib/compose/graph_order.c
