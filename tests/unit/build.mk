# SPDX-License-Identifier: BSD-2-Clause
# Each name stands for tests/unit/test_<name>.c; a test of a tool's operation
# names the extra sources: <name>_SRCS := tools/<tool>/<verb>.c
UNIT_TESTS += startup_record startup_up
startup_record_SRCS := \
	tools/startup-order/record.c \
	tools/startup-order/up.c \
	tools/startup-order/crew.c \
	tools/startup-order/down.c \
	tools/startup-order/gate.c \
	tools/startup-order/why.c
startup_up_SRCS := \
	tools/startup-order/crew.c \
	tools/startup-order/down.c \
	tools/startup-order/gate.c \
	tools/startup-order/plan.c \
	tools/startup-order/up.c \
	tools/startup-order/why.c
UNIT_TESTS += verify_cover
verify_cover_SRCS := tools/verify/cover.c
UNIT_TESTS += startup_layout
startup_layout_SRCS := tools/startup-order/layout.c
UNIT_TESTS += probe_outcome
probe_outcome_SRCS := \
	tools/probe/outcome.c \
	tools/probe/reasons.c \
	tools/probe/terms.c
UNIT_TESTS += probe_run
probe_run_SRCS := \
	tools/probe/outcome.c \
	tools/probe/plan.c \
	tools/probe/reasons.c \
	tools/probe/report.c \
	tools/probe/run.c \
	tools/probe/site.c \
	tools/probe/terms.c
# All of probe but its main().
UNIT_TESTS += probe_kinds
probe_kinds_SRCS := $(probe_PARTS)
UNIT_TESTS += probe_config
probe_config_SRCS := $(probe_PARTS)
UNIT_TESTS += probe_net
probe_net_SRCS := $(probe_PARTS)
UNIT_TESTS += verify_weave
verify_weave_SRCS := tools/verify/weave.c
