/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A server that does what a test says: a process of its own on 127.0.0.1 and
 * a port that the kernel chose, one connection after the other.
 *
 *	struct fake_server server;
 *	fake_server_start(&server, say_hello, "hello");
 *	...					connect to server.port
 *	fake_server_stop(&server);
 */
#ifndef DRYDOCK_TESTS_FAKE_SERVER_H
#define DRYDOCK_TESTS_FAKE_SERVER_H

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

typedef void fake_talk_fn(int fd, const void *script);

struct fake_server {
	pid_t pid;
	uint16_t port;
};

/* A socket bound to 127.0.0.1; *port 0: the kernel chooses. */
static inline int
fake_bind(int type, uint16_t *port)
{
	struct sockaddr_in addr = { .sin_family = AF_INET,
	    .sin_port = htons(*port) };
	socklen_t len = sizeof addr;
	int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);

	addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd == -1 || bind(fd, (struct sockaddr *)&addr, len) == -1 ||
	    getsockname(fd, (struct sockaddr *)&addr, &len) == -1) {
		if (fd != -1)
			(void)close(fd);
		return -1;
	}
	*port = ntohs(addr.sin_port);
	return fd;
}

static inline void
fake_send(int fd, const void *data, size_t len)
{
	const char *at = data;

	while (len > 0) {
		ssize_t n = send(fd, at, len, MSG_NOSIGNAL);

		if (n <= 0)
			return;
		at += n;
		len -= (size_t)n;
	}
}

static inline void
fake_says(int fd, const char *text)
{
	fake_send(fd, text, strlen(text));
}

/* Read until text has come; false when they hung up. */
static inline bool
fake_hears(int fd, const char *text)
{
	char data[4096];
	size_t len = 0;

	while (len < sizeof data - 1) {
		ssize_t n = recv(fd, data + len, sizeof data - 1 - len, 0);

		if (n <= 0)
			return false;
		len += (size_t)n;
		if (memmem(data, len, text, strlen(text)) != NULL)
			return true;
	}
	return false;
}

/* Read until they hang up. */
static inline void
fake_drains(int fd)
{
	char data[4096];

	while (recv(fd, data, sizeof data, 0) > 0)
		;
}

static inline bool
fake_server_start(struct fake_server *server, fake_talk_fn *talk,
    const void *script)
{
	int fd;

	server->port = 0;
	fd = fake_bind(SOCK_STREAM, &server->port);
	if (fd == -1 || listen(fd, 16) == -1)
		return false;
	server->pid = fork();
	if (server->pid == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (;;) {
			int one = accept(fd, NULL, NULL);

			if (one == -1)
				_exit(1);
			talk(one, script);
			(void)close(one);
		}
	}
	(void)close(fd);
	return server->pid != -1;
}

static inline void
fake_server_stop(struct fake_server *server)
{
	if (server->pid > 0) {
		(void)kill(server->pid, SIGKILL);
		(void)waitpid(server->pid, NULL, 0);
	}
}

/* A port that nobody listens on, at the time of the call. */
static inline uint16_t
fake_free_port(void)
{
	uint16_t port = 0;
	int fd = fake_bind(SOCK_STREAM, &port);

	if (fd != -1)
		(void)close(fd);
	return port;
}

#endif
