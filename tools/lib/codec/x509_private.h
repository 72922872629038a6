/* SPDX-License-Identifier: BSD-2-Clause */
/* What the files of codec/x509 say to each other. */
#ifndef CODEC_X509_PRIVATE_H
#define CODEC_X509_PRIVATE_H

#include "codec/x509.h"

/* Whether the body of a Name is well-formed and within its limit. */
bool x509_is_name(struct der name);

/* The kind that an algorithm's object identifier names. */
enum x509_key_kind x509_key_kind_of(const struct der *oid);

/*
 * Take the extensions off the end of tbs, where there are any, and enter what
 * they say.
 */
int x509_extensions(struct x509 *cert, struct der *tbs, struct err *err);

#endif
