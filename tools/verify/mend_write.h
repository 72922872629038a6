/* SPDX-License-Identifier: BSD-2-Clause */
/* One file made whole on its medium; for mend.c, whose header says how. */
#ifndef VERIFY_MEND_WRITE_H
#define VERIFY_MEND_WRITE_H

#include "weave.h"

struct err;

/*
 * dir_fd: the file's folder.  own: the file as it is, the first copy of the
 * weave; NULL when it is missing.  0: it was flushed, read back past the
 * cache, and has the right SHA-256.  ERR_DAMAGED when it has not.
 */
int mend_write(int dir_fd, const char *name, const struct patient *own,
    struct weave *w, const struct watch *watch, struct err *err);

#endif
