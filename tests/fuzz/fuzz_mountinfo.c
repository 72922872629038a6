/* SPDX-License-Identifier: BSD-2-Clause */
/* mountinfo of a container whose mount points are hostile. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "docker/mounts.h"
#include "docker/proc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void
must(bool held)
{
	if (!held)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	char id[PROC_ID_LEN + 1];
	struct mounts mounts;
	struct err err;
	size_t i;
	char *text;

	if (mounts_parse((const char *)data, len, &mounts, &err) == 0) {
		for (i = 0; i < mounts.count; i++) {
			const struct mount *m = &mounts.list[i];

			must(strlen(m->root) + strlen(m->type) < len);
			must(mounts_at(&mounts, m->point) != NULL);
			must(mounts_of_path(&mounts, m->point) != NULL);
			must(mounts_by_id(&mounts, m->id) != NULL);
			must(mounts_below(m->point, m->point) != NULL);
		}
		mounts_release(&mounts);
	}
	text = malloc(len + 1);
	must(text != NULL);
	memcpy(text, data, len);
	text[len] = '\0';
	if (proc_container_id(text, id))
		must(strlen(id) == PROC_ID_LEN);
	free(text);
	return 0;
}
