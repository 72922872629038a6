/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A stream socket under a deadline, blocking for its caller.
 *
 *	sock_init(&sock, &deadline);
 *	if (sock_connect(&sock, addrs, count, err) == -1 ||
 *	    sock_write(&sock, "PING\r\n", 6, err) == -1 ||
 *	    sock_read(&sock, data, sizeof data, &got, err) == -1)
 *		...			sock.step and sock.cause say why
 *	sock_close(&sock);
 *
 * Every failure sets cause; step is where the conversation stood.  No state
 * but in the struct: as many threads as one likes, a socket each.
 */
#ifndef NET_SOCK_H
#define NET_SOCK_H

#include <netinet/in.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/un.h>

#include "net/cause.h"
#include "net/deadline.h"

struct err;

#define SOCK_PEER_MAX 128	/* with its NUL */

union sock_addr {
	struct sockaddr any;
	struct sockaddr_in ip4;
	struct sockaddr_in6 ip6;
	struct sockaddr_un local;
};

/* What lies over the wire, such as TLS; both as sock_read and sock_write. */
struct sock_cover {
	void *ctx;
	int (*read)(void *ctx, void *data, size_t len, size_t *got,
	    struct err *err);
	int (*write)(void *ctx, const void *data, size_t len,
	    struct err *err);
};

struct sock {
	int fd;				/* -1: not connected */
	struct deadline deadline;	/* of the step at work */
	/* What one step may take at most; 0: until the deadline. */
	uint64_t limit_ms[NET_STEPS];
	enum net_step step;
	enum net_cause cause;
	char peer[SOCK_PEER_MAX];	/* "10.0.0.1:80", a path; escaped */
	uint64_t step_ms[NET_STEPS];	/* what each step took */
	struct sock_cover cover;	/* ctx NULL: none */
	uint64_t step_since_ms;		/* private from here */
	struct deadline whole;
};

void sock_init(struct sock *sock, const struct deadline *deadline);

/*
 * Begin a step, under its limit: the time until now belongs to the last one.
 */
void sock_step(struct sock *sock, enum net_step step);

/*
 * Connect to the first address that takes the call; the time that is left is
 * shared among those not yet tried, so that one that swallows packets does
 * not use up all of it.  Of several failures, the one that says most is kept.
 */
int sock_connect(struct sock *sock, const union sock_addr *addrs,
    size_t count, struct err *err);

int sock_connect_unix(struct sock *sock, const char *path, struct err *err);

/* All of it. */
int sock_write(struct sock *sock, const void *data, size_t len,
    struct err *err);

/* At least a byte; *got is 0 when they hung up. */
int sock_read(struct sock *sock, void *data, size_t len, size_t *got,
    struct err *err);

/* Exactly len bytes; NET_CLOSED when fewer came. */
int sock_read_all(struct sock *sock, void *data, size_t len,
    struct err *err);

/* The same, under the cover. */
int sock_write_wire(struct sock *sock, const void *data, size_t len,
    struct err *err);
int sock_read_wire(struct sock *sock, void *data, size_t len, size_t *got,
    struct err *err);

/* Hang up; usable again after sock_init(). */
void sock_close(struct sock *sock);

/*
 * Set the cause and err, whose class follows from the cause.  sys: errno or
 * 0.  Always -1.
 */
int sock_fail(struct sock *sock, enum net_cause cause, int sys,
    struct err *err, const char *fmt, ...)
    __attribute__((format(printf, 5, 6)));

/* The cause that an errno of a socket call stands for. */
enum net_cause sock_cause_of(int sys);

/* "10.0.0.1:80", "[::1]:80", a path. */
const char *sock_addr_text(const union sock_addr *addr,
    char out[SOCK_PEER_MAX]);
/* "10.0.0.1", "::1": without the port. */
const char *sock_ip_text(const union sock_addr *addr,
    char out[SOCK_PEER_MAX]);
socklen_t sock_addr_len(const union sock_addr *addr);

#endif
