# SPDX-License-Identifier: BSD-2-Clause
LIB_SRCS += \
	tools/lib/net/url.c
