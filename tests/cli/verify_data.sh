#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# verify --data: on a medium, on a directory, and on nothing at all.  What each
# checker says is proved in tests/check.
. tests/tap.sh

mkdir -p "$tmp/src/sub" "$tmp/m" "$tmp/empty"
echo words >"$tmp/src/words"
head -c 100000 /dev/urandom >"$tmp/src/noise"
head -c 70000 /dev/zero >"$tmp/src/sub/zeros"
printf 'x' | dd of="$tmp/src/sub/late" bs=1 seek=300000 2>/dev/null

run "$bin/verify" --data "$tmp/src"
exits 3 "a directory with a file of zeros"
says 'in sub/zeros: SUSPECT' "which is named"
! grep -q 'sub/late: SUSPECT\|noise: SUSPECT' "$tmp/out"
ok $? "and no other"
says '4 files .* of no known kind' "what was not looked into is counted"
awk 'length > 80 { exit 1 }' "$tmp/out"
ok $? "within 80 columns"
run "$bin/verify" --data --json "$tmp/src"
says '"verdict":"SUSPECT".*"covered":"looked for zeros"' "JSON"

"$bin/snapshot" -q --to "$tmp/m" --any-directory --path src="$tmp/src" \
	>/dev/null
run "$bin/verify" --data "$tmp/m"
exits 3 "the same on a medium"
says 'src: .* in sub/zeros: SUSPECT' "which is named"
says 'no damage found' "and is no damage of the medium"
run "$bin/verify" --data --deep "$tmp/m"
exits 3 "with --deep"
says 'all 6 members OK' "which has its own verdict"

run "$bin/snapshot" --check --to "$tmp/m" --any-directory \
	--path src="$tmp/src"
exits 3 "snapshot --check"
says 'in sub/zeros: SUSPECT' "says the same of what it took"
says 'safe to unplug' "which stays"
run "$bin/restore-volume" --check --from "$tmp/m" latest src --to "$tmp/back"
exits 3 "restore-volume --check"
says 'in sub/zeros: SUSPECT' "says the same before the swap"
diff -r "$tmp/src" "$tmp/back" >/dev/null
ok $? "and restores what is only suspect"

run "$bin/verify" --data "$tmp/empty"
exits 10 "a directory with nothing in it"
says 'nothing was checked' "is no success"
run "$bin/verify" --data "$tmp/src/words"
exits 10 "a file of no known kind alone"
gzip -c "$tmp/src/words" >"$tmp/words.gz"
run "$bin/verify" --data -v "$tmp/words.gz"
exits 0 "a file by itself"
says 'gzip in words.gz: CLEAN' "is judged"
ln -s words.gz "$tmp/link"
printf x >>"$tmp/words.gz"
run "$bin/verify" --data "$tmp/link"
exits 5 "through a link that was typed, and damaged"
"$bin/snapshot" -q --new-key "$tmp/key" >/dev/null
run "$bin/verify" --data --key "$tmp/key.pub" "$tmp/src"
says 'signature +NOT CHECKED' "a key is not passed over where nobody signs"
exits 6 "and no success"
run "$bin/verify" --data --snapshot 1 "$tmp/src"
exits 2 "a snapshot of a plain directory"
run "$bin/verify" --data "$tmp/none"
exits 10 "nor is nothing"

a=$(find "$tmp/m" -name 'src.tar.zst*' | head -n 1)
printf '\377' | dd of="$a" bs=1 seek=50000 conv=notrunc 2>/dev/null
run "$bin/verify" --data "$tmp/m"
exits 5 "a damaged archive"
says 'in noise: DAMAGED|noise: frame' "costs the files that lie there"
finish
