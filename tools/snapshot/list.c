/* SPDX-License-Identifier: BSD-2-Clause */
/* What a medium holds; see list.h. */
#include "list.h"

#include "base/err.h"
#include "base/num.h"
#include "base/utc.h"
#include "medium/snapshot.h"

static void
print_source(struct cli *cli, const struct snapshot *s,
    const struct source_info *src)
{
	char size[NUM_BYTES_TEXT], packed[NUM_BYTES_TEXT];
	struct cli_json j;

	cli_out(cli, "      %-28s %8s in %llu files, %8s packed, %s",
	    src->name, num_format_bytes(src->bytes, size),
	    (unsigned long long)src->files,
	    num_format_bytes(parts_bytes(&src->parts), packed),
	    consistency_name(src->consistency));
	if (src->changed + src->missed > 0)
		cli_out(cli, "      %-28s %llu files changed while read, "
		    "%llu missed", "", (unsigned long long)src->changed,
		    (unsigned long long)src->missed);
	cli_json_open(&j, "source");
	cli_json_text(&j, "snapshot", s->name.text);
	cli_json_text(&j, "name", src->name);
	cli_json_text(&j, "kind",
	    src->kind == SOURCE_VOLUME ? "volume" : "path");
	cli_json_u64(&j, "files", src->files);
	cli_json_u64(&j, "bytes", src->bytes);
	cli_json_u64(&j, "packed", parts_bytes(&src->parts));
	cli_json_text(&j, "consistency", consistency_name(src->consistency));
	cli_json_emit(&j, cli);
}

static void
print_snapshot(struct cli *cli, const struct snapshot *s)
{
	char when[UTC_TEXT_MAX], size[NUM_BYTES_TEXT];
	struct err ignored;
	bool is_signed = snapshot_signature(s, NULL, &ignored) !=
	    SIGNATURE_NONE;
	struct cli_json j;
	size_t i;

	cli_out(cli, "%04llu  %s  %s on the medium%s, from %s",
	    (unsigned long long)s->name.sequence,
	    utc_rfc3339(s->info.started, when),
	    num_format_bytes(s->complete.bytes, size),
	    is_signed ? ", signed" : "",
	    s->info.host[0] != '\0' ? s->info.host : "an unnamed host");
	cli_json_open(&j, "snapshot");
	cli_json_text(&j, "name", s->name.text);
	cli_json_u64(&j, "sequence", s->name.sequence);
	cli_json_text(&j, "started", when);
	cli_json_text(&j, "host", s->info.host);
	cli_json_u64(&j, "bytes", s->complete.bytes);
	cli_json_bool(&j, "signed", is_signed);
	cli_json_emit(&j, cli);
	for (i = 0; i < s->info.count; i++)
		print_source(cli, s, &s->info.sources[i]);
}

static void
print_medium(struct cli *cli, const struct medium *m, size_t count)
{
	char free_text[NUM_BYTES_TEXT];
	struct cli_json j;

	cli_out(cli, "medium %s%s%s (%s, %s free), %zu snapshot%s", m->id,
	    m->label[0] != '\0' ? " " : "", m->label, medium_fs_name(m),
	    num_format_bytes(m->fs.free_bytes, free_text), count,
	    count == 1 ? "" : "s");
	cli_json_open(&j, "medium");
	cli_json_text(&j, "id", m->id);
	cli_json_text(&j, "label", m->label);
	cli_json_text(&j, "path", m->path);
	cli_json_u64(&j, "free_bytes", m->fs.free_bytes);
	cli_json_u64(&j, "snapshots", count);
	cli_json_emit(&j, cli);
}

int
list_medium(struct cli *cli, const struct medium *medium, struct err *err)
{
	struct medium_list list = MEDIUM_LIST_EMPTY;
	struct snapshot s;
	struct err why;
	size_t i;

	if (medium_list(medium, &list, err) == -1)
		return -1;
	print_medium(cli, medium, list.count);
	for (i = 0; i < list.count; i++) {
		if (snapshot_open(&s, medium, &list.items[i], &why) == -1) {
			cli_warn(cli, "%s", why.text);
			continue;
		}
		print_snapshot(cli, &s);
		snapshot_close(&s);
	}
	medium_list_release(&list);
	return 0;
}
