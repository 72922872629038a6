/* SPDX-License-Identifier: BSD-2-Clause */
/* A folder of a test's own, filled with small files, and its removal. */
#ifndef DRYDOCK_TESTS_SCRATCH_H
#define DRYDOCK_TESTS_SCRATCH_H

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/mem.h"
#include "io/io.h"

#define SCRATCH_MAX 256

/* Make it below $TMPDIR or /tmp; false when that cannot be. */
static inline bool
scratch_make(char dir[SCRATCH_MAX])
{
	const char *tmp = getenv("TMPDIR");

	(void)snprintf(dir, SCRATCH_MAX, "%s/drydock-unit.XXXXXX",
	    tmp == NULL ? "/tmp" : tmp);
	return mkdtemp(dir) != NULL;
}

/* A file with its folders; text NULL: a folder. */
static inline bool
scratch_put(const char *dir, const char *name, const char *text)
{
	char *path = mem_format("%s/%s", dir, name);
	char *slash = path + strlen(dir);
	bool done = true;
	FILE *f;

	while ((slash = strchr(slash + 1, '/')) != NULL) {
		*slash = '\0';
		(void)mkdir(path, 0755);
		*slash = '/';
	}
	if (text == NULL) {
		(void)mkdir(path, 0755);
	} else {
		f = fopen(path, "w");
		done = f != NULL && fputs(text, f) >= 0;
		if (f != NULL)
			done = fclose(f) == 0 && done;
	}
	free(path);
	return done;
}

static inline bool
scratch_remove(char dir[SCRATCH_MAX])
{
	char *slash = strrchr(dir, '/');
	struct err err;
	bool done;
	int fd;

	*slash = '\0';
	fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	done = io_remove_tree(fd, slash + 1, &err) == 0;
	(void)close(fd);
	return done;
}

#endif
