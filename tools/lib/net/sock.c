/* SPDX-License-Identifier: BSD-2-Clause */
/* Stream sockets under a deadline; see sock.h. */
#include "net/sock.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/escape.h"
#include "io/io.h"

/* Before a full accept queue is tried again. */
#define QUEUE_PAUSE_MS 20

const char *
net_step_name(enum net_step step)
{
	static const char *const names[NET_STEPS] = {
		"name", "connect", "tls", "ask", "answer",
	};

	return names[step];
}

/* ---------------------------------------------------------------- failures */

enum net_cause
sock_cause_of(int sys)
{
	switch (sys) {
	case ECONNREFUSED:
		return NET_REFUSED;
	case ETIMEDOUT:
		return NET_TIMED_OUT;
	case ENETUNREACH: case EHOSTUNREACH: case ENETDOWN: case EHOSTDOWN:
	case EADDRNOTAVAIL: case EAFNOSUPPORT:
		return NET_UNREACHABLE;
	case ECONNRESET: case EPIPE: case ECONNABORTED:
		return NET_CLOSED;
	case ENOENT: case ENOTDIR:
		return NET_NO_SOCKET;
	case EACCES: case EPERM:
		return NET_DENIED;
	case ECANCELED:
		return NET_STOPPED;
	default:
		return NET_BROKEN;
	}
}

static enum err_class
class_of(enum net_cause cause)
{
	switch (cause) {
	case NET_NO_NAME: case NET_NO_ADDRESS: case NET_NO_SOCKET:
		return ERR_NOT_FOUND;
	case NET_GARBLED:
		return ERR_DAMAGED;
	case NET_TOO_MUCH:
		return ERR_LIMIT;
	case NET_STOPPED:
		return ERR_INTERRUPTED;
	default:
		return ERR_IO;
	}
}

int
sock_fail(struct sock *sock, enum net_cause cause, int sys, struct err *err,
    const char *fmt, ...)
{
	char text[ERR_TEXT_MAX];
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(text, sizeof text, fmt, args);
	va_end(args);
	sock->cause = cause;
	/* ERR_INTERRUPTED carries a signal, not an errno. */
	return err_set(err, class_of(cause), cause == NET_STOPPED ? 0 : sys,
	    "%s", cause == NET_STOPPED ? "told to stop" : text);
}

/* -------------------------------------------------------------- addresses */

const char *
sock_addr_text(const union sock_addr *addr, char out[SOCK_PEER_MAX])
{
	char ip[INET6_ADDRSTRLEN] = "?";

	if (addr->any.sa_family == AF_INET) {
		(void)inet_ntop(AF_INET, &addr->ip4.sin_addr, ip, sizeof ip);
		(void)snprintf(out, SOCK_PEER_MAX, "%s:%u", ip,
		    ntohs(addr->ip4.sin_port));
	} else if (addr->any.sa_family == AF_INET6) {
		(void)inet_ntop(AF_INET6, &addr->ip6.sin6_addr, ip, sizeof ip);
		(void)snprintf(out, SOCK_PEER_MAX, "[%s]:%u", ip,
		    ntohs(addr->ip6.sin6_port));
	} else {
		char shown[ESCAPE_NAME_MAX];

		(void)snprintf(out, SOCK_PEER_MAX, "%.*s", SOCK_PEER_MAX - 1,
		    escape_name(addr->local.sun_path, shown));
	}
	return out;
}

const char *
sock_ip_text(const union sock_addr *addr, char out[SOCK_PEER_MAX])
{
	const void *ip = addr->any.sa_family == AF_INET6 ?
	    (const void *)&addr->ip6.sin6_addr :
	    (const void *)&addr->ip4.sin_addr;

	if (inet_ntop(addr->any.sa_family, ip, out, SOCK_PEER_MAX) == NULL)
		memcpy(out, "?", 2);
	return out;
}

socklen_t
sock_addr_len(const union sock_addr *addr)
{
	switch (addr->any.sa_family) {
	case AF_INET:
		return sizeof addr->ip4;
	case AF_INET6:
		return sizeof addr->ip6;
	default:
		return sizeof addr->local;
	}
}

/* ---------------------------------------------------------------- connect */

void
sock_init(struct sock *sock, const struct deadline *deadline)
{
	memset(sock, 0, sizeof *sock);
	sock->fd = -1;
	sock->deadline = *deadline;
	sock->whole = *deadline;
	sock->step_since_ms = io_ticks_ms();
}

void
sock_step(struct sock *sock, enum net_step step)
{
	uint64_t now = io_ticks_ms();

	sock->step_ms[sock->step] += now - sock->step_since_ms;
	sock->step_since_ms = now;
	sock->step = step;
	sock->deadline = sock->limit_ms[step] == 0 ? sock->whole :
	    deadline_sooner(&sock->whole, sock->limit_ms[step]);
}

/* -1 with errno. */
static int
finish_connect(int fd, const struct deadline *d)
{
	int sys = 0;
	socklen_t len = sizeof sys;

	if (deadline_wait(d, fd, POLLOUT) == -1 ||
	    getsockopt(fd, SOL_SOCKET, SO_ERROR, &sys, &len) == -1)
		return -1;
	errno = sys;
	return sys == 0 ? 0 : -1;
}

