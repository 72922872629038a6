#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# verify: what it remembers.  A run that was killed goes on where it stopped,
# one with a budget reads what is due, and nothing is said to be verified that
# was not.
. tests/tap.sh

m=$tmp/medium
mkdir -p "$tmp/src" "$m"
for i in 1 2 3 4 5 6; do
	head -c 300000 /dev/urandom >"$tmp/src/file$i"
done
for i in 1 2 3; do
	"$bin/snapshot" -q --to "$m" --any-directory --path one="$tmp/src" \
		--path two="$tmp/src" >/dev/null
done
number() { sed -n "s/.*\"message_type\":\"$1\".*\"$2\":\([0-9]*\).*/\1/p" "$tmp/out" | tail -n 1; }
files_read() { grep '"message_type":"file"' "$tmp/out" | grep -c "$1"; }

run "$bin/verify" --json "$m"
exits 0 "a whole run"
is "$(number summary files)" 21 "of all files"
is "$(number summary known_files)" 0 "all read"
bytes=$(number summary bytes)
[ -s "$DRYDOCK_CATALOG" ]
ok $? "is recorded"
is "$(stat -c %a "$DRYDOCK_CATALOG")" 600 "for root alone"
run "$bin/verify" --json "$m"
is "$(number summary known_files)" 0 "a finished run is not continued"

# ------------------------------------------------------------ cut off

