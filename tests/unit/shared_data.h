/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Data from elsewhere that tests read in place: $DRYDOCK_TEST_DATA, or the
 * folder beside the project.  Where it is absent the test skips whole; where
 * it is there, each file has to be.
 */
#ifndef DRYDOCK_TESTS_SHARED_DATA_H
#define DRYDOCK_TESTS_SHARED_DATA_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "harness.h"

#define SHARED_DATA_PATH 4096

static inline const char *
shared_data_dir(void)
{
	const char *dir = getenv("DRYDOCK_TEST_DATA");

	return dir != NULL ? dir : "../shared/data";
}

static inline bool
shared_data_is_there(void)
{
	return access(shared_data_dir(), R_OK | X_OK) == 0;
}

/* NULL, and a failed point, when it cannot be read. */
static inline json_t *
shared_data_load(const char *name)
{
	char path[SHARED_DATA_PATH];
	json_error_t error;
	json_t *data;

	(void)snprintf(path, sizeof(path), "%s/%s", shared_data_dir(), name);
	data = json_load_file(path, 0, &error);
	ok(data != NULL, "%s is there and is JSON", name);
	return data;
}

#endif
