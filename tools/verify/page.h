/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The report that somebody files after the quarterly check: one HTML page
 * without scripts and without anything from elsewhere, for a wide screen, a
 * phone and paper, by day and by night.
 */
#ifndef VERIFY_PAGE_H
#define VERIFY_PAGE_H

#include "base/buf.h"
#include "outlook.h"

/* host: this one's name.  The whole page is appended to out. */
void page_format(const struct outlook *o, const char *host, struct buf *out);

#endif
