/* SPDX-License-Identifier: BSD-2-Clause */
/* Media, runs and the questions: order by number, whatever the clock says. */
#include "catalog/runs.h"

#include <sys/wait.h>

#include "catalog/events.h"
#include "catalog/media.h"
#include "catalog/query.h"
#include "catalog/status.h"
#include "harness.h"
#include "scratch.h"

#define UUID "01234567-89ab-4def-8123-456789abcdef"
#define WEEK (7 * 24 * 3600)

static char dir[SCRATCH_MAX];
static struct err err;

static uint8_t sum_a[32], sum_b[32];

static int64_t
put_medium(struct catalog *c, const char *uuid)
{
	struct catalog_medium m = { uuid, "label", "FAT", "/media/a" };
	int64_t row = 0;

	ok(catalog_medium_put(c, &m, &row, &err) == 0, "a medium");
	return row;
}

static int64_t
put_snapshot(struct catalog *c, int64_t medium, uint64_t sequence,
    const uint8_t *sums)
{
	char name[32];
	struct catalog_snapshot s = { medium, sequence, name, sums,
	    1000 + (int64_t)sequence, 2000, "host", "0.1" };
	int64_t row = 0;

	(void)snprintf(name, sizeof name, "%04u-x", (unsigned)sequence);
	ok(catalog_snapshot_put(c, &s, &row, &err) == 0, "a snapshot");
	return row;
}

static int64_t
put_file(struct catalog *c, int64_t snapshot, const char *name,
    const char *source, const uint8_t *sum)
{
	struct catalog_file f = { snapshot, name, source, 100, sum };
	int64_t row = 0;

	ok(catalog_file_put(c, &f, &row, &err) == 0, "a file");
	return row;
}

static void
put_source(struct catalog *c, int64_t snapshot, const char *name)
{
	struct catalog_source s = { snapshot, name, "volume", 1000, 100, 3,
	    4, 0, 0, "stopped" };

	ok(catalog_source_put(c, &s, &err) == 0, "a source");
}

static int64_t
begin(struct catalog *c, int64_t medium, const char *kind)
{
	struct catalog_run run = { medium, kind, "all" };
	int64_t row = 0;

	ok(catalog_run_begin(c, &run, &row, &err) == 0, "a run");
	return row;
}

static void
put_check(struct catalog *c, int64_t run, int64_t file, bool is_bad,
    int64_t when)
{
	struct catalog_check check = { .file = file, .at = when,
	    .is_bad = is_bad, .bytes = 100, .milliseconds = 7,
	    .retries = 2, .is_direct = true };

	(void)snprintf(check.verdict, sizeof check.verdict, "%s",
	    is_bad ? "DAMAGED" : "OK");
	(void)snprintf(check.why, sizeof check.why, "%s",
	    is_bad ? "SHA-256 differs" : "");
	ok(catalog_check_put(c, run, &check, &err) == 0, "a check");
}

static struct catalog *
open_new(const char *name)
{
	struct catalog *c = NULL;
	char path[2 * SCRATCH_MAX];

	(void)snprintf(path, sizeof path, "%s/%s", dir, name);
	ok(catalog_open(&c, path, CATALOG_WRITE, &err) == 0, "opened");
	return c;
}

static void
test_media_are_known_by_id(void)
{
	struct catalog *c = open_new("media.db");
	int64_t first = put_medium(c, UUID), found = 0;

	is_u64((uint64_t)put_medium(c, UUID), (uint64_t)first, "the same");
	ok(put_medium(c, "another") != first, "another one");
	ok(catalog_medium_find(c, UUID, &found, &err) == 0 &&
	    found == first, "found");
	ok(catalog_medium_find(c, "none", &found, &err) == 0 && found == 0,
	    "not known");
	catalog_close(c);
}

