#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The catalogue: what snapshot and restore-volume leave in it, and what can be
# asked of it when the sticks are in their drawer.
. tests/tap.sh

m=$tmp/medium
mkdir -p "$tmp/src" "$m" "$tmp/out1"
echo one >"$tmp/src/one"
run "$bin/snapshot" --list
exits 10 "no catalogue, nothing to list"
[ ! -e "$DRYDOCK_CATALOG" ]
ok $? "and none is made by asking"
for i in 1 2; do
	run "$bin/snapshot" --to "$m" --any-directory --label blue \
		--path first="$tmp/src" --path second="$tmp/src"
	[ "$rc" -eq 0 ] || [ "$rc" -eq 3 ]
	ok $? "snapshot $i"
	! grep -q 'not recorded' "$tmp/err"
	ok $? "is recorded"
done
mv "$m" "$tmp/drawer"
run "$bin/snapshot" --list
exits 0 "--list without a medium"
is "$(grep -c 'not verified +*0002 on blue\|not verified  *0002 on blue' "$tmp/out")" 2 \
	"knows where the newest are"
is "$(grep -c '^first$\|^second$' "$tmp/out")" 2 "of both"
run "$bin/snapshot" --list second
is "$(grep -c ' on blue' "$tmp/out")" 2 "or of one"
run "$bin/snapshot" --list third
exits 10 "or of none"
run "$bin/snapshot" --list --json
is "$(grep -c '"message_type":"copy"' "$tmp/out")" 4 "in JSON"
run "$bin/verify" --status
exits 3 "what was taken and never read since is overdue"
says 'holds +2 snapshots, 14 files' "and known"
run "$bin/verify" -q "$tmp/drawer"
run "$bin/snapshot" --list
says ' verified +0001 on blue' "once read, it is verified"
rm -rf "$tmp"/drawer/drydock/snapshots/0001-*
run "$bin/verify" -q "$tmp/drawer"
run "$bin/snapshot" --list
! grep -q 0001 "$tmp/out"
ok $? "what is gone is not offered"

run "$bin/restore-volume" --from "$tmp/drawer" latest first --to "$tmp/out1"
exits 0 "restored"
run "$bin/restore-volume" --from "$tmp/drawer" latest none --to "$tmp/out1"
exits 10 "and not restored"
run env DRYDOCK_CATALOG=/proc/none/catalog.db "$bin/restore-volume" \
	--from "$tmp/drawer" latest first --to "$tmp/out1"
exits 0 "without a catalogue"
says 'history is not recorded' "that is said"
run env DRYDOCK_CATALOG=/proc/none/catalog.db "$bin/snapshot" -q \
	--to "$tmp/drawer" --any-directory --path first="$tmp/src"
[ "$rc" -eq 0 ] || [ "$rc" -eq 3 ]
ok $? "and costs no snapshot"
before=$(cksum <"$DRYDOCK_CATALOG")
run "$bin/snapshot" --dry-run --to "$tmp/drawer" --any-directory \
	--path first="$tmp/src"
run "$bin/restore-volume" --dry-run --from "$tmp/drawer" latest first \
	--to "$tmp/out1"
is "$(cksum <"$DRYDOCK_CATALOG")" "$before" "dry runs leave it as it is"
if command -v sqlite3 >/dev/null; then
	is "$(sqlite3 "$DRYDOCK_CATALOG" 'SELECT count(*) FROM takes')" 2 \
		"two snapshots taken"
	is "$(sqlite3 "$DRYDOCK_CATALOG" "SELECT source, target, status,
		summary FROM restores" | tail -n 1)" \
		"first|$tmp/out1|0|restored" "one restore"
	is "$(sqlite3 "$DRYDOCK_CATALOG" 'PRAGMA integrity_check')" ok \
		"the file is sound"
	sqlite3 "$DRYDOCK_CATALOG" 'PRAGMA user_version = 99'
	run "$bin/verify" "$tmp/drawer"
	says 'not recorded: .*format 99 was made by a newer version' \
		"a newer format is refused by name"
	exits 0 "which is no failure"
	is "$(sqlite3 "$DRYDOCK_CATALOG" 'PRAGMA user_version')" 99 \
		"and left alone"
else
	skip "what is in the tables" "no sqlite3 here"
fi
finish
