/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the catalogue knows as metrics for the textfile collector of
 * Prometheus' node exporter (text exposition format 0.0.4): times stand as
 * they are, so that a stick in a drawer ages by itself and raises an alert.
 */
#ifndef VERIFY_TEXTFILE_H
#define VERIFY_TEXTFILE_H

#include "base/buf.h"
#include "outlook.h"

void textfile_format(const struct outlook *o, struct buf *out);

#endif
