/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Ping.  A datagram socket first, which needs no privilege where
 * net.ipv4.ping_group_range has us in it; then a raw one.
 */
#ifndef NET_ICMP_H
#define NET_ICMP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/cause.h"
#include "net/deadline.h"
#include "net/sock.h"

struct err;

#define ICMP_COOKIE_LEN 16	/* random bytes that come back in an echo */
#define ICMP_ECHO_LEN (8 + ICMP_COOKIE_LEN)

/* What is sent, and what comes back must match. */
struct icmp_echo {
	bool is_ip6;
	bool is_raw;		/* the id is ours; IPv4: with an IP header */
	uint16_t id;
	uint16_t seq;
	uint8_t cookie[ICMP_COOKIE_LEN];
};

struct icmp_answer {
	uint64_t took_ms;	/* from the last that was sent */
	unsigned sent;
	bool is_raw;
};

void icmp_echo_format(const struct icmp_echo *echo,
    uint8_t out[ICMP_ECHO_LEN]);

/* Whether those bytes are the reply to it; pure. */
bool icmp_is_reply(const struct icmp_echo *echo, const uint8_t *data,
    size_t len);

/*
 * Up to a ping a second until the first answer.  -1 with *cause: NET_DENIED
 * when no kind of socket is to be had, NET_TIMED_OUT, NET_UNREACHABLE ...
 */
int icmp_ping(const union sock_addr *addr, const struct deadline *deadline,
    struct icmp_answer *answer, enum net_cause *cause, struct err *err);

#endif
