# SPDX-License-Identifier: BSD-2-Clause
LIB_SRCS += \
	tools/lib/medium/complete.c \
	tools/lib/medium/direct.c \
	tools/lib/medium/gate.c \
	tools/lib/medium/hash.c \
	tools/lib/medium/hash_pool.c \
	tools/lib/medium/info.c \
	tools/lib/medium/medium.c \
	tools/lib/medium/parts.c \
	tools/lib/medium/patient.c \
	tools/lib/medium/put.c \
	tools/lib/medium/recover.c \
	tools/lib/medium/snapshot.c \
	tools/lib/medium/verified.c
