/* SPDX-License-Identifier: BSD-2-Clause */
/* --needs: what a project needs on this host, and what of it is there. */
#ifndef STARTUP_ORDER_NEEDS_H
#define STARTUP_ORDER_NEEDS_H

struct cli;
struct compose_project;
struct err;
struct host;

/*
 * From a loaded project, or from a host's records (the other is NULL; name:
 * which project of the host).  Volumes and images are looked up in the
 * data-root, where there is one.  Prints; something missing that is required
 * counts as EXIT_PREFLIGHT, something else as a warning.
 */
int needs_report(struct cli *cli, const struct compose_project *project,
    const struct host *host, const char *name, const char *data_root,
    struct err *err);

#endif
