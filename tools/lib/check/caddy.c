/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Caddy's data folder; see caddy.h.  What Caddy does with what is missing was
 * read off version 2.6.
 */
#include "check/caddy.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/escape.h"
#include "base/mem.h"
#include "base/utc.h"
#include "check/cert_file.h"
#include "codec/x509_signed.h"

#define RECORD_MAX 1048576
#define LOCAL_ISSUER "local"

struct caddy {
	const struct content *c;
	const char *root;
	struct judgement *j;
	unsigned long sites, pairs, authorities, accounts, expired, others;
};

/* ------------------------------------------------------------- recognising */

/* path ends in tail, at a slash: the length of what is before it. */
static bool
has_tail(const char *path, const char *tail, size_t *before)
{
	size_t len = strlen(path), tail_len = strlen(tail);

	if (len < tail_len || strcmp(path + len - tail_len, tail) != 0 ||
	    (len > tail_len && path[len - tail_len - 1] != '/'))
		return false;
	*before = len == tail_len ? 0 : len - tail_len - 1;
	return true;
}

static bool
recognise(const struct entry *entry, size_t *root_len)
{
	const char *path = buf_text(&entry->path);
	static const char *const inside[] = { "certificates", "pki", "acme" };
	size_t i, before;

	if (entry->type != ENTRY_DIR)
		return false;
	if (has_tail(path, "pki/authorities", root_len))
		return true;
	for (i = 0; i < sizeof inside / sizeof inside[0]; i++)
		if (has_tail(path, inside[i], root_len)) {
			char *above = strndup(path, *root_len);
			bool is_caddy = above != NULL &&
			    has_tail(above, "caddy", &before);

			free(above);
			return is_caddy;
		}
	return false;
}

/* ------------------------------------------------------------------- files */

/*
 * dir/stem+end.  *is_there: it is a regular file, and file holds it; what is
 * wrong with it was said.
 */
static int
load(struct caddy *caddy, const char *dir, const char *stem, const char *end,
    struct cert_file *file, bool *is_there, struct err *err)
{
	struct entry entry = ENTRY_EMPTY;
	struct buf path = BUF_EMPTY;
	int ret;

	(void)content_path(&path, dir, stem);
	buf_puts(&path, end);
	ret = tree_find(caddy->c->tree, buf_text(&path), &entry, is_there,
	    err);
	*is_there = ret == 0 && *is_there && entry.type == ENTRY_FILE;
	if (*is_there)
		ret = cert_file_load(file, caddy->c, buf_text(&path),
		    caddy->j, err);
	if (ret == 0 && *is_there && file->certs + file->keys == 0)
		judge_find(caddy->j, VERDICT_DAMAGED, buf_text(&path),
		    "Caddy does not start while this is there");
	if (ret == 0 && *is_there)
		cert_file_privacy(file, &entry, caddy->j);
	entry_release(&entry);
	buf_release(&path);
	return ret;
}

/* A record of Caddy's; NULL: none, or not readable, which was said. */
static int
load_record(struct caddy *caddy, const char *path, json_t **record,
    struct err *err)
{
	struct buf text = BUF_EMPTY;
	json_error_t where;
	int ret = tree_read_path(caddy->c->tree, path, RECORD_MAX, &text, err);

	*record = NULL;
	if (ret == -1) {
		ret = judge_failure(caddy->j, path, err);
		goto out;
	}
	*record = json_loadb(buf_text(&text), text.len,
	    JSON_REJECT_DUPLICATES, &where);
	if (*record == NULL)
		judge_find(caddy->j, VERDICT_DAMAGED, path,
		    "line %d: not JSON: Caddy cannot read what it knows of "
		    "this", where.line);
out:
	buf_release(&text);
	return ret;
}

/* ------------------------------------------------------------------- sites */

/* A name as Caddy writes it for a file; see its KeyBuilder. */
static void
file_name(struct buf *out, const char *name)
{
	for (; *name != '\0'; name++) {
		if (*name == '*')
			buf_puts(out, "wildcard_");
		else if (*name == ':')
			buf_byte(out, '-');
		else
			buf_byte(out, (unsigned char)(*name >= 'A' &&
			    *name <= 'Z' ? *name - 'A' + 'a' : *name));
	}
}