/* A descriptor, or -1 with errno. */
static int
try_connect(const union sock_addr *addr, const struct deadline *d)
{
	int fd = socket(addr->any.sa_family,
	    SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int sys;

	if (fd == -1)
		return -1;
	for (;;) {
		if (connect(fd, &addr->any, sock_addr_len(addr)) == 0)
			return fd;
		if (errno == EINPROGRESS || errno == EINTR) {
			if (finish_connect(fd, d) == 0)
				return fd;
			break;
		}
		/* The queue of a unix socket is full; poll() cannot tell. */
		if (errno != EAGAIN || deadline_pause(d, QUEUE_PAUSE_MS) == -1)
			break;
	}
	sys = errno;
	(void)close(fd);	/* nothing was sent */
	errno = sys;
	return -1;
}

/* How much a failure tells: refused more than lost, lost more than no way. */
static int
weight(int sys)
{
	switch (sock_cause_of(sys)) {
	case NET_STOPPED:
		return 4;
	case NET_REFUSED:
		return 3;
	case NET_UNREACHABLE:
		return 1;
	default:
		return 2;
	}
}

int
sock_connect(struct sock *sock, const union sock_addr *addrs, size_t count,
    struct err *err)
{
	char tried[48] = "";
	int worst = 0, sys;

	sock_step(sock, NET_AT_CONNECT);
	for (size_t i = 0; i < count; i++) {
		struct deadline share = deadline_sooner(&sock->deadline,
		    deadline_left_ms(&sock->deadline) / (count - i));

		sock->fd = try_connect(&addrs[i], &share);
		sys = sock->fd == -1 ? errno : 0;
		if (sys == 0 || worst == 0 || weight(sys) > weight(worst)) {
			(void)sock_addr_text(&addrs[i], sock->peer);
			worst = sys;
		}
		if (sys == 0)
			return 0;
		if (sys == ECANCELED)
			break;
	}
	if (count > 1)
		(void)snprintf(tried, sizeof tried, " (%zu addresses tried)",
		    count);
	return sock_fail(sock, sock_cause_of(worst), worst, err,
	    "cannot connect to %s%s", sock->peer, tried);
}

int
sock_connect_unix(struct sock *sock, const char *path, struct err *err)
{
	union sock_addr addr = { .local = { .sun_family = AF_UNIX } };
	struct stat st;
	int sys;

	sock_step(sock, NET_AT_CONNECT);
	if (strlen(path) >= sizeof addr.local.sun_path)
		return sock_fail(sock, NET_BROKEN, 0, err,
		    "a socket's path has at most %zu bytes",
		    sizeof addr.local.sun_path - 1);
	memcpy(addr.local.sun_path, path, strlen(path) + 1);
	(void)sock_addr_text(&addr, sock->peer);
	sock->fd = try_connect(&addr, &sock->deadline);
	if (sock->fd != -1)
		return 0;
	sys = errno;
	/* What is no socket is "refused", too. */
	if (sys == ECONNREFUSED && stat(path, &st) == 0 &&
	    !S_ISSOCK(st.st_mode))
		return sock_fail(sock, NET_NO_SOCKET_FILE, 0, err,
		    "%s is %s, not a socket", sock->peer,
		    S_ISDIR(st.st_mode) ? "a directory" : "a file");
	return sock_fail(sock, sock_cause_of(sys), sys, err,
	    "cannot connect to %s", sock->peer);
}

void
sock_close(struct sock *sock)
{
	if (sock->fd != -1)
		(void)close(sock->fd);	/* what counts was read */
	sock->fd = -1;
}

/* --------------------------------------------------------------- transfer */

/* 0: try again; -1: it failed. */
static int
wait_ready(struct sock *sock, short events, int sys, struct err *err)
{
	if (sys == EINTR)
		return 0;
	if (sys == EAGAIN) {
		if (deadline_wait(&sock->deadline, sock->fd, events) == 0)
			return 0;
		sys = errno;
	}
	if (sys == ETIMEDOUT)
		return sock_fail(sock, NET_TIMED_OUT, 0, err, "%s",
		    events == POLLOUT ? "it takes no more of what we send" :
		    "no answer within the time limit");
	return sock_fail(sock, sock_cause_of(sys), sys, err, "%s",
	    events == POLLOUT ? "cannot send" : "cannot receive");
}

int
sock_write_wire(struct sock *sock, const void *data, size_t len,
    struct err *err)
{
	const char *at = data;

	while (len > 0) {
		ssize_t n = send(sock->fd, at, len, MSG_NOSIGNAL);

		if (n >= 0) {
			at += n;
			len -= (size_t)n;
		} else if (wait_ready(sock, POLLOUT, errno, err) == -1) {
			return -1;
		}
	}
	return 0;
}

int
sock_read_wire(struct sock *sock, void *data, size_t len, size_t *got,
    struct err *err)
{
	for (;;) {
		ssize_t n;

		/* Before each read: some never stop sending. */
		if (wait_ready(sock, POLLIN, EAGAIN, err) == -1)
			return -1;
		n = recv(sock->fd, data, len, 0);
		if (n >= 0) {
			*got = (size_t)n;
			return 0;
		}
		if (wait_ready(sock, POLLIN, errno, err) == -1)
			return -1;
	}
}

int
sock_write(struct sock *sock, const void *data, size_t len, struct err *err)
{
	return sock->cover.ctx != NULL ?
	    sock->cover.write(sock->cover.ctx, data, len, err) :
	    sock_write_wire(sock, data, len, err);
}

int
sock_read(struct sock *sock, void *data, size_t len, size_t *got,
    struct err *err)
{
	return sock->cover.ctx != NULL ?
	    sock->cover.read(sock->cover.ctx, data, len, got, err) :
	    sock_read_wire(sock, data, len, got, err);
}

int
sock_read_all(struct sock *sock, void *data, size_t len, struct err *err)
{
	char *at = data;

	while (len > 0) {
		size_t got;

		if (sock_read(sock, at, len, &got, err) == -1)
			return -1;
		if (got == 0)
			return sock_fail(sock, NET_CLOSED, 0, err,
			    "it hung up in the middle of its answer");
		at += got;
		len -= got;
	}
	return 0;
}
