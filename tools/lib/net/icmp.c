/* SPDX-License-Identifier: BSD-2-Clause */
/* Echo requests (RFC 792, RFC 4443); see icmp.h. */
#include "net/icmp.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/err.h"
#include "io/io.h"

#define ECHO_REQUEST 8
#define ECHO_REPLY 0
#define ECHO_REQUEST_6 128
#define ECHO_REPLY_6 129
#define PERIOD_MS 1000		/* between two pings */
#define PACKET_MAX 1500
#define STRAYS_MAX 1000		/* other packets that a raw socket hears */

static uint16_t
checksum(const uint8_t *data, size_t len)
{
	uint32_t sum = 0;

	for (size_t i = 0; i + 1 < len; i += 2)
		sum += get_be16(data + i);
	while (sum > 0xffff)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

static void
put16(uint8_t *p, uint16_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

void
icmp_echo_format(const struct icmp_echo *echo, uint8_t out[ICMP_ECHO_LEN])
{
	memset(out, 0, ICMP_ECHO_LEN);
	out[0] = echo->is_ip6 ? ECHO_REQUEST_6 : ECHO_REQUEST;
	put16(out + 4, echo->id);
	put16(out + 6, echo->seq);
	memcpy(out + 8, echo->cookie, ICMP_COOKIE_LEN);
	/* That of IPv6 covers addresses, which the kernel knows. */
	if (!echo->is_ip6)
		put16(out + 2, checksum(out, ICMP_ECHO_LEN));
}

bool
icmp_is_reply(const struct icmp_echo *echo, const uint8_t *data, size_t len)
{
	if (echo->is_raw && !echo->is_ip6) {
		size_t head = len > 0 ? (data[0] & 0xfU) * 4U : 0;

		if (head < 20 || head > len)
			return false;
		data += head;
		len -= head;
	}
	if (len != ICMP_ECHO_LEN || data[1] != 0 ||
	    data[0] != (echo->is_ip6 ? ECHO_REPLY_6 : ECHO_REPLY))
		return false;
	/* The kernel puts an id of its own into those of datagram sockets. */
	if (echo->is_raw && get_be16(data + 4) != echo->id)
		return false;
	return memcmp(data + 8, echo->cookie, ICMP_COOKIE_LEN) == 0;
}

/* -1 with errno. */
static int
open_socket(const union sock_addr *addr, bool *is_raw)
{
	static const int on = 1;
	bool is_ip6 = addr->any.sa_family == AF_INET6;
	int protocol = is_ip6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP;
	int fd = socket(addr->any.sa_family,
	    SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, protocol);

	*is_raw = false;
	if (fd == -1) {
		*is_raw = true;
		fd = socket(addr->any.sa_family,
		    SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, protocol);
	}
	/* So that "unreachable" is an error of recv(), where that works. */
	if (fd != -1)
		(void)setsockopt(fd, is_ip6 ? IPPROTO_IPV6 : IPPROTO_IP,
		    is_ip6 ? IPV6_RECVERR : IP_RECVERR, &on, sizeof on);
	return fd;
}

/* 0: the answer came; -1 with errno. */
static int
wait_reply(int fd, const struct icmp_echo *echo, const struct deadline *d)
{
	uint8_t data[PACKET_MAX];

	for (int i = 0; i < STRAYS_MAX; i++) {
		ssize_t n;

		if (deadline_wait(d, fd, POLLIN) == -1)
			return -1;
		n = recv(fd, data, sizeof data, 0);
		if (n == -1 && errno != EAGAIN && errno != EINTR)
			return -1;
		if (n > 0 && icmp_is_reply(echo, data, (size_t)n))
			return 0;
	}
	errno = ETIMEDOUT;
	return -1;
}

/* 0, or -1 with errno. */
static int
ping_until(int fd, struct icmp_echo *echo, const struct deadline *deadline,
    struct icmp_answer *answer)
{
	uint8_t packet[ICMP_ECHO_LEN];

	for (;;) {
		struct deadline turn = deadline_sooner(deadline, PERIOD_MS);
		uint64_t since = io_ticks_ms();

		echo->seq++;
		icmp_echo_format(echo, packet);
		if (send(fd, packet, sizeof packet, MSG_NOSIGNAL) == -1)
			return -1;
		answer->sent++;
		if (wait_reply(fd, echo, &turn) == 0) {
			answer->took_ms = io_ticks_ms() - since;
			return 0;
		}
		if (errno != ETIMEDOUT)
			return -1;
		if (deadline_left_ms(deadline) == 0) {
			errno = ETIMEDOUT;
			return -1;
		}
	}
}

int
icmp_ping(const union sock_addr *addr, const struct deadline *deadline,
    struct icmp_answer *answer, enum net_cause *cause, struct err *err)
{
	struct icmp_echo echo = {
		.is_ip6 = addr->any.sa_family == AF_INET6 };
	struct icmp_answer got = { .sent = 0 };
	char peer[SOCK_PEER_MAX];
	int fd, sys, ret = -1;

	*cause = NET_BROKEN;
	if (io_random(echo.cookie, sizeof echo.cookie, err) == -1 ||
	    io_random(&echo.id, sizeof echo.id, err) == -1)
		return -1;
	fd = open_socket(addr, &echo.is_raw);
	if (fd == -1) {
		*cause = sock_cause_of(errno);
		return err_set(err, ERR_IO, errno, "no socket for pings");
	}
	got.is_raw = echo.is_raw;
	if (connect(fd, &addr->any, sock_addr_len(addr)) == 0)
		ret = ping_until(fd, &echo, deadline, &got);
	sys = errno;
	(void)close(fd);	/* nothing more is expected */
	if (ret == 0) {
		*answer = got;
		*cause = NET_OK;
		return 0;
	}
	*cause = sock_cause_of(sys);
	return err_set(err, *cause == NET_STOPPED ? ERR_INTERRUPTED : ERR_IO,
	    *cause == NET_STOPPED || *cause == NET_TIMED_OUT ? 0 : sys,
	    "%u pings to %s", got.sent, sock_addr_text(addr, peer));
}
