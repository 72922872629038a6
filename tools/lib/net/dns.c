/* SPDX-License-Identifier: BSD-2-Clause */
/* The resolver: files, servers, search list; see dns.h. */
#include "net/dns.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/err.h"
#include "base/escape.h"
#include "base/mem.h"
#include "base/num.h"
#include "io/io.h"

#define DNS_PORT 53
#define RESOLV_MAX (64 << 10)	/* bytes of resolv.conf */
#define UDP_MAX 4096
/*
 * For the addresses of the other family when there are some already: there are
 * servers that never answer the one or the other.
 */
#define EXTRA_MS 500
#define STRAYS_MAX 64		/* answers to others that one try passes over */

/* -------------------------------------------------------------- addresses */

static bool
parse_address(const char *text, uint16_t port, union sock_addr *addr)
{
	memset(addr, 0, sizeof *addr);
	if (inet_pton(AF_INET, text, &addr->ip4.sin_addr) == 1) {
		addr->ip4.sin_family = AF_INET;
		addr->ip4.sin_port = htons(port);
		return true;
	}
	if (inet_pton(AF_INET6, text, &addr->ip6.sin6_addr) == 1) {
		addr->ip6.sin6_family = AF_INET6;
		addr->ip6.sin6_port = htons(port);
		return true;
	}
	return false;
}

static void
add_address(struct dns_addrs *addrs, const union sock_addr *addr,
    enum dns_family family)
{
	if (addrs->count < DNS_ADDRS_MAX && (family == DNS_ANY ||
	    (family == DNS_IP4) == (addr->any.sa_family == AF_INET)))
		addrs->items[addrs->count++] = *addr;
}

static void
set_port(struct dns_addrs *addrs, uint16_t port)
{
	for (size_t i = 0; i < addrs->count; i++) {
		if (addrs->items[i].any.sa_family == AF_INET)
			addrs->items[i].ip4.sin_port = htons(port);
		else
			addrs->items[i].ip6.sin6_port = htons(port);
	}
}

/* ------------------------------------------------------------------ files */

struct words {
	const char *at, *end;
};

/* The next line without its comment, as words; false at the end. */
static bool
next_line(const char **text, const char *end, struct words *line)
{
	const char *eol;

	if (*text >= end)
		return false;
	eol = memchr(*text, '\n', (size_t)(end - *text));
	if (eol == NULL)
		eol = end;
	line->at = *text;
	line->end = line->at;
	while (line->end < eol && *line->end != '#' && *line->end != ';')
		line->end++;
	*text = eol + 1;
	return true;
}

/* A word of at most URL_HOST_MAX bytes; longer ones are cut, thus no names. */
static bool
next_word(struct words *line, char word[URL_HOST_MAX + 2])
{
	size_t len = 0;

	while (line->at < line->end && strchr(" \t\r", *line->at) != NULL)
		line->at++;
	while (line->at < line->end && strchr(" \t\r", *line->at) == NULL) {
		if (len < URL_HOST_MAX + 1)
			word[len++] = *line->at;
		line->at++;
	}
	word[len] = '\0';
	return len > 0;
}

static void
parse_option(const char *word, struct dns_system *system)
{
	const char *colon = strchr(word, ':');
	uint64_t value;

	if (colon == NULL || !num_parse(colon + 1, strlen(colon + 1), 10,
	    UINT32_MAX, &value))
		return;
	if (strncmp(word, "ndots:", 6) == 0)
		system->ndots = value < DNS_NDOTS_MAX ?
		    (unsigned)value : DNS_NDOTS_MAX;
	else if (strncmp(word, "timeout:", 8) == 0 && value > 0)
		system->timeout_s = value < DNS_TIMEOUT_MAX ?
		    (unsigned)value : DNS_TIMEOUT_MAX;
	else if (strncmp(word, "attempts:", 9) == 0 && value > 0)
		system->attempts = value < DNS_ATTEMPTS_MAX ?
		    (unsigned)value : DNS_ATTEMPTS_MAX;
}

