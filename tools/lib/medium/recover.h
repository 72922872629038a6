/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * RECOVER.txt: how a person with tar, zstd and sha256sum alone gets the data
 * back, on every medium, because the day it is needed nothing else may be
 * there.
 */
#ifndef MEDIUM_RECOVER_H
#define MEDIUM_RECOVER_H

struct err;

int recover_write(int dir_fd, struct err *err);

#endif
