#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# verify: what it says of good media, of bad ones, and of none.
. tests/tap.sh

m=$tmp/medium
mkdir -p "$tmp/src" "$m" "$tmp/none"
for i in 1 2 3 4 5 6; do
	head -c 3000000 /dev/urandom >"$tmp/src/file$i"
done
"$bin/snapshot" -q --new-key "$tmp/key" >/dev/null
"$bin/snapshot" -q --new-key "$tmp/other" >/dev/null
"$bin/snapshot" -q --to "$m" --any-directory --path src="$tmp/src" \
	--key "$tmp/key" --part-size 8M >/dev/null
s=$(ls -d "$m"/drydock/snapshots/*)
cp -a "$m" "$tmp/good"

# A fresh copy to damage.
fresh() { rm -rf "$m"; cp -a "$tmp/good" "$m"; }
flip() {
	byte=$(dd if="$1" bs=1 skip="$2" count=1 2>/dev/null | od -An -tu1)
	printf "\\$(printf %o $(((byte + 1) % 256)))" |
		dd of="$1" bs=1 seek="$2" conv=notrunc 2>/dev/null
}

run "$bin/verify" "$tmp/none"
exits 10 "no medium"
run "$bin/verify" "$m"
exits 0 "a good one"
says 'NOT CHECKED' "a signature without a key is not called good"
says 'no damage found in what was checked' "and no more is claimed"
run "$bin/verify" --deep --key "$tmp/key.pub" "$m"
exits 0 "deep, with the key"
says 'signature +good' "signature good"
says 'all 7 members OK' "every member"
run "$bin/verify" --key "$tmp/other.pub" "$m"
exits 6 "another key"
says 'signature +BAD' "the signature is bad"
says 'files +all . OK' "and the files are judged by themselves"
run "$bin/verify" --snapshot 1 "$m"
exits 0 "one snapshot"
run "$bin/verify" --snapshot 2 "$m"
exits 10 "that is not there"
run "$bin/verify" "$s"
exits 0 "a snapshot by its folder"
says 'checked 1 snapshot' "is checked"
run "$bin/verify" --snapshot 2 "$s"
exits 2 "another snapshot than the folder that is named"
run "$bin/verify" --json "$m"
says '"message_type":"summary"' "JSON has a summary"

rm "$s/COMPLETE"
run "$bin/verify" --catalog "$tmp/new.db" "$m"
exits 10 "an interrupted snapshot alone: nothing was checked"
says interrupted "and why"

for part in src.tar.zst.000 src.mtree snapshot.json SHA256SUMS COMPLETE; do
	fresh
	flip "$s/$part" 100
	run "$bin/verify" "$m"
	exits 5 "a byte of $part"
	says "DAMAGED +$part" "is named"
done
fresh
flip "$s/SHA256SUMS.sig" 20
run "$bin/verify" --key "$tmp/key.pub" "$m"
exits 6 "a byte of the signature"

fresh
truncate -s -1000 "$s/src.tar.zst.001"
run "$bin/verify" "$m"
exits 5 "a cut part"
says 'src.tar.zst.001: has [0-9]+ bytes instead of [0-9]+' "told as that"
fresh
rm "$s/src.tar.zst.001"
run "$bin/verify" --deep "$m"
exits 5 "a missing part"
says 'MISSING +src.tar.zst.001' "told as that"
says 'lost +src: file[0-9]' "and the members it costs"
says '[1-5] of 7 members affected' "which are not all of them"
fresh
rm "$s/src.tar.zst.002"
run "$bin/verify" --deep "$m"
exits 5 "the last part missing, and with it the seek table"
says 'lost +src: file6' "the members it costs"
! grep -q 'src: file1' "$tmp/out"
ok $? "and only those"
says '[1-3] of 7 members affected' "the frames before it were found without the table"
fresh
truncate -s -5 "$s/src.tar.zst.002"
run "$bin/verify" --deep "$m"
exits 5 "only the seek table's end cut off"
says 'all 7 members OK' "costs no member"
fresh
mv "$s/src.tar.zst.000" "$tmp/x"
mv "$s/src.tar.zst.001" "$s/src.tar.zst.000"
mv "$tmp/x" "$s/src.tar.zst.001"
run "$bin/verify" "$m"
exits 5 "swapped parts"
says 'src.tar.zst.000: holds what src.tar.zst.001 should hold' "told as that"
fresh
echo x >"$s/note.txt"
run "$bin/verify" "$m"
exits 5 "a file that nobody signed for"
says 'FOREIGN +note.txt' "told as that"

fresh
flip "$s/src.tar.zst.000" 5000000
run "$bin/verify" --deep "$m"
exits 5 "a byte inside an archive, deep"
says 'lost +src: file[0-9]' "names the member"
says 'members affected' "and counts"

# An archive of one frame: its damage is at the start and at the end.
mkdir -p "$tmp/small" "$tmp/one"
head -c 300000 /dev/urandom >"$tmp/small/only"
"$bin/snapshot" -q --to "$tmp/one" --any-directory --path small="$tmp/small" \
	>/dev/null
flip "$(ls "$tmp"/one/drydock/snapshots/*/small.tar.zst)" 1000
run "$bin/verify" --deep "$tmp/one"
exits 5 "a byte in the only frame"
says 'lost +small: only' "names the member that lies in it"
says '2 of 2 members affected' "and counts"

