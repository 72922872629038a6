/* SPDX-License-Identifier: BSD-2-Clause */
/* Runs, remembered in the catalogue. */
#ifndef PROBE_REMEMBER_H
#define PROBE_REMEMBER_H

struct cli;
struct report;

/*
 * path: --catalog, which is made where missing; NULL: the usual one, if there
 * is one.  What cannot be recorded is said, and nothing else comes of it.
 */
void remember_run(struct cli *cli, const char *path, const struct report *r);

#endif
