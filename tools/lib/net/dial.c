/* SPDX-License-Identifier: BSD-2-Clause */
/* From a name to a socket; see dial.h. */
#include "net/dial.h"

#include <stddef.h>

int
dial(const struct dial *to, struct sock *sock, struct err *err)
{
	const struct dns_host host = { to->host, to->port, to->family };
	struct dns_call call = { .system = to->system,
	    .deadline = &sock->deadline };
	struct dns_addrs addrs;

	if (to->unix_path != NULL)
		return sock_connect_unix(sock, to->unix_path, err);
	sock_step(sock, NET_AT_NAME);
	if (dns_resolve(&call, &host, &addrs, err) == -1) {
		sock->cause = call.cause;
		return -1;
	}
	return sock_connect(sock, addrs.items, addrs.count, err);
}
