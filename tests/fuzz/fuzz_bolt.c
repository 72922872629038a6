/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * metadata.db: whatever is read from a hostile one can be written, and reads
 * the same from what was written.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "docker/volume_db.h"

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
	struct volume_db db = VOLUME_DB_EMPTY, back = VOLUME_DB_EMPTY;
	struct buf file = BUF_EMPTY;
	struct err err;
	size_t i;

	err_clear(&err);
	if (volume_db_parse(data, len, &db, &err) == -1) {
		must(err.class != ERR_NONE && err.text[0] != '\0');
		must(db.count == 0 && db.list == NULL);
		return 0;
	}
	must(volume_db_format(&db, &file, &err) == 0);
	must(volume_db_parse(file.data, file.len, &back, &err) == 0);
	must(back.count == db.count && !back.has_strangers);
	for (i = 0; i < db.count; i++) {
		must(strcmp(db.list[i].name, back.list[i].name) == 0);
		must(strcmp(db.list[i].json, back.list[i].json) == 0);
		must(i == 0 ||
		    strcmp(db.list[i - 1].name, db.list[i].name) < 0);
	}
	volume_db_release(&db);
	volume_db_release(&back);
	buf_release(&file);
	return 0;
}
