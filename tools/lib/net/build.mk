# SPDX-License-Identifier: BSD-2-Clause
LIB_SRCS += \
	tools/lib/net/deadline.c \
	tools/lib/net/dial.c \
	tools/lib/net/dns.c \
	tools/lib/net/dns_message.c \
	tools/lib/net/icmp.c \
	tools/lib/net/json_path.c \
	tools/lib/net/postgres.c \
	tools/lib/net/redis.c \
	tools/lib/net/sock.c \
	tools/lib/net/tls.c \
	tools/lib/net/trust.c \
	tools/lib/net/trust_names.c \
	tools/lib/net/trust_rules.c \
	tools/lib/net/trust_store.c \
	tools/lib/net/trust_text.c \
	tools/lib/net/url.c \
	tools/lib/net/web.c \
	tools/lib/net/web_reply.c
