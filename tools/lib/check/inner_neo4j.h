/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Neo4j's .dump: "DZV1" and a zstd frame, or the frame alone, or "DGV1" and
 * gzip; inside "zstd", int32be 1, int64be number of files, int64be their
 * bytes, then a tar (Neo4j's DumpZstdFormatV1).  What is declared must be
 * there.
 */
#ifndef CHECK_INNER_NEO4J_H
#define CHECK_INNER_NEO4J_H

#include "check/stream.h"

extern const struct inner_checker inner_neo4j;
/* The same without its four letters, once it is unpacked. */
extern const struct inner_checker inner_neo4j_inside;

#endif