/* One of the certificate's names is that of the folder. */
static bool
is_for(const struct x509 *cert, const char *name)
{
	struct der rest = cert->san;
	struct buf shown = BUF_EMPTY, file = BUF_EMPTY;
	struct x509_alt alt;
	bool found = false;

	while (!found && rest.len > 0 && x509_alt_next(&rest, &alt)) {
		buf_cut(&shown, 0);
		buf_cut(&file, 0);
		x509_alt_text(&shown, &alt);
		file_name(&file, buf_text(&shown));
		found = strcmp(buf_text(&file), name) == 0;
	}
	buf_release(&shown);
	buf_release(&file);
	return found;
}

/* "sans" of the record: each is a name of the certificate. */
static void
judge_sans(struct caddy *caddy, const json_t *record, const struct x509 *cert,
    const char *path)
{
	const json_t *sans = json_object_get(record, "sans"), *one;
	struct buf name = BUF_EMPTY;
	char safe[ESCAPE_NAME_MAX];
	size_t i;

	if (!json_is_array(sans))
		judge_find(caddy->j, VERDICT_SUSPECT, path,
		    "the record names no hosts");
	json_array_foreach(sans, i, one) {
		const char *text = json_string_value(one);

		buf_cut(&name, 0);
		if (text != NULL)
			file_name(&name, text);
		if (text == NULL || !is_for(cert, buf_text(&name)))
			judge_find(caddy->j, VERDICT_SUSPECT, path, "the "
			    "record names %s, and the certificate does not",
			    text == NULL ? "something" :
			    escape_name(text, safe));
	}
	buf_release(&name);
}

static void
judge_expiry(struct caddy *caddy, const struct cert_file *cert,
    const char *dir, bool is_local)
{
	char until[UTC_TEXT_MAX];

	if (cert->leaf.not_after >= caddy->c->facts->now)
		return;
	caddy->expired++;
	/* Its own live for hours: in a snapshot they are always past it. */
	if (!is_local)
		judge_find(caddy->j, VERDICT_CLEAN, dir, "valid until %s: "
		    "Caddy renews it at start, which needs the network",
		    utc_rfc3339(cert->leaf.not_after, until));
}

/* Caddy wants all three of certificate, key and record, or gets new ones. */
static void
judge_missing(struct caddy *caddy, const char *dir, const char *what,
    bool is_local)
{
	judge_find(caddy->j, is_local ? VERDICT_RECOVERABLE : VERDICT_SUSPECT,
	    dir, "the %s is not there: Caddy gets a new certificate%s", what,
	    is_local ? " from its own authority" :
	    ", which needs the network and counts against the issuer's "
	    "limits");
}

static int
judge_record(struct caddy *caddy, const char *dir, const char *name,
    const struct cert_file *cert, bool is_local, struct err *err)
{
	struct buf path = BUF_EMPTY;
	struct entry entry = ENTRY_EMPTY;
	json_t *record = NULL;
	bool is_there;
	int ret;

	(void)content_path(&path, dir, name);
	buf_puts(&path, ".json");
	ret = tree_find(caddy->c->tree, buf_text(&path), &entry, &is_there,
	    err);
	if (ret == 0 && (!is_there || entry.type != ENTRY_FILE))
		judge_missing(caddy, dir, "record", is_local);
	else if (ret == 0)
		ret = load_record(caddy, buf_text(&path), &record, err);
	if (record != NULL && cert->certs > 0)
		judge_sans(caddy, record, &cert->leaf, buf_text(&path));
	json_decref(record);
	entry_release(&entry);
	buf_release(&path);
	return ret;
}

/* certificates/ISSUER/NAME */
static int
check_site(struct caddy *caddy, const char *dir, const char *name,
    bool is_local, struct err *err)
{
	struct cert_file cert = CERT_FILE_EMPTY, key = CERT_FILE_EMPTY;
	struct cert_pair pair = { &cert, &key, name, dir, VERDICT_DAMAGED };
	bool has_cert, has_key;
	int ret = -1;

	if (load(caddy, dir, name, ".crt", &cert, &has_cert, err) == -1 ||
	    load(caddy, dir, name, ".key", &key, &has_key, err) == -1 ||
	    judge_record(caddy, dir, name, &cert, is_local, err) == -1)
		goto out;
	caddy->sites++;
	if (!has_cert)
		judge_missing(caddy, dir, "certificate", is_local);
	if (!has_key)
		judge_missing(caddy, dir, "private key", is_local);
	if (cert_file_pair(&pair, caddy->j))
		caddy->pairs++;
	if (cert.certs > 0) {
		judge_expiry(caddy, &cert, dir, is_local);
		if (!is_for(&cert.leaf, name))
			judge_find(caddy->j, VERDICT_SUSPECT, dir,
			    "the certificate is not for this name");
	}
	ret = 0;
out:
	cert_file_release(&cert);
	cert_file_release(&key);
	return ret;
}

