/* SPDX-License-Identifier: BSD-2-Clause */
/* From a name to a socket; see dial.h. */
#include "net/dial.h"

#include <stddef.h>

int
dial(const struct dial *to, struct sock *sock, struct err *err)
{
	struct dns_addrs addrs;

	if (to->unix_path != NULL)
		return sock_connect_unix(sock, to->unix_path, err);
	sock_step(sock, NET_AT_NAME);
	if (dns_resolve(to->system, to->host, to->port, to->family,
	    &sock->deadline, &addrs, &sock->cause, err) == -1)
		return -1;
	return sock_connect(sock, addrs.items, addrs.count, err);
}
