/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Lists of checksums as other people's tools write them, read a line at a
 * time in fixed memory:
 *
 *	<hex>  name		sha256sum, md5sum ...; "<hex> *name" is the same
 *	\<hex>  na\nme		the same with \n, \r and \\ in the name
 *	<hex> name		md5 -r of the BSDs: one space
 *	SHA256 (name) = <hex>	the BSDs, sha256sum --tag
 *	SHA2-256(name)= <hex>	openssl dgst
 *	<hex>			in a side file, name.sha256 beside name; "-"
 *				for the name, of a pipe, means the same there
 *
 * Where sha256sum -c takes a line, this does, and with the same meaning, but
 * for what follows.  Digests of different kinds may be mixed: without a tag
 * the length tells.  A byte order mark before the first line is skipped.  No
 * line is passed over in silence: one that cannot be used comes with the
 * reason.  (Our own SHA256SUMS on media are manifest/sums.)
 *
 *	list = checklist_new(reader, is_side);
 *	while ((r = checklist_next(list, &line, &err)) == 1)
 *		...
 *	checklist_free(list);
 */
#ifndef MANIFEST_CHECKLIST_H
#define MANIFEST_CHECKLIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "codec/digest.h"

struct err;
struct reader;

/* Two bytes for each of the longest path's, a digest, and then some. */
#define CHECKLIST_LINE_MAX ((size_t)16384)
#define CHECKLIST_FAULT_MAX 128

struct checklist_line {
	uint64_t number;	/* from 1; comments and empty lines count */
	enum digest_kind kind;
	uint8_t digest[DIGEST_MAX];
	/*
	 * Not empty; the list's, until the next call.  NULL for a digest
	 * alone.
	 */
	const char *name;
	/* Why the line cannot be used; "": it can.  Harmless text. */
	char fault[CHECKLIST_FAULT_MAX];
};

struct checklist;
/* reader is borrowed.  is_side: a digest alone on its line is allowed. */
struct checklist *checklist_new(struct reader *reader, bool is_side);
/* 1: a line; 0: the end; -1: the reader failed. */
int checklist_next(struct checklist *list, struct checklist_line *line,
    struct err *err);
void checklist_free(struct checklist *list);

/*
 * Where a name of a list lies below its folder: "./" and doubled slashes are
 * taken out.  ERR_DAMAGED for "..", for a folder ("name/"), and for an
 * absolute name unless those are taken as below the folder as well.
 */
int checklist_path(const char *name, bool takes_absolute, struct buf *path,
    struct err *err);

/*
 * What a file's name says: is it a list (SHA256SUMS, md5sums.txt,
 * release-checksums.txt, backup.tar.sha256 ...), in either case?
 */
bool checklist_is_name(const char *name);
/*
 * How many bytes of name come before the ".sha256", ".md5sum" or such of a
 * side file; 0 when it is none.
 */
size_t checklist_side_len(const char *name);

#endif
