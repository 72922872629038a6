/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * net/dns: the system's files, messages with and without malice, and a whole
 * look-up against a name server of our own on UDP and TCP.
 */
#include "net/dns.h"
#include "harness.h"

#include <poll.h>

#include "base/err.h"
#include "base/mem.h"
#include "fake_server.h"
#include "io/io.h"

/* ------------------------------------------------------------------ files */

static void
test_resolv_conf(void)
{
	static const char text[] = "# comment\nnameserver 10.0.0.1\n"
	    "nameserver nonsense\nnameserver\t::1 # v6\n;x\n"
	    "domain old.test\nsearch a.test b..test  c.test\n"
	    "options ndots:3 timeout:99 attempts:0 rotate\n"
	    "nameserver 10.0.0.3\nnameserver 10.0.0.4\nfoo bar";
	struct dns_system s;
	char peer[SOCK_PEER_MAX];

	memset(&s, 0, sizeof s);
	dns_system_parse(text, sizeof text - 1, &s);
	is_u64(s.server_count, DNS_SERVERS_MAX, "three servers at most");
	is_str(sock_addr_text(&s.servers[0], peer), "10.0.0.1:53", "first");
	is_str(sock_addr_text(&s.servers[1], peer), "[::1]:53", "IPv6");
	is_str(sock_addr_text(&s.servers[2], peer), "10.0.0.3:53", "third");
	is_u64(s.search_count, 2, "the last search line counts");
	is_str(s.search[1], "c.test", "what is no name is passed over");
	is_u64(s.ndots, 3, "ndots");
	is_u64(s.timeout_s, DNS_TIMEOUT_MAX, "timeout is bounded");
	is_u64(s.attempts, 2, "attempts of 0 are not taken");
	dns_system_parse("", 0, &s);
	ok(s.server_count == 0 && s.ndots == 1, "an empty file");
}

static void
test_hosts(void)
{
	static const char text[] = "127.0.0.1 localhost\n"
	    "10.0.0.7\tdb db.test # other\n::7 DB\nnonsense db\n"
	    "10.0.0.8 other db";
	struct dns_addrs a;

	dns_hosts_find(text, sizeof text - 1, "Db", DNS_ANY, &a);
	is_u64(a.count, 3, "each line that has the name, in any case");
	dns_hosts_find(text, sizeof text - 1, "db", DNS_IP6, &a);
	is_u64(a.count, 1, "one family");
	dns_hosts_find(text, sizeof text - 1, "other", DNS_ANY, &a);
	is_u64(a.count, 1, "not from a comment");
	dns_hosts_find(text, sizeof text - 1, "nobody", DNS_ANY, &a);
	is_u64(a.count, 0, "no such name");
}

static void
test_load(void)
{
	struct dns_system s;
	struct err err;

	ok(dns_system_load("/nonexistent/hosts", "/nonexistent/resolv", &s,
	    &err) == 0 && s.server_count == 0 && s.hosts.len == 0,
	    "missing files are empty ones");
	dns_system_release(&s);
	ok(dns_system_load("/", NULL, &s, &err) == -1,
	    "a hosts file that is a directory");
}

/* --------------------------------------------------------------- messages */

/* A message that grows. */
struct wire {
	uint8_t data[DNS_MESSAGE_MAX];
	size_t len;
};

static void
put(struct wire *w, const void *data, size_t len)
{
	memcpy(w->data + w->len, data, len);
	w->len += len;
}

static void
put16(struct wire *w, unsigned v)
{
	uint8_t p[2] = { (uint8_t)(v >> 8), (uint8_t)v };

	put(w, p, 2);
}

static void
put_name(struct wire *w, const char *name)
{
	while (*name != '\0') {
		size_t len = strcspn(name, ".");
		uint8_t byte = (uint8_t)len;

		put(w, &byte, 1);
		put(w, name, len);
		name += len + (name[len] == '.');
	}
	put(w, "", 1);
}

static void
put_record(struct wire *w, const char *owner, unsigned type,
    const void *data, size_t len)
{
	put_name(w, owner);
	put16(w, type);
	put16(w, 1);
	put16(w, 0);
	put16(w, 60);
	put16(w, (unsigned)len);
	put(w, data, len);
	w->data[7]++;
}

