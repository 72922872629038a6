/* SPDX-License-Identifier: BSD-2-Clause */
/* Reading past the page cache; see direct.h. */
#include "medium/direct.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "io/io.h"
#include "medium/patient.h"

int
direct_open(struct direct_file *f, int dir_fd, const char *name,
    struct err *err)
{
	int sys;
	struct stat st;

	f->fd = io_open(dir_fd, name, O_RDONLY | O_NONBLOCK | O_DIRECT, 0);
	f->is_direct = f->fd != -1;
	if (f->fd == -1 && io_error() == EINVAL)
		f->fd = io_open(dir_fd, name, O_RDONLY | O_NONBLOCK, 0);
	if (f->fd == -1) {
		sys = io_error();
		return err_set(err, sys == ENOENT ? ERR_NOT_FOUND : ERR_IO,
		    sys, "cannot open");
	}
	if (fstat(f->fd, &st) == -1 || !S_ISREG(st.st_mode)) {
		direct_close(f);
		return err_set(err, ERR_DAMAGED, 0, "not a regular file");
	}
	f->size = (uint64_t)st.st_size;
	if (!f->is_direct)
		(void)posix_fadvise(f->fd, 0, 0, POSIX_FADV_DONTNEED);
	return 0;
}

void
direct_close(struct direct_file *f)
{
	if (f->fd != -1)
		(void)close(f->fd);	/* read-only: nothing to lose */
	f->fd = -1;
}

ssize_t
direct_pread(void *file, void *data, size_t len, uint64_t offset)
{
	struct direct_file *f = file;
	ssize_t n = pread(f->fd, data, len, (off_t)offset);
	int flags;

	/* Some file systems accept the flag, not the read. */
	if (n == -1 && errno == EINVAL && f->is_direct &&
	    len % PATIENT_ALIGN == 0) {
		f->is_direct = false;
		flags = fcntl(f->fd, F_GETFL);
		if (flags == -1 ||
		    fcntl(f->fd, F_SETFL, flags & ~O_DIRECT) == -1)
			return -1;
		n = pread(f->fd, data, len, (off_t)offset);
	}
	return n;
}
