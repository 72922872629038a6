/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Any file that no other checker knows, for what a power cut, a full disk or
 * a failed copy leaves: nothing but zeros, zeros inside text, text that ends
 * in the middle of a character, JSON that ends in its middle, nothing at all
 * where a file of that name never is empty.  Says nothing about files that
 * pass: of most kinds of file nothing can be known.
 */
#ifndef CHECK_PLAIN_H
#define CHECK_PLAIN_H

#include "check/content.h"

#define PLAIN_JSON_MAX ((uint64_t)8 << 20)	/* longer JSON is not parsed */

extern const struct file_checker check_plain;

#endif