static void
begin(struct wire *w, const struct dns_question *q, unsigned flags)
{
	w->len = 0;
	put16(w, q->id);
	put16(w, flags);
	put16(w, 1);
	put16(w, 0);
	put16(w, 0);
	put16(w, 0);
	put_name(w, q->name);
	put16(w, q->type);
	put16(w, 1);
}

static const char *
parse(const struct wire *w, const struct dns_question *q,
    struct dns_answer *a)
{
	static struct err err;
	uint8_t *copy = mem_alloc(w->len);
	int got;

	err_clear(&err);
	memcpy(copy, w->data, w->len);
	got = dns_answer_parse(copy, w->len, q, a, &err);
	free(copy);
	return got == 0 ? "" : err.text;
}

static void
test_answer(struct wire *w, struct dns_answer *a)
{
	struct dns_question q = { 0x1234, "web.test", DNS_A };

	begin(w, &q, 0x8580);
	put_record(w, "alias.test", DNS_A, "\x0a\0\0\1", 4);
	put_record(w, "WEB.test", DNS_CNAME, "\5alias\4test", 12);
	put_record(w, "evil.test", DNS_A, "\x0a\0\0\2", 4);
	is_str(parse(w, &q, a), "", "an alias and its address");
	ok(a->count == 1 && a->is_authoritative, "one record fits");
	is_str(a->records[0].text, "10.0.0.1", "its address");
	is_str(a->name, "alias.test", "the name it led to");
	q.type = DNS_CNAME;
	begin(w, &q, 0x8180);
	put_record(w, "web.test", DNS_CNAME, "\5alias\4test", 12);
	is_str(parse(w, &q, a), "", "an alias itself");
	is_str(a->records[0].text, "alias.test", "its target");
	q.type = DNS_MX;
	begin(w, &q, 0x8180);
	put_record(w, "web.test", DNS_MX, "\0\x0a\xc0\x0c", 4);
	is_str(parse(w, &q, a), "", "mail");
	ok(a->records[0].priority == 10, "priority");
	is_str(a->records[0].text, "web.test", "a compressed name");
	q.type = DNS_SRV;
	begin(w, &q, 0x8180);
	put_record(w, "web.test", DNS_SRV, "\0\1\0\2\x1f\x90\1a", 9);
	is_str(parse(w, &q, a), "", "a service");
	ok(a->records[0].priority == 1 && a->records[0].weight == 2 &&
	    a->records[0].port == 8080, "its numbers");
	q.type = DNS_TXT;
	begin(w, &q, 0x8180);
	put_record(w, "web.test", DNS_TXT, "\2\033[\3a\0b", 7);
	is_str(parse(w, &q, a), "", "a text");
	is_str(a->records[0].text, "\\033[a\\000b", "escaped");
	q.type = DNS_AAAA;
	begin(w, &q, 0x8180);
	put_record(w, "web.test", DNS_AAAA, "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1",
	    16);
	is_str(parse(w, &q, a), "", "IPv6");
	is_str(a->records[0].text, "::1", "its address");
}

static void
test_malice(struct wire *w, struct dns_answer *a)
{
	struct dns_question q = { 0x1234, "web.test", DNS_A }, other = q;
	size_t whole;

	begin(w, &q, 0x8180);
	put_record(w, "web.test", DNS_A, "\x0a\0\0\1", 4);
	other.id++;
	ok(*parse(w, &other, a) != '\0', "another id");
	other = q;
	other.name = "wes.test";
	ok(*parse(w, &other, a) != '\0', "another name");
	other = q;
	other.type = DNS_AAAA;
	ok(*parse(w, &other, a) != '\0', "another type");
	whole = w->len;
	for (w->len = 0; w->len < whole; w->len++) {
		if (*parse(w, &q, a) == '\0')
			break;
	}
	is_u64(w->len, whole, "no part of an answer is one");
	begin(w, &q, 0x0180);
	ok(*parse(w, &q, a) != '\0', "a question");
	begin(w, &q, 0x8180);
	put_record(w, "web.test", DNS_A, "\x0a\0\0\1\0", 5);
	ok(*parse(w, &q, a) != '\0', "an address of five bytes");
	begin(w, &q, 0x8180);
	put_record(w, "web.test", DNS_CNAME, "\xc0\x0c", 2);
	ok(strstr(parse(w, &q, a), "aliases") != NULL, "a ring of aliases");
	begin(w, &q, 0x8180);
	w->data[7] = 1;
	put(w, "\xc0\x1a", 2);	/* points to itself */
	put(w, "\0\1\0\1\0\0\0\0\0\4\x0a\0\0\1", 14);
	ok(*parse(w, &q, a) != '\0', "a name that points to itself");
	begin(w, &q, 0x8180);
	w->data[7] = 1;
	put(w, "\xc0\x1c", 2);
	put(w, "\0\1\0\1\0\0\0\0\0\4\x0a\0\0\1", 14);
	ok(*parse(w, &q, a) != '\0', "a name that points forward");
}

