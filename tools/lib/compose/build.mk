# SPDX-License-Identifier: BSD-2-Clause
LIB_SRCS += \
	tools/lib/compose/dotenv.c \
	tools/lib/compose/graph.c \
	tools/lib/compose/graph_load.c \
	tools/lib/compose/graph_order.c \
	tools/lib/compose/interpolate.c \
	tools/lib/compose/yaml.c \
	tools/lib/compose/yaml_parse.c \
	tools/lib/compose/yaml_scalar.c
