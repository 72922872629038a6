/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Names to addresses, and questions to name servers: a resolver of our own,
 * because the C library's has no deadline, cannot be stopped, and tells "no
 * such name" and "no answer" apart too late.
 *
 * The hosts file comes first, then the servers and the search list of
 * resolv.conf.  UDP, and TCP for what does not fit; random ids, a socket for
 * each question.  An answer counts when id, question and source match; others
 * are passed over as if they had not come.
 */
#ifndef NET_DNS_H
#define NET_DNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "net/cause.h"
#include "net/sock.h"
#include "net/url.h"

struct err;

#define DNS_SERVERS_MAX 3	/* as resolv.conf(5) has it */
#define DNS_SEARCH_MAX 6
#define DNS_NDOTS_MAX 15
#define DNS_TIMEOUT_MAX 30	/* seconds */
#define DNS_ATTEMPTS_MAX 5
#define DNS_FILE_MAX (4 << 20)	/* bytes of the hosts file */
#define DNS_ADDRS_MAX 16	/* addresses of one name that are kept */
#define DNS_RECORDS_MAX 64	/* records of one answer that are kept */
#define DNS_CNAMES_MAX 16	/* aliases in a row */
#define DNS_MESSAGE_MAX 65535
#define DNS_NAME_TEXT 1024	/* a name with each odd byte as \DDD, and NUL */
#define DNS_TEXT_MAX 512	/* of TXT data that is kept, escaped, and NUL */

/* Types that can be asked for, by their numbers. */
enum dns_type {
	DNS_A = 1,
	DNS_NS = 2,
	DNS_CNAME = 5,
	DNS_PTR = 12,
	DNS_MX = 15,
	DNS_TXT = 16,
	DNS_AAAA = 28,
	DNS_SRV = 33
};

/* The type a word means, in any case; false for others. */
bool dns_type_parse(const char *word, enum dns_type *type);
const char *dns_type_name(enum dns_type type);

/* ------------------------------------------------------ the system's files */

struct dns_system {
	union sock_addr servers[DNS_SERVERS_MAX];
	size_t server_count;
	char search[DNS_SEARCH_MAX][URL_HOST_MAX + 1];
	size_t search_count;
	unsigned ndots;
	unsigned timeout_s;	/* for one try */
	unsigned attempts;
	struct buf hosts;	/* the file, as it is */
};

/*
 * Read both files (NULL: the usual ones).  A missing file is an empty one.
 * dns_system_release() frees, and accepts an empty struct.
 */
int dns_system_load(const char *hosts_path, const char *resolv_path,
    struct dns_system *system, struct err *err);
void dns_system_release(struct dns_system *system);

/*
 * The text of resolv.conf; unknown lines and options are passed over, as the
 * manual wants it.  Everything of system but hosts is set.
 */
void dns_system_parse(const char *text, size_t len,
    struct dns_system *system);

/* ------------------------------------------------------------- resolution */

enum dns_family {
	DNS_ANY,		/* IPv4 first, then IPv6 */
	DNS_IP4,
	DNS_IP6
};

struct dns_addrs {
	union sock_addr items[DNS_ADDRS_MAX];
	size_t count;
};

/* By what names are looked up, and until when; why that failed. */
struct dns_call {
	const struct dns_system *system;
	const struct deadline *deadline;
	enum net_cause cause;		/* set by each call */
};

struct dns_host {
	const char *name;		/* or an address written out */
	uint16_t port;			/* goes into the addresses */
	enum dns_family family;
};

/*
 * The addresses of a host.  localhost needs no file.  -1 with the cause:
 * NET_NO_NAME, NET_NO_ADDRESS, NET_NAME_FAILED, NET_NAME_SILENT,
 * NET_NAME_NOBODY, NET_STOPPED ...
 */
int dns_resolve(struct dns_call *call, const struct dns_host *host,
    struct dns_addrs *addrs, struct err *err);

/* What the hosts file says; pure. */
void dns_hosts_find(const char *text, size_t len, const char *name,
    enum dns_family family, struct dns_addrs *addrs);

/* ------------------------------------------------------------- questions */

struct dns_record {
	enum dns_type type;
	uint32_t ttl;
	uint16_t priority;		/* MX, SRV */
	uint16_t weight, port;		/* SRV */
	union sock_addr addr;		/* A, AAAA; no port */
	/* The address, name or text, escaped; what a person reads. */
	char text[DNS_NAME_TEXT];
};

enum dns_code {
	DNS_OK = 0,
	DNS_BAD_QUESTION = 1,
	DNS_SERVFAIL = 2,
	DNS_NXDOMAIN = 3,
	DNS_NOT_IMPLEMENTED = 4,
	DNS_REFUSED = 5
};

struct dns_answer {
	unsigned code;			/* enum dns_code, or another */
	bool is_truncated;
	bool is_authoritative;
	char name[DNS_NAME_TEXT];	/* where the aliases led */
	size_t count;			/* records kept */
	size_t left_out;		/* records beyond DNS_RECORDS_MAX */
	struct dns_record records[DNS_RECORDS_MAX];
};

struct dns_question {
	uint16_t id;
	const char *name;		/* url_is_host(), no address */
	enum dns_type type;
};

#define DNS_QUERY_MAX 320

/* The bytes of a question that wants recursion; how many. */
size_t dns_query_format(const struct dns_question *question,
    uint8_t out[DNS_QUERY_MAX]);

/*
 * An answer to that question; pure.  ERR_DAMAGED when it is none: another
 * id or question, cut short, a name that points to itself or forward, more
 * than DNS_CNAMES_MAX aliases.
 */
int dns_answer_parse(const uint8_t *data, size_t len,
    const struct dns_question *question, struct dns_answer *answer,
    struct err *err);

/*
 * Ask one server, or those of the system (NULL); the question's id is chosen
 * anew for each try.  The code of the answer is the caller's to judge.
 */
int dns_ask(struct dns_call *call, const union sock_addr *server,
    const struct dns_question *question, struct dns_answer *answer,
    struct err *err);

/* "NXDOMAIN", "SERVFAIL", "code 11". */
#define DNS_CODE_TEXT 24
const char *dns_code_text(unsigned code, char out[DNS_CODE_TEXT]);

#endif
