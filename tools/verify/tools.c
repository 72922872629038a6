/* SPDX-License-Identifier: BSD-2-Clause */
/* The tools on a medium; see tools.h. */
#include "tools.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/escape.h"
#include "base/mem.h"
#include "io/dir.h"
#include "io/io.h"
#include "lists.h"
#include "medium/medium.h"
#include "medium/snapshot.h"
#include "report.h"
#include "report_lists.h"

#define BIN MEDIUM_DIR "/bin"
#define NAMES_BYTES ((size_t)64 << 10)	/* architectures at a time */

struct folder {
	struct report *r;
	const char *name;	/* drydock/bin/x86_64 */
};

static void
on_list(void *ctx, const char *list)
{
	(void)ctx, (void)list;
}

/* As the files of other lists, by their names on the medium. */
static void
on_file(void *ctx, const char *list, const char *file,
    enum list_verdict verdict, const char *why, uint64_t bytes)
{
	const struct folder *f = ctx;
	char *path = strcmp(file, LIST_ITSELF) == 0 ?
	    mem_text(LIST_ITSELF) : mem_format("%s/%s", f->name, file);

	report_listed(f->r, list, path, verdict, why, bytes);
	free(path);
}

static int
check_lists(struct folder *f, const struct work_options *o, const char *path,
    struct err *err)
{
	const struct lists_options options = {
		.threads = o->threads, .watch = &f->r->cli->watch,
		.calls = { f, on_list, on_file },
	};
	uint64_t all = 0;
	struct lists l;
	int ret = -1;
	size_t i;

	if (lists_open(&l, path, &options, err) == -1 ||
	    lists_count(&l, err) == -1)
		goto out;
	cli_stage_more(f->r->cli, l.total_bytes);
	if (lists_check(&l, err) == -1)
		goto out;
	for (i = 0; i < LIST_VERDICTS; i++)
		all += l.verdicts[i];
	report_tools(f->r, f->name, all, l.verdicts[LIST_OK]);
	ret = 0;
out:
	lists_close(&l);
	return ret;
}

static int
check_arch(struct report *r, const struct work_options *o,
    const struct medium *m, const char *arch, struct err *err)
{
	char safe[ESCAPE_NAME_MAX];
	char *name = mem_format(BIN "/%s", arch);
	char *path = mem_format("%s/%s/" SNAPSHOT_SUMS, m->path, name);
	struct folder f = { r, name };
	int ret = check_lists(&f, o, path, err);

	if (ret == -1 && err->class != ERR_INTERRUPTED) {
		cli_warn(r->cli, "%s: NOT checked: %s",
		    escape_name(name, safe), err->text);
		err_clear(err);
		ret = 0;
	}
	free(path);
	free(name);
	return ret;
}

static int
check_names(struct report *r, const struct work_options *o,
    const struct medium *m, int fd, struct err *err)
{
	struct dir_names names = DIR_NAMES_EMPTY;
	struct stat st;
	int ret = 0;
	size_t i;

	while (!names.is_last && ret == 0) {
		if (dir_names_read(&names, fd, NAMES_BYTES) == -1) {
			cli_warn(r->cli, BIN ": NOT checked: it cannot be "
			    "listed: %s", strerror(errno));
			break;
		}
		for (i = 0; i < names.count && ret == 0; i++)
			if (fstatat(fd, names.items[i], &st,
			    AT_SYMLINK_NOFOLLOW) == -1 || S_ISDIR(st.st_mode))
				ret = check_arch(r, o, m, names.items[i], err);
	}
	dir_names_release(&names);
	return ret;
}

int
tools_check(struct report *r, const struct work_options *o,
    const struct medium *m, struct err *err)
{
	int fd = io_open(m->dir_fd, "bin", O_RDONLY | O_DIRECTORY, 0);
	int ret;

	if (fd == -1) {
		if (io_error() != ENOENT)
			cli_warn(r->cli, BIN ": NOT checked: it cannot be "
			    "opened: %s", strerror(io_error()));
		return 0;
	}
	ret = check_names(r, o, m, fd, err);
	(void)close(fd);	/* read-only: nothing to lose */
	return ret;
}