static void
test_a_changed_sum_is_a_new_file(void)
{
	struct catalog *c = open_new("sums.db");
	int64_t medium = put_medium(c, UUID);
	int64_t s = put_snapshot(c, medium, 1, sum_a);
	int64_t file = put_file(c, s, "a", "", sum_a);
	int64_t run = begin(c, medium, "files");
	struct catalog_check check;
	struct catalog_place place = { 64, { 1, 2, 3 } };
	bool known = false;

	ok(catalog_check_find(c, run, file, &check, &known, &err) == 0 &&
	    !known, "not read yet");
	ok(catalog_place_put(c, run, file, &place, &err) == 0, "half of it");
	place.bytes = 128;
	ok(catalog_place_put(c, run, file, &place, &err) == 0, "more of it");
	memset(&place, 0, sizeof place);
	ok(catalog_place_find(c, run, file, &place, &known, &err) == 0 &&
	    known && place.bytes == 128 && place.state[2] == 3, "found");
	ok(catalog_place_find(c, run + 1, file, &place, &known, &err) == 0 &&
	    !known, "not for another run");
	put_check(c, run, file, true, 5);
	ok(catalog_check_find(c, run, file, &check, &known, &err) == 0 &&
	    known, "read");
	is_str(check.verdict, "DAMAGED", "verdict");
	is_str(check.why, "SHA-256 differs", "why");
	ok(check.is_bad && check.is_direct && check.bytes == 100 &&
	    check.milliseconds == 7 && check.retries == 2, "all of it");
	ok(catalog_place_find(c, run, file, &place, &known, &err) == 0 &&
	    !known, "the place inside it is gone");
	is_u64((uint64_t)put_file(c, s, "a", "", sum_a), (uint64_t)file,
	    "known");
	ok(catalog_check_find(c, run, file, &check, &known, &err) == 0 &&
	    known, "keeps its verdict");
	(void)put_file(c, s, "a", "", sum_b);
	ok(catalog_check_find(c, run, file, &check, &known, &err) == 0 &&
	    !known, "another sum: never read");
	catalog_close(c);
}

/* A process that begins a run and is killed in it. */
static void
killed_run(const char *path, int64_t medium, int64_t file)
{
	pid_t pid = fork();

	if (pid == 0) {
		struct catalog *c = NULL;
		struct catalog_run mine = { medium, "files", "all" };
		struct catalog_check check = { .file = file, .at = 5 };
		struct catalog_progress p = { 1, 0, 100, 7 };
		int64_t run;

		/* No points from here: the parent counts. */
		if (catalog_open(&c, path, CATALOG_WRITE, &err) == 0 &&
		    catalog_run_begin(c, &mine, &run, &err) == 0 &&
		    catalog_check_put(c, run, &check, &err) == 0)
			(void)catalog_run_progress(c, run, &p, &err);
		(void)raise(SIGKILL);
	}
	(void)waitpid(pid, NULL, 0);
}

