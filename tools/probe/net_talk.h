/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What checks of the network begin and end with: a socket to the target, and
 * TLS over it.
 */
#ifndef PROBE_NET_TALK_H
#define PROBE_NET_TALK_H

#include <stdbool.h>

#include "net/deadline.h"

struct check;
struct err;
struct outcome;
struct probe_context;
struct sock;
struct tls;

/* When the check is to be back. */
struct deadline net_deadline(const struct probe_context *context);

/* What is said once somebody has taken the call. */
typedef void net_talk_fn(const struct check *check,
    const struct probe_context *context, struct sock *sock, bool is_unix,
    struct outcome *o);

/*
 * Connect to unix_path, or (NULL) to the URL's host and port, or to the host
 * of the key "connect" in its place; then talk.  Why that failed, and how
 * long each step took, is put into o.
 */
void net_talk(const struct check *check,
    const struct probe_context *context, const char *unix_path,
    net_talk_fn *talk, struct outcome *o);

/* Certificates are only looked at with "tls: true": ERR_USAGE. */
int net_tls_accept(const struct check *check, struct err *err);

/*
 * Shake hands, and judge the certificates for host.  NULL, with the reason in
 * o, when there is no TLS.  The caller ends it with net_tls_end().
 */
struct tls *net_tls_open(const struct check *check,
    const struct probe_context *context, struct sock *sock, const char *host,
    struct outcome *o);
/* Accepts NULL. */
void net_tls_end(struct tls *tls);

#endif
