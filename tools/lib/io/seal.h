/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * No network, by construction: a seccomp filter (Linux seccomp(2)) that lets
 * socket() through for AF_UNIX only, and PR_SET_NO_NEW_PRIVS.  snapshot,
 * verify and restore-volume call it first.
 */
#ifndef IO_SEAL_H
#define IO_SEAL_H

#include <stdbool.h>

/*
 * PR_SET_NO_NEW_PRIVS alone, for the tool that is made to use the network.
 */
bool seal_privileges(void);

/* False where the kernel has no seccomp; the caller may say so. */
bool seal_network(void);

#endif
