/* SPDX-License-Identifier: BSD-2-Clause */
/* The tables, each with the statement that makes it. */
#ifndef CATALOG_SCHEMA_H
#define CATALOG_SCHEMA_H

struct schema_item {
	const char *name;
	const char *sql;	/* as sqlite_schema must hold it, word for word */
};

/* In the order to make them in; a NULL name ends it. */
extern const struct schema_item schema_items[];

#endif
