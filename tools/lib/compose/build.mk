# SPDX-License-Identifier: BSD-2-Clause
LIB_SRCS += \
	tools/lib/compose/canonical.c \
	tools/lib/compose/check.c \
	tools/lib/compose/dotenv.c \
	tools/lib/compose/duration.c \
	tools/lib/compose/extends.c \
	tools/lib/compose/fill.c \
	tools/lib/compose/fill_service.c \
	tools/lib/compose/graph.c \
	tools/lib/compose/graph_load.c \
	tools/lib/compose/graph_order.c \
	tools/lib/compose/include.c \
	tools/lib/compose/interpolate.c \
	tools/lib/compose/known_keys.c \
	tools/lib/compose/load.c \
	tools/lib/compose/merge.c \
	tools/lib/compose/model.c \
	tools/lib/compose/needs.c \
	tools/lib/compose/project.c \
	tools/lib/compose/short_form.c \
	tools/lib/compose/yaml.c \
	tools/lib/compose/yaml_parse.c \
	tools/lib/compose/yaml_scalar.c
