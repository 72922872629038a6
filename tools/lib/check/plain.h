/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Any file that no other checker knows: does it look as a power cut leaves
 * files, made of zeros?  Says nothing about files that pass.
 */
#ifndef CHECK_PLAIN_H
#define CHECK_PLAIN_H

#include "check/content.h"

extern const struct file_checker check_plain;

#endif