static void
test_only_a_cut_run_goes_on(void)
{
	char path[2 * SCRATCH_MAX];
	struct catalog *c = open_new("cut.db");
	int64_t medium = put_medium(c, UUID), run;
	int64_t s = put_snapshot(c, medium, 1, sum_a);
	int64_t file = put_file(c, s, "a", "", sum_a);
	struct catalog_run want = { medium, "files", "all" };
	struct catalog_unfinished u;

	ok(catalog_run_unfinished(c, &want, WEEK, &u, &err) == 0 &&
	    u.row == 0, "no run, nothing to go on with");
	run = begin(c, medium, "files");
	ok(catalog_run_unfinished(c, &want, WEEK, &u, &err) == 0 &&
	    u.row == 0, "a run of a process that is alive is its own");
	ok(catalog_run_end(c, run, CATALOG_FINISHED, 0, &err) == 0, "ended");
	ok(catalog_run_unfinished(c, &want, WEEK, &u, &err) == 0 &&
	    u.row == 0, "a finished one is finished");
	catalog_close(c);
	(void)snprintf(path, sizeof path, "%s/cut.db", dir);
	fflush(stdout);
	killed_run(path, medium, file);
	c = NULL;
	ok(catalog_open(&c, path, CATALOG_WRITE, &err) == 0, "again");
	ok(catalog_run_unfinished(c, &want, WEEK, &u, &err) == 0 &&
	    u.row > run && u.files == 1 && u.bytes == 100,
	    "a killed one is found, with what it read");
	want.kind = "deep";
	ok(catalog_run_unfinished(c, &want, WEEK, &u, &err) == 0 &&
	    u.row == 0, "not for another kind");
	want.kind = "files";
	want.scope = "0001";
	ok(catalog_run_unfinished(c, &want, WEEK, &u, &err) == 0 &&
	    u.row == 0, "nor for another scope");
	want.scope = "all";
	ok(query_exec(c, "UPDATE runs SET ended = ended - 604802", &err) == 0,
	    "a week and two seconds ago");
	ok(catalog_run_unfinished(c, &want, WEEK, &u, &err) == 0 &&
	    u.row == 0, "too old");
	ok(query_exec(c, "UPDATE runs SET ended = ended + 604700", &err) == 0,
	    "less than a week ago");
	ok(catalog_run_unfinished(c, &want, WEEK, &u, &err) == 0 &&
	    u.row != 0, "not too old");
	ok(query_exec(c, "UPDATE runs SET ended = ended + 100000", &err) == 0,
	    "a day from now");
	ok(catalog_run_unfinished(c, &want, WEEK, &u, &err) == 0 &&
	    u.row != 0, "the clock was set back a little");
	ok(query_exec(c, "UPDATE runs SET ended = ended + 604800", &err) == 0,
	    "a week from now");
	ok(catalog_run_unfinished(c, &want, WEEK, &u, &err) == 0 &&
	    u.row == 0, "or far");
	catalog_close(c);
}

static void
test_longest_ago_comes_first(void)
{
	struct catalog *c = open_new("order.db");
	int64_t medium = put_medium(c, UUID), run, run2;
	int64_t s1 = put_snapshot(c, medium, 1, sum_a);
	int64_t s2 = put_snapshot(c, medium, 2, sum_a);
	int64_t a = put_file(c, s1, "a", "", sum_a);
	int64_t b = put_file(c, s1, "b", "", sum_a);
	struct catalog_visit v[4];
	struct catalog_coverage cover;
	int64_t generation = -1;
	size_t n = 0;

	(void)put_file(c, s2, "a", "", sum_a);
	/* The clock says that the second run was before the first. */
	run = begin(c, medium, "files");
	put_check(c, run, a, false, 1000000);
	run2 = begin(c, medium, "files");
	put_check(c, run2, b, false, 1);
	ok(catalog_visits(c, medium, run2 + 1, NULL, v, 4, &n, &err) == 0 &&
	    n == 3, "three visits");
	ok(v[0].generation == 0 && v[0].sequence == 2, "never read first");
	ok(v[1].generation == run && v[1].sequence == 1 && v[1].files == 1 &&
	    v[1].bytes == 100, "then what was read first");
	ok(v[2].generation == run2, "then what was read last");
	is_str(v[0].snapshot, "0002-x", "by name");
	ok(catalog_visits(c, medium, run2 + 1, &v[0], v, 1, &n, &err) == 0 &&
	    n == 1 && v[0].generation == run, "one behind another");
	ok(catalog_visits(c, medium, run2, NULL, v, 4, &n, &err) == 0 &&
	    n == 2, "what this run read is not due again");
	ok(catalog_file_generation(c, a, &generation, &err) == 0 &&
	    generation == run, "a file's last run");
	ok(catalog_run_coverage(c, medium, run, &cover, &err) == 0 &&
	    cover.files == 3 && cover.bytes == 300 &&
	    cover.read_files == 1 && cover.read_bytes == 100, "coverage");
	ok(catalog_snapshots_expect(c, medium, &err) == 0 &&
	    catalog_snapshot_seen(c, medium, "0001-x", &err) == 0, "one left");
	ok(catalog_visits(c, medium, run2, NULL, v, 4, &n, &err) == 0 &&
	    n == 1 && v[0].sequence == 1, "what is gone is not due");
	catalog_close(c);
}

