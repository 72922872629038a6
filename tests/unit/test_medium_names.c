/* SPDX-License-Identifier: BSD-2-Clause */
/* medium: the names of snapshots and of their files. */
#include "harness.h"

#include "base/mem.h"
#include "manifest/sums.h"
#include "medium/info.h"
#include "medium/medium.h"

static void
test_snapshot_names(void)
{
	static const char *const bad[] = { "", "0007", "7-20261121T034500Z",
	    "0007-20261121T034500", "0007-20261321T034500Z",
	    "0007-20261121T034500Z ", "00007-20261121T034500Z",
	    "-007-20261121T034500Z", "99999999-20261121T034500Z",
	    "0007-20260230T000000Z", "../0007-20261121T034500Z" };
	struct medium_name name, again;
	size_t i;

	medium_name_format(&name, 7, 1795232700);
	is_str(name.text, "0007-20261121T034500Z", "sequence 7");
	ok(medium_name_parse(&again, name.text) && again.sequence == 7 &&
	    again.seconds == 1795232700, "comes back");
	medium_name_format(&name, MEDIUM_SEQUENCE_MAX, 0);
	ok(medium_name_parse(&again, name.text) &&
	    again.sequence == MEDIUM_SEQUENCE_MAX, "the largest sequence");
	for (i = 0; i < sizeof bad / sizeof bad[0]; i++)
		ok(!medium_name_parse(&again, bad[i]), "'%s' is no snapshot",
		    bad[i]);
}

/* Add a source by that name, as run_snapshot() does; its file name. */
static const char *
add(struct info *info, const char *source, struct buf *file)
{
	struct source_info *s;

	info_file_name(info, source, file);
	s = info_add(info);
	s->name = mem_text(source);
	s->manifest = mem_format("%s.mtree", buf_text(file));
	return buf_text(file);
}

static void
test_file_names(void)
{
	struct info info = INFO_EMPTY;
	struct buf file = BUF_EMPTY;
	char longest[256];
	size_t i;

	is_str(add(&info, "pgdata", &file), "pgdata", "a plain name stays");
	is_str(add(&info, "PgData", &file), "pgdata-2",
	    "another that differs in case gets a name of its own");
	is_str(add(&info, "PGDATA", &file), "pgdata-3", "and a third");
	is_str(add(&info, "con", &file), "_con", "a word Windows reserves");
	is_str(add(&info, "aux.d", &file), "_aux.d",
	    "reserved with an ending: the stem is what counts");
	is_str(add(&info, ".x y", &file), "_x_y", "odd bytes");
	is_str(add(&info, "-rf", &file), "_rf", "no option in disguise");
	memset(longest, 'v', 255);
	longest[255] = '\0';
	ok(strlen(add(&info, longest, &file)) <= 80, "a long name is cut");
	ok(strlen(add(&info, longest, &file)) <= 80, "and again, differently");
	for (i = 0; i < info.count; i++)
		ok(sums_is_plain(info.sources[i].manifest),
		    "'%s' may stand on a medium", info.sources[i].manifest);
	info_release(&info);
	buf_release(&file);
}

int
main(void)
{
	test_snapshot_names();
	test_file_names();
	return done();
}
