/* SPDX-License-Identifier: BSD-2-Clause */
/* Names of hosts and who speaks for them; see x509_host.h. */
#include "codec/x509_host.h"

#include <arpa/inet.h>
#include <string.h>

#include "codec/x509.h"

#define LABEL_MAX 63
#define NAME_MAX_LEN (X509_HOST_MAX - 1)

static bool
is_letter_or_digit(uint8_t c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9');
}

/* The underscore is not for host names, but people use it and browsers do. */
static bool
is_label(const uint8_t *label, size_t len)
{
	size_t i;

	if (len == 0 || len > LABEL_MAX || label[0] == '-' ||
	    label[len - 1] == '-')
		return false;
	for (i = 0; i < len; i++)
		if (!is_letter_or_digit(label[i]) && label[i] != '-' &&
		    label[i] != '_')
			return false;
	return true;
}

/* Bytes up to the next dot or the end. */
static size_t
label_len(const uint8_t *name, size_t len)
{
	const uint8_t *dot = memchr(name, '.', len);

	return dot == NULL ? len : (size_t)(dot - name);
}

bool
x509_is_dns(const struct der *name, bool may_wild)
{
	const uint8_t *at = name->data;
	size_t left = name->len;

	if (left == 0 || left > NAME_MAX_LEN)
		return false;
	if (may_wild && left > 2 && at[0] == '*' && at[1] == '.') {
		at += 2;
		left -= 2;
	}
	for (;;) {
		size_t n = label_len(at, left);

		if (!is_label(at, n))
			return false;
		if (n == left)
			return true;
		at += n + 1;
		left -= n + 1;
	}
}

static char
lower(uint8_t c)
{
	return (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

bool
x509_host_parse(struct x509_host *host, const char *text)
{
	struct der name = { (const uint8_t *)text, strlen(text) };
	struct x509_host fresh;
	size_t i;

	memset(&fresh, 0, sizeof fresh);
	if (inet_pton(AF_INET, text, fresh.ip) == 1)
		fresh.ip_len = 4;
	else if (inet_pton(AF_INET6, text, fresh.ip) == 1)
		fresh.ip_len = 16;
	fresh.is_ip = fresh.ip_len != 0;
	if (!fresh.is_ip) {
		/* "host." is the same host, said absolutely. */
		if (name.len > 1 && text[name.len - 1] == '.')
			name.len--;
		if (!x509_is_dns(&name, false))
			return false;
		for (i = 0; i < name.len; i++)
			fresh.dns[i] = lower(name.data[i]);
	}
	*host = fresh;
	return true;
}

static bool
is_same(const uint8_t *a, const char *lower_b, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		if (lower(a[i]) != lower_b[i])
			return false;
	return true;
}

static bool
dns_covers(const struct der *pattern, const char *host)
{
	const uint8_t *at = pattern->data;
	size_t len = pattern->len, host_len = strlen(host);
	const char *rest;

	if (!x509_is_dns(pattern, true))
		return false;
	if (at[0] != '*')
		return len == host_len && is_same(at, host, len);
	rest = strchr(host, '.');
	if (rest == NULL || rest == host)
		return false;
	/* ".example.com" against that of the host, which has two dots. */
	return strchr(rest + 1, '.') != NULL && strlen(rest) == len - 1 &&
	    is_same(at + 1, rest, len - 1);
}

bool
x509_covers(const struct x509 *cert, const struct x509_host *host)
{
	struct der rest = cert->san;
	struct x509_alt alt;

	while (rest.len > 0 && x509_alt_next(&rest, &alt)) {
		if (host->is_ip && alt.kind == X509_ALT_IP &&
		    der_is(&alt.value, host->ip, host->ip_len))
			return true;
		if (!host->is_ip && alt.kind == X509_ALT_DNS &&
		    dns_covers(&alt.value, host->dns))
			return true;
	}
	return false;
}