static void
parse_resolv_line(struct words *line, struct dns_system *system)
{
	char key[URL_HOST_MAX + 2], word[URL_HOST_MAX + 2];

	if (!next_word(line, key))
		return;
	if (strcmp(key, "nameserver") == 0) {
		if (next_word(line, word) &&
		    system->server_count < DNS_SERVERS_MAX && parse_address(
		    word, DNS_PORT, &system->servers[system->server_count]))
			system->server_count++;
	} else if (strcmp(key, "search") == 0 || strcmp(key, "domain") == 0) {
		system->search_count = 0;	/* the last such line counts */
		while (system->search_count < DNS_SEARCH_MAX &&
		    next_word(line, word)) {
			if (url_is_host(word))
				memcpy(system->search[system->search_count++],
				    word, strlen(word) + 1);
		}
	} else if (strcmp(key, "options") == 0) {
		while (next_word(line, word))
			parse_option(word, system);
	}
}

void
dns_system_parse(const char *text, size_t len, struct dns_system *system)
{
	const char *end = text + len;
	struct words line;

	system->server_count = 0;
	system->search_count = 0;
	system->ndots = 1;
	system->timeout_s = 5;
	system->attempts = 2;
	while (next_line(&text, end, &line))
		parse_resolv_line(&line, system);
}

/* A missing file is an empty one. */
static int
read_or_nothing(const char *path, size_t max, struct buf *out,
    struct err *err)
{
	struct err why;

	err_clear(&why);
	if (io_read_typed(path, max, out, &why) == 0)
		return 0;
	if (why.class == ERR_NOT_FOUND) {
		buf_cut(out, 0);
		return 0;
	}
	*err = why;
	return err_context(err, "%s", path);
}

int
dns_system_load(const char *hosts_path, const char *resolv_path,
    struct dns_system *system, struct err *err)
{
	struct buf resolv = BUF_EMPTY;
	int ret = -1;

	memset(system, 0, sizeof *system);
	if (read_or_nothing(resolv_path != NULL ? resolv_path :
	    "/etc/resolv.conf", RESOLV_MAX, &resolv, err) == -1)
		goto out;
	dns_system_parse(buf_text(&resolv), resolv.len, system);
	ret = read_or_nothing(hosts_path != NULL ? hosts_path : "/etc/hosts",
	    DNS_FILE_MAX, &system->hosts, err);
out:
	buf_release(&resolv);
	if (ret == -1)
		dns_system_release(system);
	return ret;
}

void
dns_system_release(struct dns_system *system)
{
	buf_release(&system->hosts);
}

void
dns_hosts_find(const char *text, size_t len, const char *name,
    enum dns_family family, struct dns_addrs *addrs)
{
	const char *end = text + len;
	char word[URL_HOST_MAX + 2];
	union sock_addr addr;
	struct words line;

	addrs->count = 0;
	while (next_line(&text, end, &line)) {
		if (!next_word(&line, word) || !parse_address(word, 0, &addr))
			continue;
		while (next_word(&line, word)) {
			if (strcasecmp(word, name) == 0) {
				add_address(addrs, &addr, family);
				break;
			}
		}
	}
}

/* ------------------------------------------------------------ one question */

/* A question under way. */
struct asking {
	struct dns_call *call;
	const union sock_addr *servers;
	size_t count;
	struct dns_question question;
	struct dns_answer *answer;
	/* Of one try. */
	const union sock_addr *server;
	struct deadline deadline;
	uint8_t query[2 + DNS_QUERY_MAX];	/* with room for TCP's length */
	size_t query_len;
};