# The sums made to agree: only the signature knows.
fresh
sed -i '/file3/d' "$s/src.mtree"
(cd "$s" && sha256sum snapshot.json src.mtree src.tar.zst.* | sort -k 2 \
	>SHA256SUMS)
run "$bin/verify" --key "$tmp/key.pub" "$m"
exits 5 "a line of the manifest removed and the sums written anew"
says 'signature +BAD' "the signature is bad"
says 'is not the file that COMPLETE names' "and the commit record disagrees"

# All sums made to agree: a snapshot that restore-volume refuses is no good one.
reseal() {
	(cd "$s" && sha256sum *.json *.mtree *.tar.zst.* | sort -k 2 \
		>SHA256SUMS
	sums=$(sha256sum <SHA256SUMS)
	sed "/^self/d; s/^sums .*/sums ${sums%% *}/" COMPLETE >head
	self=$(sha256sum <head)
	(cat head; echo "self ${self%% *}") >COMPLETE
	rm head)
}
fresh
reseal
run "$bin/verify" "$m"
exits 0 "sealed again without change"
for change in 's/"sequence": 1/"sequence": 2/' 's/"name": "src"/"name": ""/' \
	's/"host": "/&\\u001b[2J/' 's/"parts"/"party"/' \
	's/"format": 1/"format": 2/'; do
	fresh
	sed -i "$change" "$s/snapshot.json"
	reseal
	run "$bin/verify" "$m"
	exits 5 "a snapshot.json that is signed nonsense: $change"
	says 'DAMAGED +snapshot.json' "is named"
done

fresh
sed -i 's/"label": "/&\\u001b[2J/' "$m/drydock/medium.json"
run "$bin/verify" "$m"
exits 0 "a label from a stranger"
! grep -q "$(printf '\033')" "$tmp/out"
ok $? "does not reach the terminal as it is"

# One rotten place does not hide the rest.
fresh
: >"$m/drydock/snapshots/0002-20260101T000000Z"
ln -s "$s" "$m/drydock/snapshots/0003-20260101T000000Z"
run "$bin/verify" "$m"
exits 5 "a file and a link in place of snapshots"
says 'UNREADABLE' "are named"
says 'files +all . OK' "and the others are checked"
fresh
mkdir -p "$tmp/blank/drydock/snapshots"
cp "$m/drydock/medium.json" "$tmp/blank/drydock"
run "$bin/verify" "$m" "$tmp/blank"
exits 10 "a good medium and an empty one"
says 'blank: nothing was checked' "the empty one is not called good"
run "$bin/verify" "$tmp/none" "$m"
exits 10 "no medium and a good one"
says 'checked 1 snapshot' "the good one is checked all the same"
# ---- the tools that it carries

fresh
"$bin/snapshot" -q --to "$m" --any-directory --with-tools >/dev/null 2>&1
arch=$(ls "$m/drydock/bin")
run "$bin/verify" "$m"
exits 0 "a medium with tools"
says "tools in drydock/bin/$arch: all [1-9][0-9]* OK" "which are read as well"
run "$bin/verify" --snapshot 1 "$m"
! grep -q '^tools' "$tmp/out"
ok $? "not with a single snapshot"
flip "$m/drydock/bin/$arch/verify" 2000
run "$bin/verify" "$m"
exits 5 "a changed byte in one of them"
says "DAMAGED +drydock/bin/$arch/verify: SHA-256 differs" "is named"
says 'DAMAGE: 1 files' "and counted"
rm "$m/drydock/bin/$arch/SHA256SUMS"
run "$bin/verify" "$m"
exits 3 "tools without sums"
says "drydock/bin/$arch: NOT checked" "are not called good"
rm -r "$m"/drydock/snapshots/*
run "$bin/verify" "$m"
exits 10 "tools alone are no snapshot"
finish
