/* SPDX-License-Identifier: BSD-2-Clause */
/* A snapshot's folder; see snapshot.h. */
#include "medium/snapshot.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/escape.h"
#include "base/num.h"
#include "codec/sha256.h"
#include "io/io.h"

static int
read_complete(int fd, struct complete *complete, struct err *err)
{
	struct buf text = BUF_EMPTY;
	int ret;

	ret = io_read_file(fd, COMPLETE_FILE, COMPLETE_MAX, &text, err);
	if (ret == 0 && complete_is_blank(text.data, text.len))
		ret = err_set(err, ERR_NOT_FOUND, 0, "is empty");
	if (ret == 0)
		ret = complete_parse(complete, buf_text(&text), text.len,
		    err);
	buf_release(&text);
	return ret;
}

int
snapshot_load_complete(struct snapshot *s, struct err *err)
{
	if (read_complete(s->fd, &s->complete, err) == 0)
		return 0;
	if (err->class == ERR_NOT_FOUND)
		return err_set(err, ERR_NOT_FOUND, 0,
		    "interrupted: it has no " COMPLETE_FILE);
	return err_context(err, COMPLETE_FILE);
}

int
snapshot_load_sums(struct snapshot *s, struct err *err)
{
	if (io_read_file(s->fd, SNAPSHOT_SUMS, SUMS_BYTES_MAX, &s->sums_text,
	    err) == -1 || sums_parse(&s->sums, buf_text(&s->sums_text),
	    s->sums_text.len, err) == -1) {
		if (err->class == ERR_NOT_FOUND)
			err->class = ERR_DAMAGED;
		return err_context(err, SNAPSHOT_SUMS);
	}
	return 0;
}

int
snapshot_check_sums(const struct snapshot *s, struct err *err)
{
	uint8_t digest[SHA256_LEN];

	sha256_of(buf_text(&s->sums_text), s->sums_text.len, digest);
	if (memcmp(digest, s->complete.sums_sha256, SHA256_LEN) != 0)
		return err_set(err, ERR_DAMAGED, 0, SNAPSHOT_SUMS
		    ": is not the file that " COMPLETE_FILE " names");
	return 0;
}

/* Every file the info names must have a sum; parts get theirs. */
static int
join_sums(struct snapshot *s, struct err *err)
{
	const struct sum *sum;
	size_t i, k;

	for (i = 0; i < s->info.count; i++) {
		struct source_info *src = &s->info.sources[i];

		if (sums_find(&s->sums, src->manifest) == NULL)
			return err_set(err, ERR_DAMAGED, 0,
			    SNAPSHOT_SUMS ": no line for %s", src->manifest);
		for (k = 0; k < src->parts.count; k++) {
			struct part *part = &src->parts.items[k];

			sum = sums_find(&s->sums, part->name);
			if (sum == NULL)
				return err_set(err, ERR_DAMAGED, 0,
				    SNAPSHOT_SUMS ": no line for %s",
				    part->name);
			memcpy(part->sha256, sum->sha256, SHA256_LEN);
		}
	}
	return 0;
}

int
snapshot_load_info(struct snapshot *s, struct err *err)
{
	const struct sum *sum = sums_find(&s->sums, INFO_FILE);
	struct buf text = BUF_EMPTY;
	uint8_t digest[SHA256_LEN];
	int ret = -1;

	if (sum == NULL)
		return err_set(err, ERR_DAMAGED, 0,
		    SNAPSHOT_SUMS ": no line for " INFO_FILE);
	if (io_read_file(s->fd, INFO_FILE, INFO_BYTES_MAX, &text,
	    err) == -1) {
		if (err->class == ERR_NOT_FOUND)
			err->class = ERR_DAMAGED;
		err_context(err, INFO_FILE);
		goto out;
	}
	sha256_of(buf_text(&text), text.len, digest);
	if (memcmp(digest, sum->sha256, SHA256_LEN) != 0) {
		err_set(err, ERR_DAMAGED, 0, INFO_FILE
		    ": SHA-256 is not what " SNAPSHOT_SUMS " says");
		goto out;
	}
	if (info_parse(&s->info, buf_text(&text), text.len, err) == -1)
		goto out;
	/* The signature covers the file, not the folder's name. */
	if (s->info.sequence != s->name.sequence) {
		err_set(err, ERR_DAMAGED, 0, INFO_FILE ": is of snapshot "
		    "%llu; this folder was renamed or copied",
		    (unsigned long long)s->info.sequence);
		goto out;
	}
	ret = join_sums(s, err);
out:
	buf_release(&text);
	return ret;
}

int
snapshot_open_folder(struct snapshot *s, const struct medium *m,
    const struct medium_name *name, struct err *err)
{
	struct snapshot empty = SNAPSHOT_EMPTY;

	*s = empty;
	s->name = *name;
	s->fd = io_open(m->snapshots_fd, name->text, O_RDONLY | O_DIRECTORY,
	    0);
	if (s->fd == -1)
		return err_set(err,
		    io_error() == ENOENT ? ERR_NOT_FOUND : ERR_IO,
		    io_error(), "cannot open");
	return 0;
}