/* -1 with errno. */
static int
send_udp(const struct asking *ask)
{
	int fd = socket(ask->server->any.sa_family,
	    SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int sys;

	if (fd == -1)
		return -1;
	/* Connected: others' packets are dropped, refusals are heard of. */
	if (connect(fd, &ask->server->any, sock_addr_len(ask->server)) == 0 &&
	    send(fd, ask->query + 2, ask->query_len, MSG_NOSIGNAL) != -1)
		return fd;
	sys = errno;
	(void)close(fd);	/* nothing to lose */
	errno = sys;
	return -1;
}

/* 0: an answer; -1 with errno. */
static int
ask_udp(struct asking *ask)
{
	uint8_t data[UDP_MAX];
	struct err ignored;
	int fd = send_udp(ask), ret = -1, sys = ETIMEDOUT;

	if (fd == -1)
		return -1;
	for (int strays = 0; strays < STRAYS_MAX; strays++) {
		ssize_t n;

		if (deadline_wait(&ask->deadline, fd, POLLIN) == -1) {
			if (errno != ETIMEDOUT)
				sys = errno;
			break;	/* what came before stays the cause */
		}
		n = recv(fd, data, sizeof data, 0);
		if (n == -1 && errno != EAGAIN && errno != EINTR) {
			sys = errno;
			break;
		}
		if (n > 0 && dns_answer_parse(data, (size_t)n,
		    &ask->question, ask->answer, &ignored) == 0) {
			ret = 0;
			break;
		}
		if (n > 0)
			sys = EBADMSG;
	}
	(void)close(fd);	/* the answer is here, or will not come */
	errno = sys;
	return ret;
}

static int
ask_tcp(struct asking *ask, struct err *err)
{
	uint8_t *data = mem_alloc(DNS_MESSAGE_MAX);
	struct sock sock;
	uint8_t head[2];
	size_t len;
	int ret = -1;

	ask->query[0] = (uint8_t)(ask->query_len >> 8);
	ask->query[1] = (uint8_t)ask->query_len;
	sock_init(&sock, &ask->deadline);
	if (sock_connect(&sock, ask->server, 1, err) == -1 ||
	    sock_write(&sock, ask->query, ask->query_len + 2, err) == -1 ||
	    sock_read_all(&sock, head, sizeof head, err) == -1)
		goto out;
	len = (size_t)head[0] << 8 | head[1];
	if (sock_read_all(&sock, data, len, err) == -1)
		goto out;
	ret = dns_answer_parse(data, len, &ask->question, ask->answer, err);
	if (ret == -1)
		sock.cause = NET_GARBLED;
out:
	if (ret == -1) {
		ask->call->cause = sock.cause;
		err_context(err, "over TCP");
	}
	sock_close(&sock);
	free(data);
	return ret;
}

/* What errno means when a name server is asked. */
static int
fail_udp(const struct asking *ask, int sys, struct err *err)
{
	char peer[SOCK_PEER_MAX];

	ask->call->cause = sys == ECANCELED ? NET_STOPPED :
	    sys == EBADMSG ? NET_GARBLED : NET_NAME_SILENT;
	if (sys == ECANCELED)
		return err_set(err, ERR_INTERRUPTED, 0, "told to stop");
	if (sys == EBADMSG)
		return err_set(err, ERR_DAMAGED, 0,
		    "the name server %s sends what is no answer",
		    sock_addr_text(ask->server, peer));
	return err_set(err, ERR_IO, sys == ETIMEDOUT ? 0 : sys,
	    "the name server %s does not answer",
	    sock_addr_text(ask->server, peer));
}

/* One try: UDP, and TCP where the answer did not fit. */
static int
ask_once(struct asking *ask, struct err *err)
{
	if (io_random(&ask->question.id, sizeof ask->question.id, err) == -1) {
		ask->call->cause = NET_BROKEN;
		return -1;
	}
	ask->query_len = dns_query_format(&ask->question, ask->query + 2);
	if (ask_udp(ask) == -1)
		return fail_udp(ask, errno, err);
	return ask->answer->is_truncated ? ask_tcp(ask, err) : 0;
}

/*
 * One try with each server, its share of what is left for so many tries.  Who
 * answers with a failure of its own leaves the question to the next.
 */
static int
ask_round(struct asking *ask, size_t tries, struct err *err)
{
	struct dns_call *call = ask->call;

	for (size_t i = 0; i < ask->count; i++) {
		uint64_t ms = deadline_left_ms(call->deadline) / (tries - i);

		if (ms > call->system->timeout_s * 1000ULL)
			ms = call->system->timeout_s * 1000ULL;
		ask->server = &ask->servers[i];
		ask->deadline = deadline_sooner(call->deadline, ms);
		err_clear(err);
		if (ask_once(ask, err) == -1) {
			if (call->cause == NET_STOPPED)
				return -1;
			continue;
		}
		call->cause = NET_OK;
		if (ask->answer->code == DNS_OK ||
		    ask->answer->code == DNS_NXDOMAIN || i + 1 == ask->count)
			return 0;
	}
	return call->cause == NET_OK ? 0 : -1;
}

static int
ask_servers(struct asking *ask, struct err *err)
{
	struct dns_call *call = ask->call;
	unsigned attempts = call->system->attempts;

	call->cause = NET_NAME_SILENT;
	for (unsigned round = 0; round < attempts; round++) {
		if (ask_round(ask, (attempts - round) * ask->count, err) == 0)
			return 0;
		if (call->cause == NET_STOPPED ||
		    deadline_left_ms(call->deadline) == 0)
			break;
	}
	return -1;
}

int
dns_ask(struct dns_call *call, const union sock_addr *server,
    const struct dns_question *question, struct dns_answer *answer,
    struct err *err)
{
	struct asking ask = {
		.call = call,
		.servers = server != NULL ? server :
		    call->system->servers,
		.count = server != NULL ? 1 : call->system->server_count,
		.question = *question,
		.answer = answer,
	};

	if (ask.count == 0) {
		call->cause = NET_NAME_NOBODY;
		return err_set(err, ERR_NOT_FOUND, 0,
		    "no name server is configured");
	}
	return ask_servers(&ask, err);
}

/* ------------------------------------------------------------- resolution */

/* A name that is being looked up. */
struct lookup {
	struct dns_call *call;
	enum dns_family family;
	struct dns_answer *answer;	/* room for one */
	struct dns_addrs *addrs;
};

/* Addresses of one type, added; -1 with cause when that gave none. */
static int
lookup_type(struct lookup *l, const char *name, enum dns_type type,
    struct err *err)
{
	const struct dns_question question = { .name = name, .type = type };
	char code[DNS_CODE_TEXT];

	if (dns_ask(l->call, NULL, &question, l->answer, err) == -1)
		return -1;
	for (size_t i = 0; i < l->answer->count; i++)
		add_address(l->addrs, &l->answer->records[i].addr, DNS_ANY);
	if (l->answer->count > 0)
		return 0;
	if (l->answer->code == DNS_OK) {
		l->call->cause = NET_NO_ADDRESS;
		return err_set(err, ERR_NOT_FOUND, 0,
		    "the name exists, but has no address");
	}
	if (l->answer->code == DNS_NXDOMAIN) {
		l->call->cause = NET_NO_NAME;
		return err_set(err, ERR_NOT_FOUND, 0, "no such name");
	}
	l->call->cause = NET_NAME_FAILED;
	return err_set(err, ERR_IO, 0, "the name server answers %s",
	    dns_code_text(l->answer->code, code));
}

static int
lookup_exact(struct lookup *l, const char *name, struct err *err)
{
	const struct deadline *whole = l->call->deadline;
	struct deadline brief;
	int got4 = -1, got6 = -1;

	if (l->family != DNS_IP6)
		got4 = lookup_type(l, name, DNS_A, err);
	/* Who said nothing, or that there is no such name, says so again. */
	if (got4 == -1 && l->family == DNS_ANY &&
	    l->call->cause != NET_NO_ADDRESS)
		return -1;
	if (got4 == 0) {
		brief = deadline_sooner(whole, EXTRA_MS);
		l->call->deadline = &brief;
	}
	if (l->family != DNS_IP4)
		got6 = lookup_type(l, name, DNS_AAAA, err);
	l->call->deadline = whole;
	return got4 == 0 || got6 == 0 ? 0 : -1;
}

static unsigned
count_dots(const char *name)
{
	unsigned dots = 0;

	for (; *name != '\0'; name++)
		dots += *name == '.';
	return dots;
}

/* Whether another form of the name may still be found. */
static bool
may_go_on(const struct lookup *l)
{
	return l->call->cause == NET_NO_NAME ||
	    l->call->cause == NET_NO_ADDRESS;
}

/* With each suffix of the search list; a name too long for one has none. */
static int
lookup_search(struct lookup *l, const char *name, struct err *err)
{
	for (size_t i = 0; i < l->call->system->search_count; i++) {
		char *whole = mem_format("%s.%s", name, l->call->system->search[i]);
		int got = url_is_host(whole) ?
		    lookup_exact(l, whole, err) : -1;

		free(whole);
		if (got == 0)
			return 0;
		if (!may_go_on(l))
			return -1;
	}
	return -1;
}

static int
lookup(struct lookup *l, const char *name, struct err *err)
{
	size_t len = strlen(name);
	bool is_whole = len > 0 && name[len - 1] == '.';

	if (is_whole || l->call->system->search_count == 0)
		return lookup_exact(l, name, err);
	l->call->cause = NET_NO_NAME;
	if (count_dots(name) < l->call->system->ndots) {
		if (lookup_search(l, name, err) == 0)
			return 0;
		if (!may_go_on(l))
			return -1;
		return lookup_exact(l, name, err);
	}
	if (lookup_exact(l, name, err) == 0)
		return 0;
	if (!may_go_on(l))
		return -1;
	return lookup_search(l, name, err);
}

/* localhost and what lies below it never goes to a server (RFC 6761). */
static bool
is_localhost(const char *name)
{
	size_t len = strlen(name);

	return strcasecmp(name, "localhost") == 0 || (len > 10 &&
	    strcasecmp(name + len - 10, ".localhost") == 0);
}

/* What needs no server.  False when one must be asked. */
static bool
lookup_here(const struct dns_system *system, const char *name,
    enum dns_family family, struct dns_addrs *addrs)
{
	union sock_addr addr;

	addrs->count = 0;
	if (parse_address(name, 0, &addr)) {
		add_address(addrs, &addr, family);
		return true;
	}
	dns_hosts_find(buf_text(&system->hosts), system->hosts.len, name,
	    family, addrs);
	if (addrs->count > 0)
		return true;
	if (!is_localhost(name))
		return false;
	(void)parse_address("127.0.0.1", 0, &addr);
	add_address(addrs, &addr, family);
	(void)parse_address("::1", 0, &addr);
	add_address(addrs, &addr, family);
	return true;
}

/* Ask the servers for what nothing here knows. */
static int
lookup_there(struct dns_call *call, const struct dns_host *host,
    struct dns_addrs *addrs, struct err *err)
{
	struct lookup l = { .call = call, .family = host->family,
	    .addrs = addrs };
	int ret;

	if (!url_is_host(host->name)) {
		call->cause = NET_NO_NAME;
		return err_set(err, ERR_NOT_FOUND, 0, "that can be no name");
	}
	if (call->system->server_count == 0) {
		call->cause = NET_NAME_NOBODY;
		return err_set(err, ERR_NOT_FOUND, 0, "not in the hosts file, "
		    "and no name server is configured");
	}
	l.answer = mem_alloc(sizeof *l.answer);
	ret = lookup(&l, host->name, err);
	free(l.answer);
	if (ret == -1 && call->cause == NET_NO_NAME &&
	    strchr(host->name, '.') == NULL)
		err_append(err, "names of containers are known only inside "
		    "Docker's networks");
	return ret;
}

int
dns_resolve(struct dns_call *call, const struct dns_host *host,
    struct dns_addrs *addrs, struct err *err)
{
	char shown[ESCAPE_NAME_MAX];
	int ret = 0;

	if (!lookup_here(call->system, host->name, host->family, addrs)) {
		ret = lookup_there(call, host, addrs, err);
	} else if (addrs->count == 0) {
		call->cause = NET_NO_ADDRESS;
		ret = err_set(err, ERR_NOT_FOUND, 0,
		    "it is an address of the other family");
	}
	if (ret == -1)
		return err_context(err, "'%s'",
		    escape_name(host->name, shown));
	call->cause = NET_OK;
	set_port(addrs, host->port);
	return 0;
}
