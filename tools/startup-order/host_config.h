/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a container's two records say of its health check and of other
 * containers it needs, beyond docker/container.h.
 */
#ifndef STARTUP_ORDER_HOST_CONFIG_H
#define STARTUP_ORDER_HOST_CONFIG_H

struct err;
struct host_container;
struct host_list;

/* Fills the rest of c, whose base is filled; the caller releases it. */
int host_config_read(int containers_fd, struct host_container *c,
    struct err *err);

/* Accepts a list of zeros. */
void host_list_release(struct host_list *list);

#endif