int
snapshot_open(struct snapshot *s, const struct medium *m,
    const struct medium_name *name, struct err *err)
{
	if (snapshot_open_folder(s, m, name, err) == -1 ||
	    snapshot_load_complete(s, err) == -1 ||
	    snapshot_load_sums(s, err) == -1 ||
	    snapshot_check_sums(s, err) == -1 ||
	    snapshot_load_info(s, err) == -1) {
		/* A folder that is there but not whole is damage. */
		if (err->class == ERR_NOT_FOUND && s->fd != -1)
			err->class = ERR_DAMAGED;
		err_context(err, "snapshot %s", name->text);
		snapshot_close(s);
		return -1;
	}
	return 0;
}

void
snapshot_close(struct snapshot *s)
{
	if (s->fd != -1)
		(void)close(s->fd);	/* a directory: nothing to lose */
	s->fd = -1;
	buf_release(&s->sums_text);
	sums_release(&s->sums);
	info_release(&s->info);
}

bool
snapshot_is_complete(const struct medium *m, const struct medium_name *name)
{
	struct complete complete;
	struct err ignored;
	bool is_complete;
	int fd = io_open(m->snapshots_fd, name->text,
	    O_RDONLY | O_DIRECTORY, 0);

	if (fd == -1)
		return false;
	is_complete = read_complete(fd, &complete, &ignored) == 0;
	(void)close(fd);
	return is_complete;
}

static bool
is_named(const struct medium_name *name, const char *which)
{
	uint64_t sequence;

	if (strcmp(name->text, which) == 0)
		return true;
	return num_parse(which, strlen(which), 10, MEDIUM_SEQUENCE_MAX,
	    &sequence) && sequence == name->sequence;
}

static int
find_latest(const struct medium *m, const struct medium_list *list,
    struct medium_name *name, struct buf *skipped, struct err *err)
{
	size_t i;

	for (i = list->count; i > 0; i--) {
		const struct medium_name *at = &list->items[i - 1];

		if (snapshot_is_complete(m, at)) {
			*name = *at;
			return 0;
		}
		if (skipped != NULL)
			buf_printf(skipped, "%s%s",
			    skipped->len > 0 ? ", " : "", at->text);
	}
	return err_set(err, ERR_NOT_FOUND, 0,
	    "%s: no complete snapshot on this medium", m->path);
}

int
snapshot_find(const struct medium *m, const char *which,
    struct medium_name *name, struct buf *skipped, struct err *err)
{
	struct medium_list list = MEDIUM_LIST_EMPTY;
	char safe[ESCAPE_NAME_MAX];
	size_t i, found = 0;
	int ret = -1;

	if (medium_list(m, &list, err) == -1)
		goto out;
	if (strcmp(which, "latest") == 0) {
		ret = find_latest(m, &list, name, skipped, err);
		goto out;
	}
	for (i = 0; i < list.count; i++)
		if (is_named(&list.items[i], which)) {
			*name = list.items[i];
			found++;
		}
	if (found == 1)
		ret = 0;
	else if (found == 0)
		err_set(err, ERR_NOT_FOUND, 0,
		    "no snapshot '%s' on %s; 'snapshot --list --to %s' shows "
		    "what there is", escape_name(which, safe), m->path,
		    m->path);
	else
		err_set(err, ERR_NOT_FOUND, 0,
		    "%zu snapshots have the number %s; give the whole name",
		    found, escape_name(which, safe));
out:
	medium_list_release(&list);
	return ret;
}

enum snapshot_signature
snapshot_signature(const struct snapshot *s, const struct sign_public *key,
    struct err *err)
{
	struct buf sig = BUF_EMPTY;
	uint8_t digest[SHA256_LEN];
	enum snapshot_signature verdict = SIGNATURE_BAD;

	if (io_read_file(s->fd, SNAPSHOT_SIG, SIGN_MAX, &sig, err) == -1) {
		if (err->class == ERR_NOT_FOUND) {
			err_clear(err);
			verdict = SIGNATURE_NONE;
		} else if (key == NULL)
			verdict = SIGNATURE_UNCHECKED;
		else
			(void)err_set(err, ERR_SIGNATURE, 0,
			    SNAPSHOT_SIG ": cannot be read, or too long");
		goto out;
	}
	if (key == NULL) {
		verdict = SIGNATURE_UNCHECKED;
		goto out;
	}
	sha256_of(buf_text(&s->sums_text), s->sums_text.len, digest);
	if (sign_check(key, digest, (const uint8_t *)buf_text(&sig), sig.len,
	    err) == 0)
		verdict = SIGNATURE_GOOD;
	else
		err_context(err, SNAPSHOT_SIG);
out:
	buf_release(&sig);
	return verdict;
}
