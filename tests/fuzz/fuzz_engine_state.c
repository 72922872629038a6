/* SPDX-License-Identifier: BSD-2-Clause */
/* What an engine says of a container: read whole, or not at all. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "docker/container.h"
#include "docker/engine_container.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);
const char *__asan_default_options(void);

/*
 * Trees of many small pieces: what the sanitizer keeps of freed ones would by
 * itself reach the smoke test's limit.
 */
const char *
__asan_default_options(void)
{
	return "quarantine_size_mb=32";
}

static void
must(bool held)
{
	if (!held)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	/* A copy of its own, so that a byte too far is seen. */
	char *text = malloc(len + 1);
	struct engine_state s;
	struct container c;
	struct err err;
	int64_t code;
	size_t i;

	must(text != NULL);
	memcpy(text, data, len);
	if (container_inspect_parse(text, len, &c, &err) == 0) {
		must(*c.id != '\0' && c.name != NULL && c.image != NULL);
		container_release(&c);
	}
	(void)engine_wait_parse(text, len, &code, &err);
	if (engine_state_parse(text, len, &s, &err) == 0) {
		must(s.error != NULL && s.started_at != NULL);
		must(s.restart_policy != NULL);
		must(s.probe_count <= ENGINE_PROBES_MAX);
		for (i = 0; i < s.probe_count; i++)
			must(s.probes[i].start != NULL &&
			    s.probes[i].output != NULL);
		must(!s.check.is_set || (s.check.retries > 0 &&
		    s.check.interval_ms > 0 && s.check.timeout_ms > 0));
		engine_state_release(&s);
	}
	free(text);
	return 0;
}