# Each read takes a while; after $1 files the tool is killed with signal $2.
cut_off() {
	after=$1 signal=$2
	shift 2
	mkfifo "$tmp/lines"
	slow=
	for file in "$m"/drydock/snapshots/*/*; do
		slow="$slow -P $file"
	done
	# shellcheck disable=SC2086  # one word each, by the names above
	strace -f -qq -o /dev/null $slow -e trace=pread64 \
		-e inject=pread64:delay_exit=30000 \
		sh -c 'echo $$ >"$0"; exec "$@"' "$tmp/pid" "$bin/verify" \
		--threads 0 --json "$@" "$m" >"$tmp/lines" 2>"$tmp/err" &
	tracer=$!
	{
		count=0
		while read -r line; do
			case $line in
			*'"message_type":"file"'*) count=$((count + 1)) ;;
			esac
			[ "$count" -lt "$after" ] || break
		done
		kill -"$signal" "$(cat "$tmp/pid")"
		cat >/dev/null
	} <"$tmp/lines"
	wait $tracer 2>/dev/null
	rm "$tmp/lines"
}

if command -v strace >/dev/null && strace true 2>/dev/null; then
	cut_off 17 KILL
	run "$bin/verify" --json "$m"
	exits 0 "after a kill"
	is "$(number summary files)" 21 "the totals are those of a whole run"
	is "$(number summary bytes)" "$bytes" "to the byte"
	known=$(number summary known_files)
	[ "$known" -gt 0 ] && [ "$known" -le 17 ]
	ok $? "only the rest was read: $known of 21 were known"
	cut_off 17 INT
	run "$bin/verify" "$m"
	says 'continuing the run of .*: [0-9]+ files, .* were read then' "after ^C, told"
	says 'were read by the run that was cut off' "and counted"
	run "$bin/verify" --json "$m"
	is "$(number summary known_files)" 0 "the continued run is finished"

	cut_off 17 KILL
	run "$bin/verify" --json --restart "$m"
	is "$(number summary known_files)" 0 "--restart reads all"
	cut_off 17 KILL
	run "$bin/verify" --json --deep "$m"
	is "$(number summary known_files)" 0 "another kind of run reads all"
	cut_off 17 KILL
	run "$bin/verify" --json --snapshot 1 "$m"
	is "$(number summary known_files)" 0 "and so does one of another scope"

	# What was bad then is told again, and not called good.
	victim=$(ls -d "$m"/drydock/snapshots/0001-*)/one.tar.zst
	cp "$victim" "$tmp/whole"
	printf x | dd of="$victim" bs=1 seek=1000 conv=notrunc 2>/dev/null
	cut_off 17 KILL
	cp "$tmp/whole" "$victim"
	run "$bin/verify" "$m"
	exits 5 "a verdict that is taken over keeps its status"
	says 'DAMAGED +one.tar.zst: SHA-256 differs' "and its reason"
	run "$bin/verify" "$m"
	exits 0 "the next whole run reads it anew"

	# Sums that changed are other files; another medium is another run.
	cut_off 17 KILL
	mv "$m" "$tmp/first"
	mkdir "$m"
	"$bin/snapshot" -q --to "$m" --any-directory --path one="$tmp/src" \
		>/dev/null
	run "$bin/verify" --json "$m"
	is "$(number summary known_files)" 0 "another medium at the same path"
	rm -rf "$m"
	mv "$tmp/first" "$m"
	run "$bin/verify" --json "$m"
	known=$(number summary known_files)
	[ "$known" -gt 0 ]
	ok $? "the first one is known by its id"

	# A large file goes on inside.
	mkdir "$tmp/large" "$tmp/stick"
	head -c 300000000 /dev/urandom >"$tmp/large/file"
	"$bin/snapshot" -q --to "$tmp/stick" --any-directory \
		--path large="$tmp/large" --level 1 >/dev/null
	rm -r "$tmp/large"
	large=$(echo "$tmp"/stick/drydock/snapshots/*/large.tar.zst)
	# 64 reads of 4 MiB are one place; the 70th is the last.
	killed_inside() {
		strace -qq -o /dev/null -P "$large" -e trace=pread64 \
			-e inject=pread64:signal=KILL:when=70 \
			"$bin/verify" --threads 0 "$tmp/stick" >/dev/null 2>&1
	}
	killed_inside
	run "$bin/verify" --json "$tmp/stick"
	exits 0 "killed inside a large file"
	[ "$(number summary known_bytes)" -ge 268435456 ]
	ok $? "256 MiB of it are not read again"
	# On a terminal, with each read taking a while.
	watched() {
		run script -qec "stty cols 80; strace -f -qq -o /dev/null \
			-P $large -e trace=pread64 \
			-e inject=pread64:delay_exit=50000 \
			$bin/verify $* $tmp/stick" /dev/null
		tr '\r' '\n' <"$tmp/out" >"$tmp/lines"
		mv "$tmp/lines" "$tmp/out"
	}
	killed_inside
	watched --threads 2
	says 'verifying: [0-9.]+ MB of 31\.[0-9] MB, ' "only the rest is told of"
	watched --threads 0
	says 'of 300 MB, ([0-9]+ files?, )?[0-9.]+ MB/s, [0-9]+ s left' \
		"and of a whole run the time that is left"
	! grep 'verifying: ' "$tmp/out" | grep -q '.\{84\}'
	ok $? "in 80 columns"
	flip() { printf "$1" | dd of="$large" bs=1 seek=1000 conv=notrunc 2>/dev/null; }
	byte=$(dd if="$large" bs=1 skip=1000 count=1 2>/dev/null | od -An -to1 | tr -d ' ')
	flip x
	killed_inside
	flip "\\$byte"
	run "$bin/verify" "$tmp/stick"
	exits 0 "mended since then: judged as it is now"
	killed_inside
	flip x
	run "$bin/verify" --restart "$tmp/stick"
	exits 5 "--restart sees what rotted in what was read"

	# So do several at a time: killed in the last read, with a place known.
	if command -v sqlite3 >/dev/null; then
		flip "\\$byte"
		rm "$DRYDOCK_CATALOG"
		strace -f -qq -o /dev/null -P "$large" -e trace=pread64 \
			-e inject=pread64:delay_enter=20000000:when=70 \
			sh -c 'echo $$ >"$0"; exec "$@"' "$tmp/pid" \
			"$bin/verify" --threads 2 "$tmp/stick" \
			>/dev/null 2>&1 &
		tracer=$!
		until [ "$(sqlite3 "$DRYDOCK_CATALOG" \
			'SELECT count(*) FROM places' 2>/dev/null)" = 1 ] ||
			! kill -0 $tracer; do
			sleep 0.1
		done
		kill -KILL "$(cat "$tmp/pid")"
		wait $tracer 2>/dev/null
		run "$bin/verify" --json --threads 2 "$tmp/stick"
		exits 0 "with threads: killed inside a large file"
		[ "$(number summary known_bytes)" -ge 268435456 ]
		ok $? "goes on there"
	else
		skip "cut off inside a file, with threads" "no sqlite3 here"
	fi
	rm -r "$tmp/stick"

	# deep: a source that was decoded is not decoded again.
	cut_off 21 INT --deep
	run "$bin/verify" --deep "$m"
	exits 0 "deep goes on, too"
	says 'one: all 7 members OK \(then\)' "and says what it took over"
else
	skip "runs that are cut off" "no strace here"
fi

# ------------------------------------------------------------ budgets

rm -f "$DRYDOCK_CATALOG"
i=0
state=partial
while [ "$i" -lt 20 ] && [ "$state" = partial ]; do
	i=$((i + 1))
	run "$bin/verify" --json -v --max-bytes 3M "$m"
	[ "$rc" -eq 0 ] || break
	state=$(sed -n 's/.*"message_type":"coverage","state":"\([a-z]*\)".*/\1/p' "$tmp/out")
	sed -n 's/.*"snapshot":"\([^"]*\)","file":"\([^"]*\)".*/\1 \2/p' \
		"$tmp/out" | grep tar.zst >>"$tmp/read"
	[ "$(sort -u "$tmp/read" | wc -l)" -lt 6 ] || break
