/* SPDX-License-Identifier: BSD-2-Clause */
/* A new signing key: FILE (private, 0600) and FILE.pub. */
#ifndef SNAPSHOT_NEW_KEY_H
#define SNAPSHOT_NEW_KEY_H

#include "manifest/sign.h"

struct err;

/* A file that exists is never written over (ERR_IO). */
int new_key(const char *path, char fingerprint[SIGN_FINGERPRINT_MAX],
    struct err *err);

#endif