static void
test_limits(struct wire *w, struct dns_answer *a)
{
	struct dns_question q = { 1, "n0.test", DNS_A };

	for (int n = DNS_CNAMES_MAX - 1; n <= DNS_CNAMES_MAX + 1; n++) {
		begin(w, &q, 0x8180);
		for (int i = 0; i < n; i++) {
			char from[16], to[16];
			struct wire data = { .len = 0 };

			(void)snprintf(from, sizeof from, "n%d.test", i);
			(void)snprintf(to, sizeof to, "n%d.test", i + 1);
			put_name(&data, to);
			put_record(w, from, DNS_CNAME, data.data, data.len);
		}
		ok((*parse(w, &q, a) == '\0') == (n <= DNS_CNAMES_MAX),
		    "%d aliases", n);
	}
	for (unsigned n = DNS_RECORDS_MAX - 1; n <= DNS_RECORDS_MAX + 1;
	    n++) {
		begin(w, &q, 0x8180);
		for (unsigned i = 0; i < n; i++)
			put_record(w, "n0.test", DNS_A, "\x0a\0\0\1", 4);
		is_str(parse(w, &q, a), "", "%u records", n);
		is_u64(a->count + a->left_out, n, "all are counted");
		ok(a->count <= DNS_RECORDS_MAX, "some are kept");
	}
}

static void
test_query(void)
{
	static const uint8_t want[] = "\x12\x34\1\0\0\1\0\0\0\0\0\0"
	    "\1a\4test\0\0\1\0\1";
	struct dns_question q = { 0x1234, "a.test.", DNS_A };
	uint8_t out[DNS_QUERY_MAX];
	char name[URL_HOST_MAX + 1];

	is_u64(dns_query_format(&q, out), sizeof want - 1, "a question");
	ok(memcmp(out, want, sizeof want - 1) == 0, "its bytes");
	for (size_t i = 0; i < URL_HOST_MAX; i++)
		name[i] = i % 64 == 63 ? '.' : 'a';
	name[URL_HOST_MAX] = '\0';
	q.name = name;
	ok(dns_query_format(&q, out) <= DNS_QUERY_MAX, "the longest name");
}

/* ----------------------------------------------------------------- server */

struct name_server {
	pid_t pid;
	uint16_t port;
};

/* What is asked: the name as text, and the type. */
static bool
read_question(const uint8_t *data, size_t len, char name[256],
    struct dns_question *q)
{
	size_t at = 12, used = 0;

	while (at < len && data[at] != 0) {
		if (used > 0)
			name[used++] = '.';
		memcpy(name + used, data + at + 1, data[at]);
		used += data[at];
		at += data[at] + 1U;
	}
	name[used] = '\0';
	q->id = (uint16_t)(data[0] << 8 | data[1]);
	q->name = name;
	q->type = (enum dns_type)data[at + 2];
	return at + 4 < len;
}

/* The answer by the question's name; false: none. */
static bool
make_answer(struct wire *w, const struct dns_question *q, bool is_udp)
{
	const char *name = q->name;

	if (strncmp(name, "silent", 6) == 0 ||
	    (strcmp(name, "four.test") == 0 && q->type != DNS_A))
		return false;
	begin(w, q, strncmp(name, "fail", 4) == 0 ? 0x8182 :
	    strncmp(name, "no-", 3) == 0 ? 0x8183 :
	    is_udp && strncmp(name, "big", 3) == 0 ? 0x8380 : 0x8180);
	if (strcmp(name, "web.test") == 0 || strcmp(name, "four.test") == 0 ||
	    strcmp(name, "stray.test") == 0)
		put_record(w, name, q->type, q->type == DNS_A ?
		    "\x0a\0\0\1" : "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\7",
		    q->type == DNS_A ? 4 : 16);
	else if (strcmp(name, "host.inner.test") == 0 && q->type == DNS_A)
		put_record(w, name, DNS_A, "\x0a\0\0\2", 4);
	else if (strncmp(name, "host", 4) == 0)
		w->data[3] = 0x83;
	else if (strcmp(name, "big.test") == 0 && !is_udp)
		for (int i = 0; i < 60; i++)
			put_record(w, name, q->type, "\x0a\0\0\3",
			    q->type == DNS_A ? 4 : 3);
	return true;
}

