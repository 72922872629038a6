# SPDX-License-Identifier: BSD-2-Clause
TOOLS += verify
verify_SRCS := \
	tools/verify/advice.c \
	tools/verify/cover.c \
	tools/verify/carry.c \
	tools/verify/data.c \
	tools/verify/deep.c \
	tools/verify/examine.c \
	tools/verify/files.c \
	tools/verify/foreign.c \
	tools/verify/heads.c \
	tools/verify/lists.c \
	tools/verify/lists_check.c \
	tools/verify/main.c \
	tools/verify/memory.c \
	tools/verify/mend.c \
	tools/verify/mend_write.c \
	tools/verify/outlook.c \
	tools/verify/page.c \
	tools/verify/page_chart.c \
	tools/verify/page_html.c \
	tools/verify/places.c \
	tools/verify/plan.c \
	tools/verify/publish.c \
	tools/verify/report.c \
	tools/verify/report_data.c \
	tools/verify/report_lists.c \
	tools/verify/report_mend.c \
	tools/verify/salvage.c \
	tools/verify/status.c \
	tools/verify/textfile.c \
	tools/verify/tools.c \
	tools/verify/weave.c \
	tools/verify/work.c
