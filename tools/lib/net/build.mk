# SPDX-License-Identifier: BSD-2-Clause
LIB_SRCS += \
	tools/lib/net/trust.c \
	tools/lib/net/trust_names.c \
	tools/lib/net/trust_store.c \
	tools/lib/net/url.c
