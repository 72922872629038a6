/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Why a conversation failed, and at which step: what a person needs to know
 * apart.  struct err has the text; this is for whoever draws conclusions.
 */
#ifndef NET_CAUSE_H
#define NET_CAUSE_H

enum net_cause {
	NET_OK,
	NET_NO_NAME,		/* the name does not exist */
	NET_NO_ADDRESS,		/* it exists, but has no address */
	NET_NAME_FAILED,	/* the name servers answer that they cannot */
	NET_NAME_SILENT,	/* no name server answers */
	NET_NAME_NOBODY,	/* no name server is configured */
	NET_REFUSED,		/* the machine is up, nobody listens */
	NET_TIMED_OUT,
	NET_UNREACHABLE,	/* no way to that machine or network */
	NET_CLOSED,		/* they hung up */
	NET_NO_SOCKET,		/* unix: there is no such file */
	NET_NO_SOCKET_FILE,	/* unix: it is a directory, or a plain file */
	NET_DENIED,		/* we may not */
	NET_GARBLED,		/* the answer is not of this protocol */
	NET_TOO_MUCH,		/* the answer is longer than a limit */
	NET_STOPPED,		/* we were told to stop */
	NET_BROKEN		/* anything else: see the text */
};

enum net_step {
	NET_AT_NAME,		/* looking the name up */
	NET_AT_CONNECT,
	NET_AT_TLS,
	NET_AT_ASK,		/* sending */
	NET_AT_ANSWER,		/* waiting for the answer, and reading it */
	NET_STEPS
};

/* "name", "connect", "tls", "ask", "answer". */
const char *net_step_name(enum net_step step);

#endif
