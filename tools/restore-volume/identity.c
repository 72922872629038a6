/* SPDX-License-Identifier: BSD-2-Clause */
/* A volume's labels and options; see identity.h. */
#include "identity.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"

static const char compose[] = "com.docker.compose.";

static void
drop_compose(struct pairs *labels)
{
	size_t i = 0;

	while (i < labels->count)
		if (strncmp(labels->items[i].key, compose,
		    strlen(compose)) == 0)
			(void)pairs_remove(labels, labels->items[i].key);
		else
			i++;
}

int
identity_of(const struct source_info *source, bool is_renamed,
    struct volume_identity *identity, struct err *err)
{
	volume_identity_init(identity);
	free(identity->driver);
	identity->driver = mem_text(source->driver);
	pairs_copy(&identity->labels, &source->labels);
	pairs_copy(&identity->options, &source->options);
	(void)volume_identity_drop_hash(identity);
	if (is_renamed)
		drop_compose(&identity->labels);
	if (volume_identity_from_options(identity, err) == -1)
		goto fail;
	if (strcmp(identity->driver, "local") != 0) {
		err_set(err, ERR_PREFLIGHT, 0, "its driver was '%s', which "
		    "keeps data elsewhere; restore with --to DIR",
		    identity->driver);
		goto fail;
	}
	if (identity->mount_type[0] != '\0') {
		err_set(err, ERR_PREFLIGHT, 0, "its options mount %s on it; "
		    "its data was there. Mount that and restore with --to "
		    "DIR", identity->mount_type);
		goto fail;
	}
	return 0;
fail:
	volume_identity_release(identity);
	return -1;
}

int
identity_record(struct host *host, const char *name,
    const struct volume_identity *identity, bool *written, struct err *err)
{
	struct volume_entry entry = { name, identity };
	struct volume v;
	bool is_recorded;

	*written = false;
	if (host->lock.state == DOCKER_LOCK_DAEMON)
		return 0;
	if (volume_set_has(host->volumes, name)) {
		if (volume_read(host->volumes, name, &v, err) == -1)
			return -1;
		is_recorded = v.is_recorded;
		volume_release(&v);
		if (is_recorded)
			return 0;
	}
	if (volume_identity_write(&host->root, &host->lock, &entry, 1,
	    err) == -1)
		return -1;
	*written = true;
	return 0;
}
