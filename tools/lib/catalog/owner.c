/* SPDX-License-Identifier: BSD-2-Clause */
/* Processes told apart; see owner.h. */
#include "catalog/owner.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "io/io.h"

#define FILE_MAX 1024
#define START_FIELD 20		/* fields between the name and the start */

static bool
read_small(const char *path, char text[FILE_MAX])
{
	int fd = io_open(AT_FDCWD, path, O_RDONLY, 0);
	size_t got = 0;
	bool done;

	if (fd == -1)
		return false;
	done = io_read(fd, text, FILE_MAX - 1, &got) == 0;
	(void)close(fd);	/* read-only */
	text[got] = '\0';
	return done && got > 0;
}

/* It was killed, and its parent has not asked for it yet. */
static bool
is_dead(const char *stat)
{
	const char *at = strrchr(stat, ')');

	return at != NULL && (strncmp(at, ") Z", 3) == 0 ||
	    strncmp(at, ") X", 3) == 0);
}

/* proc(5), /proc/pid/stat: the name in brackets may hold anything. */
static bool
start_of(long pid, char *start, size_t len)
{
	char path[64], text[FILE_MAX];
	char *at;
	int i;

	(void)snprintf(path, sizeof path, "/proc/%ld/stat", pid);
	if (!read_small(path, text))
		return false;
	at = strrchr(text, ')');
	for (i = 0; at != NULL && i < START_FIELD; i++)
		at = strchr(at + 1, ' ');
	if (at == NULL || is_dead(text))
		return false;
	(void)snprintf(start, len, "%.*s", (int)strcspn(at + 1, " \n"),
	    at + 1);
	return true;
}

static bool
format(long pid, char owner[OWNER_MAX])
{
	char boot[FILE_MAX], start[32];

	if (!read_small("/proc/sys/kernel/random/boot_id", boot) ||
	    !start_of(pid, start, sizeof start))
		return false;
	boot[strcspn(boot, "\n")] = '\0';
	(void)snprintf(owner, OWNER_MAX, "%ld %s %.48s", pid, start, boot);
	return true;
}

void
owner_self(char owner[OWNER_MAX])
{
	if (!format((long)getpid(), owner))
		owner[0] = '\0';
}

bool
owner_is_alive(const char *owner)
{
	char now[OWNER_MAX];
	long pid = strtol(owner, NULL, 10);

	return pid > 0 && format(pid, now) && strcmp(now, owner) == 0;
}