static char gone[32];
static unsigned gone_count;

static void
take_gone(void *ctx, const char *name)
{
	(void)ctx;
	gone_count++;
	(void)snprintf(gone, sizeof gone, "%s", name);
}

/* How many are told of, of a medium of which only "0001-x" is there. */
static unsigned
look_again(struct catalog *c, int64_t medium, bool has_first)
{
	gone_count = 0;
	ok(catalog_snapshots_expect(c, medium, &err) == 0 && (!has_first ||
	    catalog_snapshot_seen(c, medium, "0001-x", &err) == 0) &&
	    catalog_snapshots_gone(c, medium, take_gone, NULL, &err) == 0,
	    "looked at again");
	return gone_count;
}

static void
test_snapshots_that_are_gone(void)
{
	struct catalog *c = open_new("gone.db");
	int64_t medium = put_medium(c, UUID);
	bool whole;

	(void)put_file(c, put_snapshot(c, medium, 1, sum_a), "COMPLETE", "",
	    sum_a);
	(void)put_file(c, put_snapshot(c, medium, 2, sum_a), "COMPLETE", "",
	    sum_a);
	(void)put_file(c, put_snapshot(c, medium, 3, sum_a), "SHA256SUMS",
	    "", sum_a);
	is_u64(look_again(c, medium, true), 1, "one that was whole is gone");
	is_str(gone, "0002-x", "by name");
	is_u64(look_again(c, medium, true), 0, "and told once");
	is_u64(look_again(c, medium, false), 1, "then the other");
	is_u64(look_again(c, medium, true), 0, "which comes back");
	is_u64(look_again(c, medium, false), 1, "and goes again");
	ok(catalog_snapshot_was_whole(c, medium, "0002-x", &whole,
	    &err) == 0 && whole, "was whole once");
	ok(catalog_snapshot_was_whole(c, medium, "0003-x", &whole,
	    &err) == 0 && !whole, "never was");
	ok(catalog_snapshot_was_whole(c, medium, "0004-x", &whole,
	    &err) == 0 && !whole, "never seen");
	catalog_close(c);
}

static struct catalog_medium_state seen;
static unsigned seen_count;

static void
take_medium(void *ctx, const struct catalog_medium_state *state)
{
	(void)ctx;
	seen = *state;
	/* Texts last for the call only. */
	if (!ok(strcmp(state->uuid, UUID) == 0, "its id"))
		return;
	seen_count++;
}

static void
test_state_of_media(void)
{
	struct catalog *c = open_new("state.db");
	struct catalog_terms terms = { 10000, 1000 };
	int64_t medium = put_medium(c, UUID), run;
	int64_t s = put_snapshot(c, medium, 1, sum_a);
	int64_t a = put_file(c, s, "a", "", sum_a);
	int64_t b = put_file(c, s, "b", "", sum_a);
	int64_t d = put_file(c, s, "d", "", sum_a);

	ok(catalog_media_each(c, &terms, take_medium, NULL, &err) == 0 &&
	    seen_count == 1, "one medium");
	ok(seen.snapshots == 1 && seen.files == 3 && seen.bytes == 300 &&
	    seen.never_files == 3 && seen.oldest_at == 0 &&
	    seen.full_at == 0 && seen.last_run == 0, "never read");
	run = begin(c, medium, "files");
	put_check(c, run, a, false, 8999);
	put_check(c, run, b, true, 9000);
	ok(catalog_media_each(c, &terms, take_medium, NULL, &err) == 0,
	    "asked");
	ok(seen.never_files == 1 && seen.never_bytes == 100 &&
	    seen.bad_files == 1 && seen.oldest_at == 8999, "half read");
	ok(seen.overdue_files == 1 && seen.overdue_bytes == 100,
	    "one second too old is overdue, none is not");
	put_check(c, run, d, false, 10001);
	ok(catalog_media_each(c, &terms, take_medium, NULL, &err) == 0 &&
	    seen.overdue_files == 2, "read tomorrow: nothing to rely on");
	ok(seen.full_at == 0, "an open run is no full pass");
	ok(catalog_run_end(c, run, CATALOG_FINISHED, 5, &err) == 0, "ended");
	ok(catalog_media_each(c, &terms, take_medium, NULL, &err) == 0 &&
	    seen.full_at != 0 && seen.last_run == run, "a full pass");
	catalog_close(c);
}

