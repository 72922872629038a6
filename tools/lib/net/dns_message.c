/* SPDX-License-Identifier: BSD-2-Clause */
/* Messages of the domain name system (RFC 1035); see dns.h. */
#include "net/dns.h"

#include <arpa/inet.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/bytes.h"
#include "base/err.h"
#include "base/escape.h"

#define HEADER_LEN 12
#define CLASS_IN 1
#define FLAG_ANSWER 0x8000U
#define FLAG_OPCODE 0x7800U
#define FLAG_AUTHORITATIVE 0x0400U
#define FLAG_TRUNCATED 0x0200U
#define FLAG_RECURSE 0x0100U
#define POINTER 0xc0U		/* the two bits of a compressed name */
#define NAME_BYTES_MAX 255	/* of a name, as it is sent */

static const struct {
	const char *name;
	enum dns_type type;
} types[] = {
	{ "A", DNS_A }, { "AAAA", DNS_AAAA }, { "CNAME", DNS_CNAME },
	{ "MX", DNS_MX }, { "NS", DNS_NS }, { "PTR", DNS_PTR },
	{ "SRV", DNS_SRV }, { "TXT", DNS_TXT },
};

bool
dns_type_parse(const char *word, enum dns_type *type)
{
	for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
		if (strcasecmp(types[i].name, word) == 0) {
			*type = types[i].type;
			return true;
		}
	}
	return false;
}

const char *
dns_type_name(enum dns_type type)
{
	for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
		if (types[i].type == type)
			return types[i].name;
	}
	return "?";
}

const char *
dns_code_text(unsigned code, char out[DNS_CODE_TEXT])
{
	static const char *const names[] = {
		"NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP",
		"REFUSED",
	};

	if (code < sizeof names / sizeof names[0])
		(void)snprintf(out, DNS_CODE_TEXT, "%s", names[code]);
	else
		(void)snprintf(out, DNS_CODE_TEXT, "code %u", code);
	return out;
}

/* -------------------------------------------------------------- questions */

