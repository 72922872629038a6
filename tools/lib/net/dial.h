/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From a name to a connected socket: look it up, connect, with the steps and
 * the cause of a failure kept in the socket.
 */
#ifndef NET_DIAL_H
#define NET_DIAL_H

#include <stdint.h>

#include "net/dns.h"
#include "net/sock.h"

struct err;

struct dial {
	const struct dns_system *system;
	const char *unix_path;	/* NULL: host and port count */
	const char *host;	/* name or address */
	uint16_t port;
	enum dns_family family;
};

/* sock was initialised; sock_close() is the caller's, on failure too. */
int dial(const struct dial *to, struct sock *sock, struct err *err);

#endif