static char volume_text[256];

static void
take_volume(void *ctx, const struct catalog_volume *v)
{
	(void)ctx;
	(void)snprintf(volume_text, sizeof volume_text,
	    "%s %s: '%s' %s %llu/%llu", v->kind, v->name, v->snapshot,
	    v->is_verified ? "verified" : "unverified",
	    (unsigned long long)v->bad_copies,
	    (unsigned long long)v->copies);
}

static void
test_newest_good_snapshot(void)
{
	struct catalog *c = open_new("volumes.db");
	int64_t medium = put_medium(c, UUID), run, files[3], all[3];
	uint64_t i;

	for (i = 0; i < 3; i++) {
		int64_t s = put_snapshot(c, medium, i + 1, sum_a);

		put_source(c, s, "db");
		files[i] = put_file(c, s, "db.tar.zst", "db", sum_a);
		all[i] = put_file(c, s, "snapshot.json", "", sum_a);
		(void)put_file(c, s, "other.tar.zst", "other", sum_b);
	}
	ok(catalog_volumes_each(c, take_volume, NULL, &err) == 0, "asked");
	is_str(volume_text, "volume db: '0003-x' unverified 0/3",
	    "the newest, which nobody read");
	run = begin(c, medium, "files");
	put_check(c, run, files[2], true, 1);
	put_check(c, run, files[1], false, 1);
	ok(catalog_volumes_each(c, take_volume, NULL, &err) == 0, "asked");
	is_str(volume_text, "volume db: '0002-x' unverified 1/3",
	    "a bad one is passed over; half of one is not verified");
	put_check(c, run, all[1], false, 1);
	ok(catalog_volumes_each(c, take_volume, NULL, &err) == 0, "asked");
	is_str(volume_text, "volume db: '0002-x' verified 1/3",
	    "all that matters to it is");
	put_check(c, run, all[1], true, 1);
	put_check(c, run, all[0], true, 1);
	ok(catalog_volumes_each(c, take_volume, NULL, &err) == 0, "asked");
	is_str(volume_text, "volume db: '' unverified 3/3", "none is good");
	catalog_close(c);
}

static unsigned lost_count;
static char lost_text[256];

static void
take_loss(void *ctx, const struct catalog_lost *lost)
{
	(void)ctx;
	lost_count++;
	(void)snprintf(lost_text + strlen(lost_text),
	    sizeof lost_text - strlen(lost_text), "%s/%s/%s ", lost->source,
	    lost->path, lost->verdict);
}

static struct catalog_run_state history;

static void
take_run(void *ctx, const struct catalog_run_state *run)
{
	(*(unsigned *)ctx)++;
	history = *run;
	is_str(run->state, "cut", "its owner is gone");
}

