/* SPDX-License-Identifier: BSD-2-Clause */
/* The reports in files: the page and the metrics, from the catalogue. */
#ifndef VERIFY_PUBLISH_H
#define VERIFY_PUBLISH_H

#include <stdint.h>

struct cli;
struct err;

struct publish_options {
	const char *catalog;	/* or NULL */
	uint64_t every;		/* seconds that a verdict is good for */
	uint64_t objective;	/* seconds that a snapshot may be old */
	const char *html;	/* file, or NULL */
	const char *prometheus;	/* file, or NULL */
};

/* Each file is replaced as a whole, or left as it was.  ERR_IO, or why the
 * catalogue cannot be read. */
int publish(struct cli *cli, const struct publish_options *o,
    struct err *err);

#endif
