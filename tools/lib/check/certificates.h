/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Certificates and keys anywhere in a tree: PEM, or one certificate in DER.
 * Each is read; expired ones are told; a private key is compared with the
 * certificate in the same file or, by the usual names, beside it.  Trust is
 * not judged: who issued it is for probe.
 */
#ifndef CHECK_CERTIFICATES_H
#define CHECK_CERTIFICATES_H

#include "check/content.h"

extern const struct file_checker check_certificates;

#endif