/* -------------------------------------------------------------- authorities */

struct authority {
	struct cert_file root, root_key, inter, inter_key;
	bool has_root, has_root_key, has_inter, has_inter_key;
};

static void
judge_root(struct caddy *caddy, const struct authority *a, const char *dir)
{
	struct cert_pair pair = { &a->root, &a->root_key, "root.crt", dir,
	    VERDICT_SUSPECT };
	char until[UTC_TEXT_MAX];

	if (!a->has_root)
		judge_find(caddy->j, VERDICT_SUSPECT, dir, "root.crt is not "
		    "there: Caddy makes a new authority, and every client has "
		    "to trust that one anew");
	else if (!a->has_root_key)
		judge_find(caddy->j, VERDICT_DAMAGED, dir, "root.key is not "
		    "there: Caddy does not start with this authority; with "
		    "a new one every client has to trust anew");
	if (cert_file_pair(&pair, caddy->j))
		caddy->pairs++;
	if (a->root.certs > 0 &&
	    a->root.leaf.not_after < caddy->c->facts->now)
		judge_find(caddy->j, VERDICT_SUSPECT, dir,
		    "the root was valid until %s: clients refuse all that is "
		    "signed below it",
		    utc_rfc3339(a->root.leaf.not_after, until));
}

static void
judge_inter(struct caddy *caddy, const struct authority *a, const char *dir)
{
	struct cert_pair pair = { &a->inter, &a->inter_key,
	    "intermediate.crt", dir, VERDICT_SUSPECT };
	char until[UTC_TEXT_MAX];

	if (!a->has_inter && a->has_root && a->has_root_key)
		judge_find(caddy->j, VERDICT_RECOVERABLE, dir,
		    "intermediate.crt is not there: Caddy makes it anew");
	else if (a->has_inter && !a->has_inter_key)
		judge_find(caddy->j, VERDICT_DAMAGED, dir, "intermediate.key "
		    "is not there: Caddy does not start; take intermediate.crt "
		    "away, and it makes both anew");
	if (cert_file_pair(&pair, caddy->j))
		caddy->pairs++;
	if (a->inter.certs == 0)
		return;
	if (a->root.certs > 0 && x509_signed_by(&a->inter.leaf,
	    &a->root.leaf.key) == X509_NOT_SIGNED)
		judge_find(caddy->j, VERDICT_SUSPECT, dir,
		    "the intermediate is not signed by the root that is here: "
		    "clients that trust that root refuse it");
	if (a->inter.leaf.not_after < caddy->c->facts->now)
		judge_find(caddy->j, VERDICT_CLEAN, dir,
		    "the intermediate was valid until %s: Caddy makes a new "
		    "one", utc_rfc3339(a->inter.leaf.not_after, until));
}

/* pki/authorities/ID */
static int
check_authority(struct caddy *caddy, const char *dir, struct err *err)
{
	struct authority a = { CERT_FILE_EMPTY, CERT_FILE_EMPTY,
	    CERT_FILE_EMPTY, CERT_FILE_EMPTY, false, false, false, false };
	int ret = -1;

	if (load(caddy, dir, "root", ".crt", &a.root, &a.has_root,
	    err) == -1 ||
	    load(caddy, dir, "root", ".key", &a.root_key, &a.has_root_key,
	    err) == -1 ||
	    load(caddy, dir, "intermediate", ".crt", &a.inter, &a.has_inter,
	    err) == -1 ||
	    load(caddy, dir, "intermediate", ".key", &a.inter_key,
	    &a.has_inter_key, err) == -1)
		goto out;
	caddy->authorities++;
	judge_root(caddy, &a, dir);
	judge_inter(caddy, &a, dir);
	ret = 0;
out:
	cert_file_release(&a.root);
	cert_file_release(&a.root_key);
	cert_file_release(&a.inter);
	cert_file_release(&a.inter_key);
	return ret;
}