static void
answer_udp(int fd, struct wire *w)
{
	struct sockaddr_in from;
	socklen_t len = sizeof from;
	struct dns_question q;
	uint8_t data[1024];
	char name[256];
	ssize_t n = recvfrom(fd, data, sizeof data, 0,
	    (struct sockaddr *)&from, &len);

	if (n < 16 || !read_question(data, (size_t)n, name, &q))
		return;
	if (strcmp(name, "stray.test") == 0) {
		q.id++;
		(void)make_answer(w, &q, true);
		(void)sendto(fd, w->data, w->len, 0,
		    (struct sockaddr *)&from, len);
		(void)sendto(fd, "garbage", 7, 0, (struct sockaddr *)&from,
		    len);
		q.id--;
	}
	if (strcmp(name, "garbage.test") == 0)
		(void)sendto(fd, data, 5, 0, (struct sockaddr *)&from, len);
	else if (make_answer(w, &q, true))
		(void)sendto(fd, w->data, w->len, 0,
		    (struct sockaddr *)&from, len);
}

static void
answer_tcp(int listener, struct wire *w)
{
	int fd = accept(listener, NULL, NULL);
	struct dns_question q;
	uint8_t data[1024], head[2];
	char name[256];
	ssize_t n = recv(fd, data, sizeof data, 0);

	if (n > 18 && read_question(data + 2, (size_t)n - 2, name, &q) &&
	    make_answer(w, &q, false)) {
		head[0] = (uint8_t)(w->len >> 8);
		head[1] = (uint8_t)w->len;
		fake_send(fd, head, 2);
		fake_send(fd, w->data, w->len);
	}
	(void)close(fd);
}

static bool
start_server(struct name_server *s, struct wire *w)
{
	int udp = -1, tcp = -1;

	/* One number for both; another one when it is taken. */
	for (int i = 0; i < 20 && tcp == -1; i++) {
		if (udp != -1)
			(void)close(udp);
		s->port = 0;
		udp = fake_bind(SOCK_DGRAM, &s->port);
		tcp = fake_bind(SOCK_STREAM, &s->port);
	}
	if (udp == -1 || tcp == -1 || listen(tcp, 4) == -1)
		return false;
	s->pid = fork();
	if (s->pid == 0) {
		struct pollfd p[2] = { { udp, POLLIN, 0 },
		    { tcp, POLLIN, 0 } };

		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		while (poll(p, 2, -1) > 0) {
			if (p[0].revents != 0)
				answer_udp(udp, w);
			if (p[1].revents != 0)
				answer_tcp(tcp, w);
		}
		_exit(0);
	}
	(void)close(udp);
	(void)close(tcp);
	return s->pid > 0;
}

static void
use_port(struct dns_system *s, size_t i, uint16_t port)
{
	memset(&s->servers[i], 0, sizeof s->servers[i]);
	s->servers[i].ip4.sin_family = AF_INET;
	s->servers[i].ip4.sin_port = htons(port);
	s->servers[i].ip4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (s->server_count <= i)
		s->server_count = i + 1;
}

static struct err last;

static enum net_cause
resolve(const struct dns_system *s, const char *name, struct dns_addrs *a)
{
	struct deadline d = deadline_in(400, -1);
	struct dns_call call = { .system = s, .deadline = &d };
	const struct dns_host host = { name, 80, DNS_ANY };

	err_clear(&last);
	a->count = 0;
	if (dns_resolve(&call, &host, a, &last) == -1)
		a->count = 0;
	return call.cause;
}

