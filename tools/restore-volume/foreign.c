/* SPDX-License-Identifier: BSD-2-Clause */
/* Archives that others made; see foreign.h. */
#include "foreign.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "archive/attrs.h"
#include "archive/extract.h"
#include "archive/tar.h"
#include "base/err.h"
#include "base/escape.h"
#include "codec/unpack.h"
#include "io/io.h"

struct foreign {
	const struct foreign_options *options;
	struct foreign_result *result;
};

static void
tell(struct foreign *f, const char *path, const char *text)
{
	char safe[ESCAPE_NAME_MAX];

	f->options->note(f->options->ctx, escape_name(path, safe), text);
}

static void
on_extract(void *ctx, enum extract_note what, const char *path,
    unsigned kinds)
{
	char names[ATTRS_TEXT_MAX];

	if (what == EXTRACT_ATTRS_LOST)
		tell(ctx, path, attrs_names(kinds, names));
	else
		tell(ctx, path, "came twice in the archive; the later one "
		    "counts");
}

/* Take n components off the front; false when there are not that many. */
static bool
strip(struct buf *path, uint64_t n)
{
	char *p = path->data;

	for (; n > 0; n--) {
		p = p == NULL ? NULL : strchr(p, '/');
		if (p == NULL)
			return false;
		p++;
	}
	if (p != path->data) {
		size_t cut = (size_t)(p - path->data);

		memmove(path->data, p, path->len - cut + 1);
		path->len -= cut;
	}
	return true;
}

/*
 * With components stripped, the directory whose name is stripped whole is the
 * root itself: its owner and mode are what a person wants of the volume.
 */
static bool
is_stripped_root(const struct entry *e, uint64_t n)
{
	const char *p = buf_text(&e->path);
	uint64_t components = *p == '\0' ? 0 : 1;

	for (; *p != '\0'; p++)
		if (*p == '/')
			components++;
	return e->type == ENTRY_DIR && components == n;
}

static bool
prepare(struct foreign *f, struct entry *e)
{
	uint64_t n = f->options->strip_components;

	if (n > 0 && is_stripped_root(e, n)) {
		buf_cut(&e->path, 0);
	} else if (!strip(&e->path, n) ||
	    (e->hardlink.len > 0 && !strip(&e->hardlink, n))) {
		f->result->stripped++;
		return false;
	}
	if (e->path.len == 0)
		f->result->has_root = true;
	return true;
}

static int
extract_all(struct foreign *f, struct tar_reader *tar, struct extract *x,
    struct err *err)
{
	struct entry e = ENTRY_EMPTY;
	uint8_t ignored[32];
	bool is_end = false;
	int ret = -1;

	for (;;) {
		if (tar_reader_next(tar, &e, &is_end, err) == -1)
			goto out;
		if (is_end)
			break;
		if (!prepare(f, &e))
			continue;
		if (extract_entry(x, &e, tar, ignored, err) == -1 ||
		    watch_step(f->options->watch, 0, 1, err) == -1)
			goto out;
		f->result->entries++;
		if (e.type == ENTRY_FILE) {
			f->result->files++;
			f->result->bytes += e.size;
		}
	}
	if (f->result->entries == 0) {
		err_set(err, ERR_DAMAGED, 0, f->result->stripped > 0 ?
		    "nothing is left after --strip-components" :
		    "the archive is empty");
		goto out;
	}
	ret = extract_finish(x, err);
out:
	entry_release(&e);
	return ret;
}

/* The tar end was there; what follows must be sound as well. */
static int
drain(struct reader *in, struct err *err)
{
	char block[4096];
	size_t got;

	do {
		if (in->read(in, block, sizeof block, &got, err) == -1)
			return -1;
	} while (got > 0);
	return 0;
}

int
foreign_fill(const char *path, int stage_fd,
    const struct foreign_options *options, struct foreign_result *result,
    struct err *err)
{
	struct foreign f = { options, result };
	struct extract_options how = {
		.watch = options->watch, .note = on_extract, .ctx = &f,
	};
	char safe[ESCAPE_NAME_MAX];
	struct unpack *unpack = NULL;
	struct tar_reader *tar = NULL;
	struct extract *x = NULL;
	struct fd_reader in;
	int fd, ret = -1;

	memset(result, 0, sizeof *result);
	result->packing = "none";
	fd = io_open_typed(path, O_RDONLY, 0);
	if (fd == -1)
		return err_set(err, io_error() == ENOENT ? ERR_NOT_FOUND :
		    ERR_IO, io_error(), "%s", escape_name(path, safe));
	if (unpack_new(&unpack, fd_reader_init(&in, fd), err) == -1)
		goto out;
	result->packing = unpack_name(unpack);
	if (tar_reader_new(&tar, unpack_output(unpack), 0, err) == -1)
		goto out;
	tar_reader_take_absolute(tar);
	if (extract_new(&x, stage_fd, &how, err) == -1 ||
	    extract_all(&f, tar, x, err) == -1 ||
	    drain(unpack_output(unpack), err) == -1)
		goto out;
	ret = 0;
out:
	if (ret == -1)
		err_context(err, "%s", escape_name(path, safe));
	extract_free(x);
	tar_reader_free(tar);
	unpack_free(unpack);
	(void)close(fd);	/* read-only: nothing to lose */
	return ret;
}
