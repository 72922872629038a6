/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A host as a plan, from its data-root: every volume, and every container on
 * record.  Containers are asked of the engine while one answers; else their
 * records are looked at, which needs none.
 */
#ifndef PROBE_HOST_PLAN_H
#define PROBE_HOST_PLAN_H

struct err;
struct plan;
struct site;

/*
 * What is optional, so that it only warns: volumes that no container mounts,
 * and containers that nothing restarts.  Anonymous volumes are left out.
 * Errors as site_volumes(); without any volume and container the plan still
 * has the engine.
 */
int host_plan(struct plan *plan, struct site *site, struct err *err);

#endif
