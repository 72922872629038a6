/* SPDX-License-Identifier: BSD-2-Clause */
/* Mounts of a container; see container_mounts.h. */
#include "container_mounts.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/escape.h"
#include "docker/container.h"
#include "docker/volume.h"
#include "io/io.h"
#include "outcome.h"
#include "place.h"

#define SOCKET_NAME "docker.sock"

static bool
is_mounted(const struct container *c, const char *destination)
{
	size_t i;

	for (i = 0; i < c->mount_count; i++)
		if (strcmp(c->mounts[i].destination, destination) == 0)
			return true;
	return false;
}

static bool
is_engine_socket(const char *path)
{
	size_t len = strlen(path), end = strlen(SOCKET_NAME);

	return len >= end && strcmp(path + len - end, SOCKET_NAME) == 0;
}

static void
expected_of(const struct check_terms *terms, enum outcome_status status,
    const struct container *c, struct outcome *o)
{
	const struct check_term *t;
	char shown[ESCAPE_NAME_MAX];

	for (t = NULL; (t = check_next(terms, "mount", t)) != NULL; ) {
		if (is_mounted(c, t->value))
			continue;
		outcome_reason_as(o, status, is_engine_socket(t->value) ?
		    REASON_SOCKET_NOT_MOUNTED : REASON_MOUNT_MISSING,
		    "nothing at %s", escape_name(t->value, shown));
	}
}

void
container_mounts_expected(const struct check *check,
    const struct container *c, struct outcome *o)
{
	expected_of(&check->expect, OUTCOME_FAIL, c, o);
	expected_of(&check->warn, OUTCOME_WARN, c, o);
}

bool
container_mounts_is_file(const char *destination)
{
	const char *name = strrchr(destination, '/');
	const char *dot = name != NULL ? strrchr(name, '.') : NULL;

	return dot != NULL && dot > name + 1 && strlen(dot) > 2 &&
	    strchr(dot, '/') == NULL;
}

static void
judge_bind(const struct container_mount *m, struct outcome *o)
{
	char shown[ESCAPE_NAME_MAX];
	struct stat st;
	int fd = io_open_typed(m->source, O_PATH, 0);

	escape_name(m->source, shown);
	if (fd == -1) {
		place_failed(o, errno, shown, REASON_BIND_MISSING);
		return;
	}
	if (fstat(fd, &st) == 0 && S_ISDIR(st.st_mode) &&
	    container_mounts_is_file(m->destination) && place_is_empty(fd) == 1)
		outcome_reason(o, REASON_BIND_BECAME_DIRECTORY, "%s", shown);
	(void)io_close(fd);	/* read-only: nothing to lose */
}

void
container_mounts_binds(const struct container *c, struct outcome *o)
{
	size_t i;

	for (i = 0; i < c->mount_count; i++)
		if (strcmp(c->mounts[i].type, "bind") == 0 &&
		    c->mounts[i].source[0] == '/')
			judge_bind(&c->mounts[i], o);
}

void
container_mounts_volumes(const struct container *c,
    const struct volume_set *volumes, struct outcome *o)
{
	char shown[ESCAPE_NAME_MAX];
	size_t i;

	for (i = 0; i < c->mount_count; i++) {
		const struct container_mount *m = &c->mounts[i];

		if (strcmp(m->type, "volume") == 0 && *m->name != '\0' &&
		    !volume_set_has(volumes, m->name))
			outcome_reason(o, REASON_VOLUME_MISSING, "%s",
			    escape_name(m->name, shown));
	}
}
