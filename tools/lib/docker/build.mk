# SPDX-License-Identifier: BSD-2-Clause
LIB_SRCS += \
	tools/lib/docker/bolt.c \
	tools/lib/docker/container.c \
	tools/lib/docker/engine.c \
	tools/lib/docker/engine_call.c \
	tools/lib/docker/engine_container.c \
	tools/lib/docker/http.c \
	tools/lib/docker/json.c \
	tools/lib/docker/mounts.c \
	tools/lib/docker/proc.c \
	tools/lib/docker/root.c \
	tools/lib/docker/users.c \
	tools/lib/docker/volume.c \
	tools/lib/docker/volume_db.c \
	tools/lib/docker/volume_write.c
