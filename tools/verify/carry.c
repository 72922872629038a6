/* SPDX-License-Identifier: BSD-2-Clause */
/* The ledger on the medium; see carry.h. */
#include "carry.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/escape.h"
#include "base/mem.h"
#include "catalog/carried.h"
#include "cli/cli.h"
#include "io/dir.h"
#include "io/io.h"

#define NAMES_BYTES_MAX ((size_t)1 << 20)

static int
open_ledger(const struct medium *medium)
{
	return io_open(medium->dir_fd, VERIFIED_DIR, O_RDONLY | O_DIRECTORY,
	    0);
}

/* A record and what it says of itself; false when it is not whole. */
static bool
read_record(struct cli *cli, int dir_fd, const char *name, struct buf *text,
    struct verified_run *head)
{
	char safe[ESCAPE_NAME_MAX];
	struct err err;

	buf_cut(text, 0);
	if (io_read_file(dir_fd, name, VERIFIED_BYTES_MAX, text, &err) == 0 &&
	    verified_parse(buf_text(text), text->len, head, NULL, NULL,
	    &err) == 0)
		return true;
	cli_detail(cli, MEDIUM_DIR "/" VERIFIED_DIR "/%s: passed over: %s",
	    escape_name(name, safe), err.text);
	return false;
}

static bool
is_new(struct cli *cli, struct catalog *catalog, int dir_fd, const char *name,
    struct buf *text)
{
	struct verified_run head;
	bool is_known = true;
	struct err err;

	return read_record(cli, dir_fd, name, text, &head) &&
	    carried_is_known(catalog, head.id, &is_known, &err) == 0 &&
	    !is_known;
}

void
carry_find(struct carry_list *list, struct cli *cli, struct catalog *catalog,
    const struct medium *medium)
{
	struct dir_names names = DIR_NAMES_EMPTY;
	struct buf text = BUF_EMPTY;
	int fd = open_ledger(medium);
	size_t i, first;

	if (fd == -1)
		return;		/* most media have none */
	if (dir_names_read(&names, fd, NAMES_BYTES_MAX) == -1)
		goto out;
	/* Names begin with the time: the newest are at the end. */
	first = names.count > VERIFIED_FILES_MAX ?
	    names.count - VERIFIED_FILES_MAX : 0;
	list->names = mem_zero(names.count - first + 1, sizeof *list->names);
	for (i = first; i < names.count; i++)
		if (is_new(cli, catalog, fd, names.items[i], &text))
			list->names[list->count++] =
			    mem_text(names.items[i]);
out:
	buf_release(&text);
	dir_names_release(&names);
	(void)close(fd);	/* read-only */
}

int
carry_import(const struct carry_list *list, struct cli *cli,
    struct catalog *catalog, const struct medium *medium, int64_t row,
    struct err *err)
{
	struct buf text = BUF_EMPTY;
	struct verified_run head;
	int ret = 0;
	size_t i;
	int fd;

	if (list->count == 0)
		return 0;
	fd = open_ledger(medium);
	for (i = 0; fd != -1 && ret == 0 && i < list->count; i++) {
		if (!read_record(cli, fd, list->names[i], &text, &head))
			continue;
		ret = carried_import(catalog, row, &head, buf_text(&text),
		    text.len, err);
		if (ret == 0)
			cli_say(cli, "learnt from the medium: %s verified it "
			    "(%s, %s)", head.host, head.kind, head.state);
	}
	if (fd != -1)
		(void)close(fd);	/* read-only */
	buf_release(&text);
	return ret;
}

void
carry_list_release(struct carry_list *list)
{
	size_t i;

	for (i = 0; i < list->count; i++)
		free(list->names[i]);
	free(list->names);
	list->names = NULL;
	list->count = 0;
}

/*
 * It was read for hours, perhaps: what is plugged in there now?  Opening for
 * writing would make a medium of anything.
 */
static int
check_same(const struct medium *medium, struct err *err)
{
	struct medium now;
	int ret = 0;

	if (medium_open(&now, medium->path, err) == -1)
		return -1;
	if (strcmp(now.id, medium->id) != 0)
		ret = err_set(err, ERR_NOT_FOUND, 0, "another medium is there "
		    "now: %s", now.id);
	medium_close(&now);
	return ret;
}

static int
write_record(struct catalog *catalog, const struct medium *medium,
    int64_t run, struct err *err)
{
	struct buf text = BUF_EMPTY;
	struct verified_run head;
	struct medium m;
	int ret = -1;

	if (catalog == NULL)
		return err_set(err, ERR_IO, 0, "nothing was recorded here "
		    "that could be written there");
	if (carried_format(catalog, run, &head, &text, err) == 0 &&
	    check_same(medium, err) == 0 && medium_open_write(&m, medium->path, "", true, err) == 0) {
		ret = verified_write(&m, &head, &text, err);
		medium_close(&m);
	}
	buf_release(&text);
	return ret;
}

void
carry_out(struct cli *cli, struct catalog *catalog,
    const struct medium *medium, int64_t run)
{
	struct err err;

	if (write_record(catalog, medium, run, &err) == -1)
		cli_warn(cli, "not recorded on the medium: %s", err.text);
	else
		cli_say(cli, "recorded on the medium, in " MEDIUM_DIR "/"
		    VERIFIED_DIR);
}
