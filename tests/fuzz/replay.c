/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Feed stored inputs to a fuzz target, without libFuzzer: each file named on
 * the command line, and each file below a directory named there.  Output is
 * TAP; the input at work is named first, so that a crash can be told apart.
 */
#include <errno.h>
#include <ftw.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { OPEN_DIRS_MAX = 16 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* nftw() passes nothing through, hence at file scope. */
static unsigned inputs;
static unsigned failures;

/* Exactly the size of the input, so that reading past its end is seen. */
static int feed(FILE *file, size_t len)
{
	uint8_t *data = malloc(len > 0 ? len : 1);
	int ret = -1;

	if (data != NULL && fread(data, 1, len, file) == len) {
		(void)LLVMFuzzerTestOneInput(data, len);
		ret = 0;
	}
	free(data);
	return ret;
}

static int visit(const char *path, const struct stat *st, int type,
    struct FTW *place)
{
	FILE *file;

	(void)place;
	if (type == FTW_D)
		return 0;
	inputs++;
	printf("# %s\n", path);
	fflush(stdout);
	file = type == FTW_F ? fopen(path, "rb") : NULL;
	if (file == NULL || feed(file, (size_t)st->st_size) == -1) {
		printf("# cannot read it: %s\n", strerror(errno));
		failures++;
	}
	if (file != NULL)
		(void)fclose(file);	/* read-only: nothing to lose */
	return 0;
}

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		if (nftw(argv[i], visit, OPEN_DIRS_MAX, FTW_PHYS) == -1) {
			printf("# %s: %s\n", argv[i], strerror(errno));
			failures++;
		}
	}
	/* No input at all means that a corpus is missing, not that all is well. */
	printf("%sok 1 - %u inputs replayed\n1..1\n",
	    failures == 0 && inputs > 0 ? "" : "not ", inputs);
	return failures == 0 && inputs > 0 ? 0 : 1;
}
