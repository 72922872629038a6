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
identity_is_ours(const struct host *host, const char *name, bool *is_ours,
    struct err *err)
{
	struct volume v;

	*is_ours = host->lock.state != DOCKER_LOCK_DAEMON;
	if (!*is_ours || !volume_set_has(host->volumes, name))
		return 0;
	if (volume_read(host->volumes, name, &v, err) == -1)
		return -1;
	*is_ours = !v.is_recorded;
	volume_release(&v);
	return 0;
}

void
identity_queue_add(struct identity_queue *queue, const char *name,
    struct volume_identity *identity)
{
	struct queued_identity *last;

	queue->items = mem_resize(queue->items, queue->count + 1,
	    sizeof *queue->items);
	last = &queue->items[queue->count++];
	last->name = mem_text(name);
	last->identity = *identity;
	volume_identity_init(identity);
}

int
identity_queue_write(const struct identity_queue *queue, struct host *host,
    struct err *err)
{
	struct volume_entry *entries = mem_zero(queue->count, sizeof *entries);
	int ret;
	size_t i;

	for (i = 0; i < queue->count; i++) {
		entries[i].name = queue->items[i].name;
		entries[i].identity = &queue->items[i].identity;
	}
	ret = volume_identity_write(&host->root, &host->lock, entries,
	    queue->count, err);
	free(entries);
	return ret;
}

void
identity_queue_release(struct identity_queue *queue)
{
	size_t i;

	for (i = 0; i < queue->count; i++) {
		free(queue->items[i].name);
		volume_identity_release(&queue->items[i].identity);
	}
	free(queue->items);
	queue->items = NULL;
	queue->count = 0;
}
