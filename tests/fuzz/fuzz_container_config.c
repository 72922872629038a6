/* SPDX-License-Identifier: BSD-2-Clause */
/* config.v2.json, and after a NUL byte hostconfig.json. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "docker/container.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void
must(bool held)
{
	if (!held)
		abort();
}

static void
check(const struct container *c)
{
	size_t i;

	must(c->id[0] != '\0' && c->mount_count <= CONTAINER_MOUNTS_MAX);
	must(c->restart_policy != NULL && c->image != NULL &&
	    c->image_id != NULL && c->created != NULL);
	for (i = 0; i < c->mount_count; i++) {
		const struct container_mount *m = &c->mounts[i];

		must(m->type != NULL && m->driver != NULL &&
		    m->destination != NULL && m->source != NULL);
		must(m->name[0] == '\0' ||
		    container_uses_volume(c, m->name));
	}
	(void)container_uses_volume(c, "v");
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	const char *config = (const char *)data, *host = NULL;
	size_t config_len = len, host_len = 0;
	struct container c;
	struct err err;

	if (len == 0 || len > CONTAINER_CONFIG_MAX)
		return 0;
	host = memchr(config, '\0', len);
	if (host != NULL) {
		config_len = (size_t)(host - config);
		host++;
		host_len = len - config_len - 1;
	}
	err_clear(&err);
	if (container_parse(config, config_len, host, host_len, &c,
	    &err) == -1) {
		must(err.class != ERR_NONE);
		return 0;
	}
	check(&c);
	container_release(&c);
	return 0;
}
