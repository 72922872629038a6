# SPDX-License-Identifier: BSD-2-Clause
TOOLS += startup-order
startup-order_SRCS := \
	tools/startup-order/act.c \
	tools/startup-order/ask.c \
	tools/startup-order/crew.c \
	tools/startup-order/down.c \
	tools/startup-order/from_host.c \
	tools/startup-order/gate.c \
	tools/startup-order/host_config.c \
	tools/startup-order/layout.c \
	tools/startup-order/images.c \
	tools/startup-order/main.c \
	tools/startup-order/needs.c \
	tools/startup-order/plan.c \
	tools/startup-order/print_graph.c \
	tools/startup-order/print_json.c \
	tools/startup-order/print_svg.c \
	tools/startup-order/print_text.c \
	tools/startup-order/record.c \
	tools/startup-order/source.c \
	tools/startup-order/up.c \
	tools/startup-order/why.c
