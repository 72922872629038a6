/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * opts.json and a record of metadata.db: what is understood is written back
 * and understood as the same.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "docker/volume.h"
#include "docker/volume_db.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void
must(bool held)
{
	if (!held)
		abort();
}

static void
check_opts(const char *text, size_t len)
{
	struct volume_identity id, back;
	struct err err;
	char *json;

	volume_identity_init(&id);
	volume_identity_init(&back);
	if (volume_opts_parse(text, len, &id, &err) == 0) {
		must(id.has_opts_json);
		must(volume_opts_format(&id, &json, &err) == 0);
		must(volume_opts_parse(json, strlen(json), &back, &err) == 0);
		must(strcmp(id.mount_type, back.mount_type) == 0 &&
		    strcmp(id.mount_opts, back.mount_opts) == 0 &&
		    strcmp(id.mount_device, back.mount_device) == 0 &&
		    id.quota == back.quota);
		free(json);
	}
	volume_identity_release(&id);
	volume_identity_release(&back);
}

static void
check_record(const char *text)
{
	struct volume_identity id, back;
	struct err err;
	char *json;

	volume_identity_init(&id);
	volume_identity_init(&back);
	if (volume_record_parse(text, &id, &err) == 0) {
		must(volume_record_format("n", &id, &json, &err) == 0);
		must(volume_record_parse(json, &back, &err) == 0);
		must(strcmp(id.driver, back.driver) == 0 &&
		    pairs_equal(&id.labels, &back.labels) &&
		    pairs_equal(&id.options, &back.options));
		free(json);
		(void)volume_identity_from_options(&id, &err);
	}
	volume_identity_release(&id);
	volume_identity_release(&back);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct buf text = BUF_EMPTY;

	if (len > VOLUME_OPTS_MAX)
		return 0;
	buf_append(&text, data, len);
	check_opts(buf_text(&text), len);
	check_record(buf_text(&text));
	buf_release(&text);
	return 0;
}