done
is "$i" 6 "budgets of one archive: six runs for six archives"
is "$(sort "$tmp/read" | uniq -d | wc -l)" 0 "none of them twice"
run "$bin/verify" --max-bytes 3M "$m"
says 'PARTIAL: [0-9]+ of 21 files' "a run with a budget says what it covered"
says 'NOT read in this run: [0-9]+ files' "and what it left"
run "$bin/verify" --sample 100 "$m"
exits 0 "a sample of all"
says 'coverage +all 21 files' "covers all"
run "$bin/verify" --json --sample 34 "$m"
[ "$(number coverage bytes)" -lt $((bytes * 40 / 100)) ]
ok $? "a third is no more than that"
run "$bin/verify" --sample 101 "$m"
exits 2 "more than all"
run "$bin/verify" --max-duration 10 "$m"
exits 2 "a time without a unit"
run "$bin/verify" --max-duration 2h "$m"
says 'coverage +all 21 files' "two hours are enough"
printf x | dd of="$(ls -d "$m"/drydock/snapshots/0002-*)/two.tar.zst" bs=1 \
	seek=1000 conv=notrunc 2>/dev/null
run "$bin/verify" --sample 100 "$m"
exits 5 "a budget hides no damage"

# ------------------------------------------------------------ status

run "$bin/verify" --status "$m"
exits 5 "status: what was bad when it was read last"
says 'BAD +1 file, when last read' "is told"
rm -rf "$m"
mkdir "$m"
rm -f "$DRYDOCK_CATALOG"
run "$bin/verify" --status
exits 10 "status: no catalogue"
for i in 1 2; do
	"$bin/snapshot" -q --to "$m" --any-directory --path one="$tmp/src" \
		--label "the drawer" >/dev/null
done
run "$bin/verify" --status "$m"
[ "$rc" -eq 10 ] || [ "$rc" -eq 3 ]
ok $? "status: a medium that nobody verified"
run "$bin/verify" --max-bytes 1M "$m"
run "$bin/verify" --status
exits 3 "status: half of it read"
says 'NEVER READ +[1-9][0-9]* file' "the other half is named"
says 'last whole +never' "and never was it read as a whole"
run "$bin/verify" "$m"
mv "$m" "$tmp/drawer"
run "$bin/verify" --status
exits 0 "status: all read, and the stick in the drawer"
says 'holds +2 snapshots, 10 files' "what it holds"
says '^1 medium: 0 overdue, 0 with damage' "and that it is well"
awk 'length > 80 { exit 1 }' "$tmp/out"
ok $? "in 80 columns"
run "$bin/verify" --status "the drawer"
exits 0 "by its label"
run "$bin/verify" --status --json
says '"verdict":"verified"' "in JSON"
run "$bin/verify" --status "$tmp/none"
exits 10 "no such medium"
run "$bin/verify" --status --every x
exits 2 "no such time"
if command -v sqlite3 >/dev/null; then
	sqlite3 "$DRYDOCK_CATALOG" 'UPDATE checks SET at = at - 7776002
		WHERE id = (SELECT max(id) FROM checks)'
	run "$bin/verify" --status
	exits 3 "a file last read 90 days and two seconds ago"
	says 'OVERDUE +1 file' "is overdue"
	run "$bin/verify" --status --every 13w
	exits 0 "but not by 13 weeks"
	sqlite3 "$DRYDOCK_CATALOG" 'UPDATE checks SET at = at + 9999999'
	run "$bin/verify" --status
	exits 3 "on a clock that was set back nothing is fresh"
	says 'still to come: is the clock right' "and that is said"
else
	skip "overdue" "no sqlite3 here"
fi
mv "$tmp/drawer" "$m"

# ------------------------------------------------------------ carried

ledger=$m/drydock/verified
run "$bin/verify" "$m"
[ ! -e "$ledger" ]
ok $? "nothing is written to a medium unasked"
run "$bin/verify" --record-on-medium "$m"
exits 0 "recorded on the medium"
is "$(ls "$ledger" | wc -l)" 1 "as one file"
record=$ledger/$(ls "$ledger")
is "$(sed -n '$s/self //p' "$record")" \
	"$(sed '$d' "$record" | sha256sum | cut -d' ' -f1)" \
	"that sha256sum can check"