static void
test_losses_and_history(void)
{
	struct catalog *c = open_new("losses.db");
	int64_t medium = put_medium(c, UUID);
	int64_t s = put_snapshot(c, medium, 1, sum_a);
	int64_t a = put_file(c, s, "a", "", sum_a);
	int64_t b = put_file(c, s, "b", "", sum_a);
	int64_t run = begin(c, medium, "deep");
	struct catalog_verdict v = { .snapshot = s, .source = "db",
	    .checker = "deep", .root = "", .verdict = "bad",
	    .summary = "1 of 3", .is_bad = true, .items = 3, .affected = 1 };
	struct catalog_loss loss = { "0001-x", "db", "etc/x", "lost", "" };
	struct catalog_progress p = { 2, 1, 200, 14 };
	unsigned runs = 0;
	bool known = false;
	int i;

	put_check(c, run, a, true, 1);
	put_check(c, run, b, false, 1);
	ok(catalog_verdict_put(c, run, &v, &err) == 0, "an archive");
	v.items = 0;
	ok(catalog_verdict_find(c, run, &v, &known, &err) == 0 && known &&
	    v.items == 3 && v.affected == 1 && v.is_bad, "comes back");
	(void)snprintf(v.source, sizeof v.source, "web");
	ok(catalog_verdict_find(c, run, &v, &known, &err) == 0 && !known,
	    "of that source only");
	ok(catalog_loss_put(c, run, &loss, &err) == 0, "a member");
	ok(catalog_losses_each(c, run, take_loss, NULL, &err) == 0, "asked");
	is_str(lost_text, "/a/DAMAGED db//bad db/etc/x/lost ", "by name");
	ok(catalog_begin(c, &err) == 0, "many more");
	for (i = 0; i < CATALOG_LOSSES_MAX; i++)
		if (catalog_loss_put(c, run, &loss, &err) == -1)
			break;
	ok(catalog_commit(c, &err) == 0, "written");
	lost_count = 0;
	ok(catalog_losses_each(c, run, take_loss, NULL, &err) == 0, "asked");
	is_u64(lost_count, CATALOG_LOSSES_MAX + 2, "named up to the limit");
	ok(catalog_run_progress(c, run, &p, &err) == 0 &&
	    catalog_run_progress(c, run, &p, &err) == 0, "progress adds up");
	ok(query_exec(c, "UPDATE runs SET owner = '1 1 x'", &err) == 0,
	    "its process ended");
	ok(catalog_history_each(c, medium, 5, take_run, &runs, &err) == 0 &&
	    runs == 1, "one run");
	ok(history.files == 4 && history.bad == 2 && history.bytes == 400 &&
	    history.milliseconds == 28, "with its sums");
	catalog_close(c);
}

static unsigned copies;
static uint64_t first_copy;

static void
take_copy(void *ctx, const struct catalog_copy *copy)
{
	(void)ctx;
	if (copies++ == 0)
		first_copy = copy->sequence;
}

static void
test_copies(void)
{
	struct catalog *c = open_new("copies.db");
	int64_t medium = put_medium(c, UUID);
	uint64_t i;

	for (i = 1; i <= 2; i++) {
		int64_t s = put_snapshot(c, medium, i, sum_a);

		put_source(c, s, "db");
		(void)put_file(c, s, "db.tar.zst", "db", sum_a);
	}
	ok(catalog_copies_each(c, "db", take_copy, NULL, &err) == 0 &&
	    copies == 2 && first_copy == 2, "two copies, the newest first");
	copies = 0;
	ok(catalog_copies_each(c, "web", take_copy, NULL, &err) == 0 &&
	    copies == 0, "none of another");
	/* The folder holds other sums now: what it held is not known. */
	(void)put_snapshot(c, medium, 2, sum_b);
	ok(catalog_copies_each(c, NULL, take_copy, NULL, &err) == 0 &&
	    copies == 1, "a changed snapshot is learnt anew");
	catalog_close(c);
}

int
main(void)
{
	memset(sum_a, 0xaa, sizeof sum_a);
	memset(sum_b, 0xbb, sizeof sum_b);
	if (!ok(scratch_make(dir), "scratch"))
		return done();
	test_media_are_known_by_id();
	test_a_changed_sum_is_a_new_file();
	test_only_a_cut_run_goes_on();
	test_longest_ago_comes_first();
	test_snapshots_that_are_gone();
	test_state_of_media();
	test_newest_good_snapshot();
	test_losses_and_history();
	test_copies();
	ok(scratch_remove(dir), "scratch removed");
	return done();
}
