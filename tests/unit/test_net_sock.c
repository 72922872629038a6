/* SPDX-License-Identifier: BSD-2-Clause */
/* net/sock and net/deadline: each way to fail, told apart and in time. */
#include "net/sock.h"
#include "harness.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/err.h"
#include "fake_server.h"
#include "io/io.h"

static union sock_addr
at_port(uint16_t port)
{
	union sock_addr addr = { .ip4 = { .sin_family = AF_INET,
	    .sin_port = htons(port) } };

	addr.ip4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return addr;
}

static void
echo_once(int fd, const void *script)
{
	(void)script;
	if (fake_hears(fd, "\n"))
		fake_says(fd, "hello");
}

static void
say_nothing(int fd, const void *script)
{
	(void)script;
	fake_drains(fd);
}

static void
drip(int fd, const void *script)
{
	(void)script;
	while (send(fd, "x", 1, MSG_NOSIGNAL) == 1)
		(void)usleep(10000);
}

static void
test_talk(void)
{
	struct deadline d = deadline_in(5000, -1);
	struct fake_server server;
	union sock_addr addrs[2];
	char data[8] = "";
	struct sock sock;
	struct err err;

	if (!ok(fake_server_start(&server, echo_once, NULL), "a server"))
		return;
	addrs[0] = at_port(fake_free_port());
	addrs[1] = at_port(server.port);
	sock_init(&sock, &d);
	ok(sock_connect(&sock, addrs, 2, &err) == 0,
	    "the second address is tried when the first refuses");
	ok(sock_write(&sock, "a\n", 2, &err) == 0, "write");
	ok(sock_read_all(&sock, data, 5, &err) == 0 &&
	    memcmp(data, "hello", 5) == 0, "read");
	ok(sock_read_all(&sock, data, 1, &err) == -1 &&
	    sock.cause == NET_CLOSED, "then they hang up");
	sock_close(&sock);
	fake_server_stop(&server);
}

static void
test_refused(void)
{
	struct deadline d = deadline_in(5000, -1);
	union sock_addr addr = at_port(fake_free_port());
	struct sock sock;
	struct err err;

	sock_init(&sock, &d);
	ok(sock_connect(&sock, &addr, 1, &err) == -1 &&
	    sock.cause == NET_REFUSED && sock.step == NET_AT_CONNECT,
	    "nobody listens");
	ok(strstr(err.text, "127.0.0.1:") != NULL, "the address is named");
	sock_close(&sock);
}

/* Until it fails; how long that took. */
static uint64_t
read_until_failure(fake_talk_fn *talk, struct sock *sock, int stop_fd,
    struct err *err)
{
	struct deadline d = deadline_in(300, stop_fd);
	struct fake_server server;
	union sock_addr addr;
	uint64_t since = io_ticks_ms();
	char data[64];
	size_t got = 1;

	if (!ok(fake_server_start(&server, talk, NULL), "a server"))
		return UINT64_MAX;
	addr = at_port(server.port);
	sock_init(sock, &d);
	ok(sock_connect(sock, &addr, 1, err) == (stop_fd == -1 ? 0 : -1),
	    "connects, unless told to stop");
	while (got > 0 && sock->fd != -1 &&
	    sock_read(sock, data, sizeof data, &got, err) == 0)
		;
	sock_close(sock);
	fake_server_stop(&server);
	return io_ticks_ms() - since;
}

static void
test_deadline(void)
{
	struct sock sock;
	struct err err;
	uint64_t took = read_until_failure(say_nothing, &sock, -1, &err);

	ok(sock.cause == NET_TIMED_OUT, "a server that says nothing");
	ok(took >= 300 && took < 3000, "ends in time (%u ms)", (unsigned)took);
	took = read_until_failure(drip, &sock, -1, &err);
	ok(sock.cause == NET_TIMED_OUT, "one that sends a byte now and then");
	ok(took >= 300 && took < 3000, "ends in time (%u ms)", (unsigned)took);
}

static void
test_stop(void)
{
	struct sock sock;
	struct err err;
	int fds[2];

	if (!ok(pipe(fds) == 0 && write(fds[1], "x", 1) == 1, "a pipe"))
		return;
	(void)read_until_failure(drip, &sock, fds[0], &err);
	ok(sock.cause == NET_STOPPED && err.class == ERR_INTERRUPTED,
	    "it stops when told to");
	(void)close(fds[0]);
	(void)close(fds[1]);
}

static int
connect_to(const char *path, struct sock *sock, struct err *err)
{
	struct deadline d = deadline_in(200, -1);
	int got;

	sock_init(sock, &d);
	got = sock_connect_unix(sock, path, err);
	sock_close(sock);
	return got;
}

static void
test_unix(void)
{
	char dir[] = "/tmp/drydock-sock-XXXXXX", path[64], longer[200];
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	struct sock sock;
	struct err err;
	int fd;

	if (!ok(mkdtemp(dir) != NULL, "a folder"))
		return;
	(void)snprintf(path, sizeof path, "%s/s", dir);
	ok(connect_to(path, &sock, &err) == -1 && sock.cause == NET_NO_SOCKET,
	    "nothing there");
	ok(connect_to(dir, &sock, &err) == -1 &&
	    sock.cause == NET_NO_SOCKET_FILE &&
	    strstr(err.text, "a directory") != NULL, "a directory");
	memset(longer, 'a', sizeof longer - 1);
	longer[sizeof longer - 1] = '\0';
	ok(connect_to(longer, &sock, &err) == -1 && sock.cause == NET_BROKEN,
	    "too long a path");

	(void)snprintf(addr.sun_path, sizeof addr.sun_path, "%s", path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	ok(bind(fd, (struct sockaddr *)&addr, sizeof addr) == 0 &&
	    listen(fd, 0) == 0, "a socket");
	ok(connect_to(path, &sock, &err) == 0, "it takes the call");
	/* Nobody accepts: the queue is full at some point. */
	for (int i = 0; i < 3; i++)
		(void)connect_to(path, &sock, &err);
	(void)close(fd);
	ok(connect_to(path, &sock, &err) == -1 && sock.cause == NET_REFUSED,
	    "a socket whose owner died");
	(void)unlink(path);
	(void)rmdir(dir);
}

/* Each is of the kind that the kernel reports so. */
static void
test_causes(void)
{
	ok(sock_cause_of(ENETUNREACH) == NET_UNREACHABLE &&
	    sock_cause_of(EHOSTUNREACH) == NET_UNREACHABLE &&
	    sock_cause_of(ECONNRESET) == NET_CLOSED &&
	    sock_cause_of(EACCES) == NET_DENIED &&
	    sock_cause_of(EMFILE) == NET_BROKEN, "causes of errno");
}

static void
test_pause(void)
{
	struct deadline d = deadline_in(5000, -1), past = deadline_in(0, -1);
	uint64_t since = io_ticks_ms();

	ok(deadline_pause(&d, 30) == 0 && io_ticks_ms() - since >= 30,
	    "a pause");
	ok(deadline_pause(&past, 30) == -1 && errno == ETIMEDOUT,
	    "none past the deadline");
	d = deadline_in(UINT64_MAX, -1);
	ok(deadline_left_ms(&d) > UINT64_MAX / 2, "for ever");
	d = deadline_sooner(&past, 1000);
	is_u64(deadline_left_ms(&d), 0, "the sooner of two");
}

int
main(void)
{
	test_talk();
	test_refused();
	test_deadline();
	test_stop();
	test_unix();
	test_causes();
	test_pause();
	return done();
}
