/* SPDX-License-Identifier: BSD-2-Clause */
/* Reasons in words; see why.h. */
#include "why.h"

#include <string.h>

#include "base/buf.h"
#include "base/escape.h"
#include "docker/engine_container.h"

#define PROBES_SHOWN 3
#define OUTPUT_SHOWN 160	/* bytes of a probe's last line */

static const char *
meaning(int64_t exit_code)
{
	static const struct { int64_t code; const char *text; } known[] = {
		{ 125, " (the engine could not run it)" },
		{ 126, " (its command cannot be executed)" },
		{ 127, " (its command was not found)" },
		{ 128, " (it could not be started)" },
		{ 130, " (interrupted)" },
		{ 134, " (it aborted)" },
		{ 137, " (killed)" },
		{ 139, " (it crashed: segmentation fault)" },
		{ 143, " (it was told to end)" },
	};
	size_t i;

	for (i = 0; i < sizeof known / sizeof known[0]; i++)
		if (known[i].code == exit_code)
			return known[i].text;
	return "";
}

void
why_ended(struct buf *out, int64_t exit_code, bool was_oom_killed)
{
	if (was_oom_killed)
		buf_printf(out, "was killed: out of memory (status %lld)",
		    (long long)exit_code);
	else
		buf_printf(out, "ended with status %lld%s",
		    (long long)exit_code, meaning(exit_code));
}

void
why_refused(struct buf *out, const char *message)
{
	static const struct { const char *said; const char *means; } known[] = {
		{ "executable file not found", "its program is missing from "
		    "the image: " },
		{ "no such file or directory", "something it needs is "
		    "missing: " },
		{ "permission denied", "its program may not be executed: " },
		{ "cannot join network of a non running container",
		    "the container whose network it uses does not run: " },
	};
	const char *core = strstr(message, "exec: ");
	size_t i;

	for (i = 0; i < sizeof known / sizeof known[0]; i++)
		if (strstr(message, known[i].said) != NULL) {
			buf_puts(out, known[i].means);
			break;
		}
	/* runc's part names the program; what is before it is always so. */
	buf_puts(out, core != NULL ? core : message);
}

/* The last line that is not empty. */
static const char *
last_line(const char *text, size_t *len)
{
	const char *end = text + strlen(text), *start;

	while (end > text && (end[-1] == '\n' || end[-1] == '\r' ||
	    end[-1] == ' '))
		end--;
	start = end;
	while (start > text && start[-1] != '\n')
		start--;
	*len = (size_t)(end - start);
	return start;
}

static void
add_probe(struct buf *out, const struct engine_probe *probe)
{
	size_t len;
	const char *line = last_line(probe->output, &len);
	size_t shown = len > OUTPUT_SHOWN ? OUTPUT_SHOWN : len;

	if (out->len > 0)
		buf_byte(out, '\n');
	if (probe->exit_code == -1)
		buf_puts(out, "probe did not run to its end");
	else
		buf_printf(out, "probe ended with status %lld",
		    (long long)probe->exit_code);
	if (shown == 0)
		return;
	buf_puts(out, ": ");
	escape_text(out, line, shown);
	if (shown < len)
		buf_puts(out, "...");
}

void
why_probes(struct buf *out, const struct engine_state *state)
{
	size_t i = state->probe_count > PROBES_SHOWN ?
	    state->probe_count - PROBES_SHOWN : 0;

	for (; i < state->probe_count; i++)
		add_probe(out, &state->probes[i]);
}
