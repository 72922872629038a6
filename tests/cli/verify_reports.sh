#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# verify --html and --prometheus: what asks for attention, and the metrics.
. tests/tap.sh

mkdir "$tmp/src" "$tmp/m"
take() {
	"$bin/snapshot" -q --any-directory --to "$tmp/m" --label stick \
		--path data="$tmp/src" >/dev/null 2>&1
}
page() { run "$bin/verify" --status --html "$tmp/page.html" "$@"; }
asks() { grep -qE -- "$1" "$tmp/page.html"; ok $? "$2"; }

run "$bin/verify" --status --html "$tmp/page.html"
exits 10 "no catalogue yet"
[ ! -e "$tmp/page.html" ]
ok $? "and no report of nothing"
head -c 400000 /dev/urandom >"$tmp/src/a"
take
page
exits 3 "a medium that nobody read back by verify"
asks 'Medium stick: .* were never read back' "asks for that"
asks 'Directory data: its newest snapshot was never verified' "twice"
"$bin/verify" -q "$tmp/m" >/dev/null
page
exits 0 "once it was read"
asks 'Every medium that is known was read in time, and is good' "all is well"
"$bin/restore-volume" -q --from "$tmp/m" latest data --to "$tmp/back" >/dev/null
page
asks 'Restores and incidents' "what was restored"
asks 'data of 0001-[0-9TZ]* to .*back' "from where to where"

# A hundred days later.
if command -v sqlite3 >/dev/null; then
	cp "$DRYDOCK_CATALOG" "$tmp/now"
	sqlite3 "$DRYDOCK_CATALOG" 'UPDATE checks SET at = at - 8640000;
		UPDATE runs SET started = started - 8640000,
		ended = ended - 8640000;
		UPDATE snapshots SET started = started - 8640000'
	page
	exits 3 "a hundred days later"
	asks 'Medium stick is overdue: .* more than 90 days ago' "it is overdue"
	asks 'Directory data: its newest good snapshot is from .* 100 days ago' \
		"and the snapshot old"
	page --every 120d --objective 20w
	exits 0 "unless that is soon enough"
	mv "$tmp/now" "$DRYDOCK_CATALOG"
else
	skip "a hundred days later" "no sqlite3 on this machine"
fi
run "$bin/verify" --every nonsense --html "$tmp/x" --status
exits 2 "a time that is none"

head -c 4000000 /dev/urandom >"$tmp/src/b"
take
"$bin/verify" -q "$tmp/m" >/dev/null
page
asks 'Directory data changed by more than half: 4.4 MB now' "a sudden growth"

for a in "$tmp"/m/drydock/snapshots/*/data.tar.zst; do
	printf '\377\377' | dd of="$a" bs=1 seek=3000 conv=notrunc 2>/dev/null
done
run "$bin/verify" --html "$tmp/page.html" --prometheus "$tmp/a.prom" "$tmp/m"
exits 5 "every copy damaged"
asks 'Directory data has no good snapshot: all 2 copies are damaged' \
	"is the worst there is"
asks 'Medium stick: 2 of 10 files are bad' "counted by medium"
asks 'data.tar.zst.*DAMAGED.*SHA-256 differs' "named among the losses"
grep -q '^drydock_medium_bad_files{medium="[0-9a-f-]*",label="stick"} 2$' \
	"$tmp/a.prom"
ok $? "and in the metrics"
grep -q '^drydock_volume_newest_good_snapshot_timestamp_seconds{kind="path",name="data"} 0$' \
	"$tmp/a.prom"
ok $? "with no good snapshot"
if command -v promtool >/dev/null; then
	run promtool check metrics <"$tmp/a.prom"
	is "$rc$(cat "$tmp/out" "$tmp/err")" 0 "promtool has nothing to say of them"
else
	skip "promtool agrees" "no promtool on this machine"
fi

# ---- whole archives, and what is inside is damaged

DRYDOCK_CATALOG=$tmp/inside.db
mkdir -p "$tmp/sick" "$tmp/m2"
echo words | gzip >"$tmp/sick/cut.gz"
truncate -s -4 "$tmp/sick/cut.gz"
"$bin/snapshot" -q --to "$tmp/m2" --any-directory --path sick="$tmp/sick" \
	>/dev/null
run "$bin/verify" "$tmp/m2"
exits 0 "the medium has what was taken"
run "$bin/verify" --status
exits 0 "and nobody looked inside"
run "$bin/verify" --data --html "$tmp/page.html" "$tmp/m2"
exits 5 "damage inside"
page
asks 'Directory sick has no good snapshot' "is no good copy"
asks 'what is inside 1 whole archives is damaged' "and asks for attention"
run "$bin/verify" --status
exits 5 "the status knows it"
says 'BAD +inside 1 whole archive,' "and says where"
run "$bin/verify" "$tmp/m2"
exits 0 "a run that does not look inside"
run "$bin/verify" --status
exits 5 "does not make it good"

run "$bin/verify" --status --html "$tmp/no/such/folder.html"
exits 1 "where it cannot be written"
says 'no/such/folder.html' "that is said"
finish