/* ----------------------------------------------------------------- accounts */

/* acme/ISSUER/users/WHO/FILE */
static int
check_account(struct caddy *caddy, const struct entry *entry, struct err *err)
{
	struct cert_file key = CERT_FILE_EMPTY;
	const char *path = buf_text(&entry->path);
	size_t len = strlen(path);
	json_t *record = NULL;
	int ret = 0;

	if (len > 4 && strcmp(path + len - 4, ".key") == 0) {
		ret = cert_file_load(&key, caddy->c, path, caddy->j, err);
		if (ret == 0)
			cert_file_privacy(&key, entry, caddy->j);
		caddy->accounts++;
	} else if (len > 5 && strcmp(path + len - 5, ".json") == 0) {
		ret = load_record(caddy, path, &record, err);
		json_decref(record);
	} else {
		caddy->others++;
	}
	cert_file_release(&key);
	return ret;
}

/* ------------------------------------------------------------------ walking */

#define PARTS_MAX 6

struct place {
	char *text;		/* owned: the path, cut at its slashes */
	const char *parts[PARTS_MAX];
	size_t count;		/* PARTS_MAX: or more */
};

static void
split(struct place *place, const char *path, const char *root)
{
	size_t skip = strlen(root);
	char *rest;

	if (skip > 0 && path[skip] == '/')
		skip++;
	place->text = mem_text(path + skip);
	place->count = 0;
	rest = place->text;
	while (place->count < PARTS_MAX && rest != NULL && *rest != '\0')
		place->parts[place->count++] = strsep(&rest, "/");
}

static int
check_entry(struct caddy *caddy, const struct entry *entry,
    const struct place *place, struct err *err)
{
	const char *path = buf_text(&entry->path);
	const char *const *parts = place->parts;

	if (entry->type == ENTRY_DIR && place->count == 3) {
		if (strcmp(parts[0], "certificates") == 0)
			return check_site(caddy, path, parts[2],
			    strcmp(parts[1], LOCAL_ISSUER) == 0, err);
		if (strcmp(parts[0], "pki") == 0 &&
		    strcmp(parts[1], "authorities") == 0)
			return check_authority(caddy, path, err);
	}
	if (entry->type != ENTRY_FILE)
		return 0;
	if (place->count == 5 && strcmp(parts[0], "acme") == 0 &&
	    strcmp(parts[2], "users") == 0)
		return check_account(caddy, entry, err);
	/* The files of sites and authorities were judged with their folder. */
	if (place->count != 4 || (strcmp(parts[0], "certificates") != 0 &&
	    strcmp(parts[0], "pki") != 0))
		caddy->others++;
	return 0;
}

static int
visit(void *ctx, const struct entry *entry, struct err *err)
{
	struct caddy *caddy = ctx;
	struct place place;
	int ret;

	split(&place, buf_text(&entry->path), caddy->root);
	ret = check_entry(caddy, entry, &place, err);
	free(place.text);
	if (ret == -1)
		return judge_failure(caddy->j, buf_text(&entry->path), err);
	return 0;
}

static void
say(const struct caddy *caddy)
{
	struct judgement *j = caddy->j;

	if (caddy->expired > 0)
		judge_say(j, "%lu of its certificates have expired: Caddy "
		    "renews them at start", caddy->expired);
	if (caddy->sites > 0)
		judge_cover(j, "certificates of sites: %lu", caddy->sites);
	if (caddy->authorities > 0)
		judge_cover(j, "authorities of its own: %lu",
		    caddy->authorities);
	if (caddy->accounts > 0)
		judge_cover(j, "accounts at issuers: %lu", caddy->accounts);
	judge_cover(j, "keys that belong to their certificates: %lu",
	    caddy->pairs);
	if (caddy->others > 0)
		judge_cover(j, "other files, not looked into: %lu",
		    caddy->others);
}

static int
check(const struct content *c, const char *root, struct judgement *j,
    struct err *err)
{
	struct caddy caddy = { .c = c, .root = root, .j = j };

	if (tree_walk(c->tree, root, visit, &caddy, err) == -1 &&
	    judge_failure(j, root, err) == -1)
		return -1;
	say(&caddy);
	return 0;
}

const struct set_checker check_caddy = { "caddy", true, recognise, check };