static void
test_resolve(struct dns_system *s)
{
	struct dns_addrs a;
	char peer[SOCK_PEER_MAX];

	ok(resolve(s, "web.test", &a) == NET_OK && a.count == 2,
	    "both families");
	is_str(sock_addr_text(&a.items[0], peer), "10.0.0.1:80", "IPv4 first");
	is_str(sock_addr_text(&a.items[1], peer), "[::7]:80", "then IPv6");
	ok(resolve(s, "stray.test", &a) == NET_OK && a.count == 2,
	    "answers to others are passed over");
	ok(resolve(s, "four.test", &a) == NET_OK && a.count == 1,
	    "a server that never answers for IPv6");
	ok(resolve(s, "big.test", &a) == NET_OK && a.count == DNS_ADDRS_MAX,
	    "over TCP when it does not fit");
	ok(resolve(s, "no-such.test", &a) == NET_NO_NAME, "NXDOMAIN");
	ok(resolve(s, "no-such", &a) == NET_NO_NAME &&
	    strstr(last.text, "Docker's networks") != NULL,
	    "a bare name may be a container's");
	ok(resolve(s, "empty.test", &a) == NET_NO_ADDRESS, "no address");
	ok(resolve(s, "fail.test", &a) == NET_NAME_FAILED &&
	    strstr(last.text, "SERVFAIL") != NULL, "SERVFAIL");
	ok(resolve(s, "garbage.test", &a) == NET_GARBLED, "garbage");
	ok(resolve(s, "silent.test", &a) == NET_NAME_SILENT, "no answer");
	ok(resolve(s, "a\033b", &a) == NET_NO_NAME &&
	    strchr(last.text, '\033') == NULL, "no name at all");
	ok(resolve(s, "127.0.0.2", &a) == NET_OK && a.count == 1,
	    "an address needs no server");
	ok(resolve(s, "localhost", &a) == NET_OK && a.count == 2,
	    "nor does localhost");
	buf_puts(&s->hosts, "10.9.9.9 web.test\n");
	ok(resolve(s, "web.test", &a) == NET_OK && a.count == 1 &&
	    a.items[0].ip4.sin_addr.s_addr == htonl(0x0a090909),
	    "the hosts file comes first");
	buf_release(&s->hosts);
}

static void
test_search(struct dns_system *s)
{
	struct dns_addrs a;

	memcpy(s->search[0], "outer.test", 11);
	memcpy(s->search[1], "inner.test", 11);
	s->search_count = 2;
	ok(resolve(s, "host", &a) == NET_OK && a.count == 1,
	    "the search list is tried in turn");
	ok(resolve(s, "host.", &a) == NET_NO_NAME, "not with a last dot");
	ok(resolve(s, "web.test", &a) == NET_OK, "a name with dots as it is");
	s->search_count = 0;
}

static void
test_servers(struct dns_system *s, uint16_t port)
{
	struct dns_addrs a;
	uint16_t silent = 0;
	int fd = fake_bind(SOCK_DGRAM, &silent);
	struct dns_system none;

	use_port(s, 0, fake_free_port());
	use_port(s, 1, port);
	ok(resolve(s, "web.test", &a) == NET_OK,
	    "the next server when one is not there");
	use_port(s, 0, silent);
	ok(resolve(s, "web.test", &a) == NET_OK, "or says nothing");
	(void)close(fd);
	s->server_count = 1;
	ok(resolve(s, "web.test", &a) == NET_NAME_SILENT, "no server at all");
	memset(&none, 0, sizeof none);
	ok(resolve(&none, "web.test", &a) == NET_NAME_NOBODY,
	    "none configured");
}

int
main(void)
{
	struct wire *w = mem_zero(1, sizeof *w);
	struct dns_answer *a = mem_zero(1, sizeof *a);
	struct name_server server = { .pid = 0 };
	struct dns_system s;

	test_resolv_conf();
	test_hosts();
	test_load();
	test_query();
	test_answer(w, a);
	test_malice(w, a);
	test_limits(w, a);
	memset(&s, 0, sizeof s);
	dns_system_parse("", 0, &s);
	if (ok(start_server(&server, w), "a name server")) {
		use_port(&s, 0, server.port);
		test_resolve(&s);
		test_search(&s);
		test_servers(&s, server.port);
		(void)kill(server.pid, SIGKILL);
		(void)waitpid(server.pid, NULL, 0);
	}
	free(a);
	free(w);
	return done();
}
