/* SPDX-License-Identifier: BSD-2-Clause */
/* What a source holds; see list_files.h. */
#include "list_files.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/err.h"
#include "base/escape.h"
#include "base/num.h"
#include "base/utc.h"
#include "io/io.h"
#include "manifest/manifest.h"
#include "pick.h"

#define MODE_TEXT 11

/* As ls(1) writes it. */
static const char *
mode_text(const struct entry *e, char text[MODE_TEXT])
{
	static const char types[] = {
		[ENTRY_FILE] = '-', [ENTRY_DIR] = 'd', [ENTRY_SYMLINK] = 'l',
		[ENTRY_FIFO] = 'p', [ENTRY_SOCKET] = 's',
		[ENTRY_CHAR] = 'c', [ENTRY_BLOCK] = 'b',
	};
	static const char letters[] = "rwxrwxrwx";
	unsigned i;

	text[0] = types[e->type];
	for (i = 0; i < 9; i++)
		text[1 + i] = (e->mode >> (8 - i) & 1) != 0 ? letters[i] : '-';
	if ((e->mode & 04000) != 0)
		text[3] = text[3] == 'x' ? 's' : 'S';
	if ((e->mode & 02000) != 0)
		text[6] = text[6] == 'x' ? 's' : 'S';
	if ((e->mode & 01000) != 0)
		text[9] = text[9] == 'x' ? 't' : 'T';
	text[10] = '\0';
	return text;
}

static void
list_entry(struct cli *cli, const struct entry *e)
{
	char mode[MODE_TEXT], owner[24], count[NUM_COUNT_TEXT];
	char when[UTC_TEXT_MAX];
	struct buf path = BUF_EMPTY, link = BUF_EMPTY;
	struct cli_json j;

	escape_text(&path, buf_text(&e->path), e->path.len);
	escape_text(&link, e->hardlink.len > 0 ? buf_text(&e->hardlink) :
	    buf_text(&e->link), e->hardlink.len > 0 ? e->hardlink.len :
	    e->link.len);
	(void)snprintf(owner, sizeof owner, "%u:%u", e->uid, e->gid);
	(void)utc_rfc3339(e->mtime_s, when);
	cli_out(cli, "%s %-11s %15s %s %s%s%s", mode_text(e, mode), owner,
	    num_format_count(e->size, count), when,
	    path.len == 0 ? "." : buf_text(&path),
	    link.len == 0 ? "" : e->hardlink.len > 0 ? " == " : " -> ",
	    buf_text(&link));
	cli_json_open(&j, "entry");
	cli_json_text(&j, "path", buf_text(&e->path));
	cli_json_text(&j, "type", entry_type_name(e->type));
	cli_json_u64(&j, "mode", e->mode);
	cli_json_u64(&j, "uid", e->uid);
	cli_json_u64(&j, "gid", e->gid);
	cli_json_u64(&j, "size", e->size);
	cli_json_text(&j, "modified", when);
	cli_json_text(&j, "link", buf_text(&e->link));
	cli_json_text(&j, "hardlink", buf_text(&e->hardlink));
	cli_json_emit(&j, cli);
	buf_release(&path);
	buf_release(&link);
}

static int
list_all(struct cli *cli, struct manifest_reader *entries, struct pick *pick,
    struct err *err)
{
	struct entry e = ENTRY_EMPTY;
	bool is_end = false;
	int ret;

	for (;;) {
		ret = manifest_reader_next(entries, &e, &is_end, err);
		if (ret == 0)
			ret = watch_step(&cli->watch, 0, 0, err);
		if (ret == -1 || is_end)
			break;
		if (pick == NULL || pick_wants(pick, buf_text(&e.path)))
			list_entry(cli, &e);
	}
	entry_release(&e);
	return ret;
}

int
list_files(struct cli *cli, const struct snapshot *s,
    const struct source_info *source, struct pick *pick, struct err *err)
{
	struct manifest_reader *entries = NULL;
	char safe[ESCAPE_NAME_MAX];
	struct fd_reader in;
	int ret = -1;
	int fd = io_open(s->fd, source->manifest, O_RDONLY, 0);

	if (fd == -1)
		return err_set(err, ERR_DAMAGED, io_error(), "%s",
		    source->manifest);
	if (manifest_reader_new(&entries, fd_reader_init(&in, fd), err) == 0)
		ret = list_all(cli, entries, pick, err);
	if (ret == -1)
		err_context(err, "%s", source->manifest);
	else if (pick != NULL && pick_unused(pick) != NULL)
		ret = err_set(err, ERR_NOT_FOUND, 0, "%s has nothing like "
		    "'%s'", source->name, escape_name(pick_unused(pick),
		    safe));
	manifest_reader_free(entries);
	(void)close(fd);		/* read-only: nothing to lose */
	return ret;
}