static void
put16(uint8_t *p, unsigned v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

size_t
dns_query_format(const struct dns_question *question,
    uint8_t out[DNS_QUERY_MAX])
{
	const char *at = question->name;
	size_t used = HEADER_LEN;

	memset(out, 0, HEADER_LEN);
	put16(out, question->id);
	put16(out + 2, FLAG_RECURSE);
	put16(out + 4, 1);
	while (*at != '\0') {
		size_t label = strcspn(at, ".");

		out[used++] = (uint8_t)label;
		memcpy(out + used, at, label);
		used += label;
		at += label;
		if (*at == '.')
			at++;
	}
	out[used++] = 0;
	put16(out + used, question->type);
	put16(out + used + 2, CLASS_IN);
	return used + 4;
}

/* ---------------------------------------------------------------- reading */

struct message {
	const uint8_t *data;
	size_t len;
	size_t at;		/* what is read next */
};

/* One label as text: letters stay, odd bytes become \DDD. */
static size_t
put_label(char *out, const uint8_t *label, size_t len)
{
	size_t used = 0;

	for (size_t i = 0; i < len; i++) {
		uint8_t c = label[i];

		if (c > ' ' && c <= '~' && c != '.' && c != '\\')
			out[used++] = (char)c;
		else
			used += (size_t)sprintf(out + used, "\\%03u", c);
	}
	return used;
}

/*
 * A name, and step over it.  A pointer leads back, and further back each
 * time: so it ends.
 */
static bool
read_name(struct message *m, char out[DNS_NAME_TEXT])
{
	size_t at = m->at, floor = m->at, used = 0, bytes = 0;
	bool jumped = false;

	for (;;) {
		uint8_t len;

		if (at >= m->len)
			return false;
		len = m->data[at++];
		if ((len & POINTER) == POINTER) {
			size_t to;

			if (at >= m->len)
				return false;
			to = (size_t)(len & ~POINTER) << 8 | m->data[at++];
			if (!jumped)
				m->at = at;
			jumped = true;
			if (to >= floor)
				return false;
			at = floor = to;
			continue;
		}
		bytes += len + 1U;
		if ((len & POINTER) != 0 || len > m->len - at ||
		    bytes > NAME_BYTES_MAX)
			return false;
		if (len == 0)
			break;
		if (used > 0)
			out[used++] = '.';
		used += put_label(out + used, m->data + at, len);
		at += len;
	}
	out[used] = '\0';
	if (!jumped)
		m->at = at;
	return true;
}

/* The fixed part of a record, behind its name. */
struct raw_record {
	char owner[DNS_NAME_TEXT];
	unsigned type, class;
	uint32_t ttl;
	struct message data;	/* ends where the record ends */
};

static bool
read_record(struct message *m, struct raw_record *raw)
{
	const uint8_t *p;
	size_t len;

	if (!read_name(m, raw->owner) || m->len - m->at < 10)
		return false;
	p = m->data + m->at;
	raw->type = get_be16(p);
	raw->class = get_be16(p + 2);
	raw->ttl = (uint32_t)get_be16(p + 4) << 16 | get_be16(p + 6);
	len = get_be16(p + 8);
	m->at += 10;
	if (len > m->len - m->at)
		return false;
	raw->data = (struct message){ m->data, m->at + len, m->at };
	m->at += len;
	return true;
}

static bool
read_address(struct message *m, struct dns_record *record)
{
	bool is_ip6 = record->type == DNS_AAAA;
	size_t len = is_ip6 ? 16 : 4;
	void *to = is_ip6 ? (void *)&record->addr.ip6.sin6_addr :
	    (void *)&record->addr.ip4.sin_addr;

	if (m->len - m->at != len)
		return false;
	record->addr.any.sa_family = is_ip6 ? AF_INET6 : AF_INET;
	memcpy(to, m->data + m->at, len);
	return inet_ntop(record->addr.any.sa_family, to, record->text,
	    sizeof record->text) != NULL;
}

/* The strings of a TXT record, run together as their readers do. */
static bool
read_text(struct message *m, struct dns_record *record)
{
	struct buf raw = BUF_EMPTY, text = BUF_EMPTY;
	bool is_whole = true;
	size_t cut;

	while (m->at < m->len && is_whole) {
		size_t len = m->data[m->at++];

		is_whole = len <= m->len - m->at;
		if (is_whole) {
			buf_append(&raw, m->data + m->at, len);
			m->at += len;
		}
	}
	if (raw.len > 0)
		escape_text(&text, raw.data, raw.len);
	cut = text.len < DNS_TEXT_MAX ? text.len : DNS_TEXT_MAX - 1;
	/* Not inside a UTF-8 sequence. */
	while (cut < text.len && cut > 0 && (text.data[cut] & 0xc0) == 0x80)
		cut--;
	memcpy(record->text, buf_text(&text), cut);
	record->text[cut] = '\0';
	buf_release(&raw);
	buf_release(&text);
	return is_whole;
}

static bool
read_data(const struct raw_record *raw, struct dns_record *record)
{
	struct message m = raw->data;
	size_t left = m.len - m.at;

	memset(record, 0, sizeof *record);
	record->type = (enum dns_type)raw->type;
	record->ttl = raw->ttl;
	switch (record->type) {
	case DNS_A: case DNS_AAAA:
		return read_address(&m, record);
	case DNS_TXT:
		return read_text(&m, record);
	case DNS_MX:
		if (left < 2)
			return false;
		record->priority = get_be16(m.data + m.at);
		m.at += 2;
		break;
	case DNS_SRV:
		if (left < 6)
			return false;
		record->priority = get_be16(m.data + m.at);
		record->weight = get_be16(m.data + m.at + 2);
		record->port = get_be16(m.data + m.at + 4);
		m.at += 6;
		break;
	default:
		break;
	}
	return read_name(&m, record->text) && m.at == m.len;
}

/* ---------------------------------------------------------------- answers */

/* Names are compared as text; a last dot in ours is of no account. */
static bool
is_same_name(const char *a, const char *b)
{
	size_t a_len = strlen(a), b_len = strlen(b);

	if (a_len > 0 && a[a_len - 1] == '.')
		a_len--;
	if (b_len > 0 && b[b_len - 1] == '.')
		b_len--;
	return a_len == b_len && strncasecmp(a, b, a_len) == 0;
}

/* Whether it answers our question; m stands behind the question then. */
static bool
is_answer_to(struct message *m, const struct dns_question *question)
{
	char name[DNS_NAME_TEXT];
	const uint8_t *p;

	if (m->len < HEADER_LEN || get_be16(m->data) != question->id ||
	    (get_be16(m->data + 2) & (FLAG_ANSWER | FLAG_OPCODE)) !=
	    FLAG_ANSWER || get_be16(m->data + 4) != 1)
		return false;
	m->at = HEADER_LEN;
	if (!read_name(m, name) || m->len - m->at < 4 ||
	    !is_same_name(question->name, name))
		return false;
	p = m->data + m->at;
	m->at += 4;
	return get_be16(p) == (unsigned)question->type &&
	    get_be16(p + 2) == CLASS_IN;
}

/* 1: name has an alias, now in name; 0: it has none; -1: malformed. */
static int
follow(struct message m, unsigned records, char name[DNS_NAME_TEXT])
{
	struct raw_record raw;

	for (unsigned i = 0; i < records; i++) {
		if (!read_record(&m, &raw))
			return -1;
		if (raw.type == DNS_CNAME && raw.class == CLASS_IN &&
		    is_same_name(raw.owner, name))
			return read_name(&raw.data, name) ? 1 : -1;
	}
	return 0;
}

static bool
collect(struct message m, unsigned records, enum dns_type type,
    struct dns_answer *answer)
{
	struct dns_record spare;
	struct raw_record raw;

	for (unsigned i = 0; i < records; i++) {
		bool is_kept = answer->count < DNS_RECORDS_MAX;

		if (!read_record(&m, &raw))
			return false;
		if (raw.type != (unsigned)type || raw.class != CLASS_IN ||
		    !is_same_name(raw.owner, answer->name))
			continue;
		if (!read_data(&raw, is_kept ?
		    &answer->records[answer->count] : &spare))
			return false;
		if (is_kept)
			answer->count++;
		else
			answer->left_out++;
	}
	return true;
}

int
dns_answer_parse(const uint8_t *data, size_t len,
    const struct dns_question *question, struct dns_answer *answer,
    struct err *err)
{
	struct message m = { data, len, 0 };
	unsigned flags, records, aliases = 0;
	int found;

	/* Not the records: only those that are counted are looked at. */
	memset(answer, 0, offsetof(struct dns_answer, records));
	if (!is_answer_to(&m, question))
		return err_set(err, ERR_DAMAGED, 0,
		    "that answers another question");
	flags = get_be16(data + 2);
	records = get_be16(data + 6);
	answer->code = flags & 0xfU;
	answer->is_truncated = (flags & FLAG_TRUNCATED) != 0;
	answer->is_authoritative = (flags & FLAG_AUTHORITATIVE) != 0;
	(void)snprintf(answer->name, sizeof answer->name, "%s",
	    question->name);
	if (answer->is_truncated)
		return 0;	/* records may end anywhere: ask again */
	while (question->type != DNS_CNAME &&
	    (found = follow(m, records, answer->name)) != 0) {
		if (found == -1)
			return err_set(err, ERR_DAMAGED, 0,
			    "the answer is malformed");
		if (++aliases > DNS_CNAMES_MAX)
			return err_set(err, ERR_DAMAGED, 0,
			    "more than %d aliases in a row", DNS_CNAMES_MAX);
	}
	if (!collect(m, records, question->type, answer))
		return err_set(err, ERR_DAMAGED, 0, "the answer is malformed");
	return 0;
}
