/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The databases of Neo4j: whether all is there that a start needs.  What is
 * in the stores is not looked at; a dump (neo4j-admin database dump) can be
 * proved, a store cannot.
 */
#ifndef CHECK_NEO4J_H
#define CHECK_NEO4J_H

#include "check/content.h"

extern const struct set_checker check_neo4j;

#endif