run "$bin/verify" --record-on-medium --max-bytes 1M "$m"
is "$(ls "$ledger" | wc -l)" 2 "one more for another run"
run "$bin/verify" --status "$m"
exits 0 "it is known here already"
# Another host.
home=$DRYDOCK_CATALOG
DRYDOCK_CATALOG=$tmp/other.db
printf 'drydock-verified 1\nrun ' >"$ledger/20200101T000000Z-torn.txt"
run "$bin/verify" --max-bytes 1 "$m"
is "$(grep -c 'learnt from the medium' "$tmp/err")" 2 "another host learns of both"
exits 0 "a torn one is passed over"
run "$bin/verify" --status
exits 0 "and counts what was read elsewhere"
says 'last whole +never' "but does not call it its own"
run "$bin/verify" --max-bytes 1 "$m"
! grep -q 'learnt' "$tmp/err"
ok $? "once"
run env DRYDOCK_CATALOG=/proc/none/catalog.db "$bin/verify" \
	--record-on-medium "$m"
exits 3 "asked for, and impossible: a warning"
says 'not recorded on the medium: ' "that says so"
DRYDOCK_CATALOG=$home

# ------------------------------------------------------------ no catalogue

run env DRYDOCK_CATALOG=/proc/none/catalog.db "$bin/verify" --snapshot 1 "$m"
exits 0 "without a catalogue"
says 'history is not recorded: ' "that is said"
is "$(grep -c 'not recorded' "$tmp/err")" 1 "once"
run env DRYDOCK_CATALOG=/proc/none/catalog.db "$bin/verify" --max-bytes 1M "$m"
says 'PARTIAL, and not remembered' "a budget is kept all the same"
head -c 30000 /dev/urandom >"$DRYDOCK_CATALOG"
run "$bin/verify" --snapshot 1 "$m"
exits 0 "with a damaged one"
says 'put aside as .*catalog.db.damaged-.* begun anew' "that is said"
run "$bin/verify" --dry-run --snapshot 1 "$m"
exits 0 "a dry run"
# ------------------------------------------------------------ what is gone

m=$tmp/lost
DRYDOCK_CATALOG=$tmp/lost.db
mkdir "$m"
for i in 1 2 3; do
	"$bin/snapshot" -q --to "$m" --any-directory --path one="$tmp/src" \
		>/dev/null
done
run "$bin/verify" "$m"
exits 0 "three snapshots"
rm -r "$m"/drydock/snapshots/0002-*
run "$bin/verify" "$m"
exits 3 "one of them is gone"
says 'warning: snapshot 0002-[0-9TZ]* is gone from this medium' "and named"
run "$bin/verify" "$m"
exits 0 "once"
: >"$(echo "$m"/drydock/snapshots/0003-*/COMPLETE)"
run "$bin/verify" "$m"
exits 5 "a commit record that was there before, and is empty"
says 'MISSING +COMPLETE' "is damage, and no interrupted snapshot"
says 'checked 2 snapshots' "and the rest of it is read"
run "$bin/verify" --status
exits 5 "the status says the same"
run "$bin/verify" --catalog "$tmp/unknown.db" "$m"
exits 3 "where it was never seen"
says 'was interrupted' "nobody can know"
run "$bin/snapshot" --to "$m" --any-directory --path one="$tmp/src"
says 'snapshot 0003-[0-9TZ]*: its COMPLETE is gone or empty, but it was' \
	"snapshot does not take it for litter"
[ -s "$(echo "$m"/drydock/snapshots/0003-*/SHA256SUMS)" ]
ok $? "and keeps it"
mkdir "$m/drydock/snapshots/0005-20261125T214023Z"
run "$bin/snapshot" --to "$m" --any-directory --path one="$tmp/src"
says 'removed the interrupted snapshot 0005' "what never was whole is swept"
# ------------------------------------------- another medium, the same folder

m=$tmp/swapped
mkdir "$m"
head -c 3000000 /dev/urandom >"$tmp/src/large"
"$bin/snapshot" -q --to "$m" --any-directory --path one="$tmp/src" >/dev/null
mkfifo "$tmp/lines"
"$bin/verify" --json --record-on-medium "$m" >"$tmp/lines" 2>"$tmp/err" &
{
	read -r line
	# It has begun; now the stick is pulled.
	mv "$m" "$tmp/pulled"
	mkdir "$m"
	cat
} <"$tmp/lines" >"$tmp/out"
wait
if [ -e "$tmp/pulled/drydock/verified" ]; then
	skip "a medium that was pulled" "the run was over before"
else
	says 'not recorded on the medium' "a medium that was pulled"
fi
is "$(ls "$m")" "" "and no new one is made in its place"
finish
