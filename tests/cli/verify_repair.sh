#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# verify --with and --repair: damage on one stick, the other, or both, mended
# or named; nothing is written that was not asked for.
. tests/tap.sh

a=$tmp/a
b=$tmp/b
mkdir -p "$tmp/src" "$tmp/good" "$tmp/other"
for i in 1 2 3 4; do
	head -c 3000000 /dev/urandom >"$tmp/src/file$i"
done
# A manifest of several blocks.
for i in $(seq 1 200); do
	echo "$i" >"$tmp/src/small-$i"
done
"$bin/snapshot" -q --new-key "$tmp/key" >/dev/null
"$bin/snapshot" -q --to "$tmp/good" --any-directory --path src="$tmp/src" \
	--key "$tmp/key" --part-size 8M >/dev/null 2>&1
for i in 1 2; do
	"$bin/snapshot" -q --to "$tmp/other" --any-directory \
		--path src="$tmp/src" >/dev/null 2>&1
done
rm -r "$tmp"/other/drydock/snapshots/0001-*
name=$(ls "$tmp/good/drydock/snapshots")
sa=$a/drydock/snapshots/$name
sb=$b/drydock/snapshots/$name

fresh() {
	rm -rf "$a" "$b"
	cp -a "$tmp/good" "$a"
	cp -a "$tmp/good" "$b"
}
flip() {
	byte=$(dd if="$1" bs=1 skip="$2" count=1 2>/dev/null | od -An -tu1)
	printf "\\$(printf %o $(((byte + 1) % 256)))" |
		dd of="$1" bs=1 seek="$2" conv=notrunc 2>/dev/null
}
zero() {
	head -c "$3" /dev/zero |
		dd of="$1" oflag=seek_bytes seek="$2" conv=notrunc 2>/dev/null
}
trees() { (cd "$tmp" && find a b -type f -exec sha256sum {} + | sort -k 2); }
whole() {
	diff -r "$tmp/good" "$a" >/dev/null && diff -r "$tmp/good" "$b" >/dev/null
}

# $1: what, $2: status without --repair; the damage is done already
mends() {
	trees >"$tmp/before"
	run "$bin/verify" --key "$tmp/key.pub" --with "$b" "$a"
	exits "$2" "$1: $2"
	run "$bin/verify" --key "$tmp/key.pub" --with "$b" --repair --dry-run "$a"
	exits "$2" "$1: the same with --dry-run"
	trees | cmp -s - "$tmp/before"
	ok $? "$1: nothing was written"
	run "$bin/verify" --key "$tmp/key.pub" --with "$b" --repair "$a"
	exits 3 "$1: --repair"
	whole
	ok $? "$1: both are whole"
}

run "$bin/verify" --repair "$tmp/good"
exits 2 "--repair without --with"
run "$bin/verify" --with "$tmp/none" "$tmp/good"
exits 10 "--with a folder that is not there"
run "$bin/verify" --with "$tmp/other" "$tmp/good"
exits 0 "a good medium needs no copy"

for file in src.tar.zst.000 src.tar.zst.001 src.mtree snapshot.json \
	SHA256SUMS SHA256SUMS.sig COMPLETE; do
	fresh
	flip "$sa/$file" 60
	mends "a byte of $file" 4
	fresh
	rm "$sa/$file"
	mends "$file gone" 4
	fresh
	truncate -s -20 "$sa/$file"
	mends "$file cut" 4
done
for file in src.tar.zst.001 src.mtree SHA256SUMS; do
	fresh
	echo more >>"$sa/$file"
	mends "$file too long" 4
done
fresh
zero "$sa/src.tar.zst.001" 100000 300000
: >"$sa/src.tar.zst.000"
mends "zeros, and an empty file" 4

# Both are damaged, in different places.
fresh
flip "$sa/src.tar.zst.000" 1000
flip "$sb/src.tar.zst.000" 5000000
mends "two copies of an archive, another byte each" 4
says 'read again' "the other is mended in its turn"
fresh
zero "$sa/src.tar.zst.000" 100000 900000
zero "$sb/src.tar.zst.000" 3000000 900000
flip "$sa/src.tar.zst.000" 5000000
flip "$sb/src.tar.zst.000" 6000000
truncate -s 8000000 "$sa/src.tar.zst.000"
mends "stretches of both, and one is cut" 4
fresh
flip "$sa/src.mtree" 100
flip "$sb/src.mtree" 5000
mends "two copies of a manifest, another byte each" 4
fresh
flip "$sa/src.tar.zst.000" 1000
flip "$sb/src.tar.zst.000" 6000
mends "neighbouring blocks" 4
fresh
flip "$sa/SHA256SUMS" 67
mends "a name in the sums" 4
fresh
truncate -s 1000000 "$sa/src.tar.zst.001"
echo more >>"$sb/src.tar.zst.001"
mends "one copy cut, the other too long" 4
fresh
rm "$sa/COMPLETE"
flip "$sa/SHA256SUMS" 3
flip "$sb/snapshot.json" 30
mends "the record gone, and the sums damaged" 4
fresh
for file in "$sa"/*; do
	flip "$file" 50
done
rm "$sa/src.mtree"
: >"$sa/snapshot.json"
run "$bin/verify" --with "$b" --repair "$a"
exits 5 "not one file that says whose they are: not without a key"
fresh
rm "$sa"/src.*
flip "$sb/src.tar.zst.001" 9
run "$bin/verify" --with "$b" "$a"
exits 5 "one file cannot be mended"
says 'LOST +src.tar.zst.001' "which is named"
says 'REPAIRABLE +src.tar.zst.000' "and so are those that can"
run "$bin/verify" --with "$b" --repair "$a"
exits 5 "--repair does what it can"
cmp -s "$sa/src.tar.zst.000" "$tmp/good/drydock/snapshots/$name/src.tar.zst.000"
ok $? "for that file"
[ ! -e "$sa/src.tar.zst.001" ]
ok $? "and makes none that it cannot prove"

# The same block of both: nothing to be done.
fresh
flip "$sa/src.tar.zst.000" 5000
flip "$sb/src.tar.zst.000" 5002
trees >"$tmp/before"
run "$bin/verify" --with "$b" --repair "$a"
exits 5 "the same frame of both"
says 'do not make the file' "is said"
trees | cmp -s - "$tmp/before"
ok $? "and nothing was written"

# Other kinds of copies.
fresh
rm "$sa/src.mtree"
run "$bin/verify" --with "$tmp/other" "$a"
exits 5 "another stick, of other snapshots"
says 'no other copy of this snapshot' "is told"
mkdir "$tmp/files"
cp "$sb/src.mtree" "$tmp/files"
run "$bin/verify" --with "$tmp/other" --with "$tmp/files" "$a"
exits 4 "a folder with just that file"
run "$bin/verify" --with "$sb" "$a"
exits 4 "the snapshot's folder on another stick"
run "$bin/verify" --with "$b" --repair "$sa"
exits 3 "a snapshot by its folder"
whole
ok $? "is mended"
fresh
flip "$sa/src.tar.zst.001" 5
flip "$sb/src.tar.zst.001" 3000000
cp -a "$tmp/good" "$tmp/c"
flip "$tmp/c/drydock/snapshots/$name/src.tar.zst.001" 100000
run "$bin/verify" --with "$b" --with "$tmp/c" --repair "$a"
exits 3 "three sticks"
whole && diff -r "$tmp/good" "$tmp/c" >/dev/null
ok $? "all whole"

# Deep: the members lost count as repairable when their files are.
fresh
flip "$sa/src.tar.zst.001" 50000
run "$bin/verify" --deep --with "$b" "$a"
exits 4 "deep, repairable"
says 'lost +src: file' "names what this stick alone would lose"
run "$bin/verify" --deep --with "$b" --repair "$a"
exits 3 "deep, repaired"
says 'all [0-9]+ members OK' "looks into what was mended"

# What no sum covers is nobody's to mend.
fresh
echo x >"$sa/note.txt"
rm "$sa/src.mtree"
run "$bin/verify" --with "$b" --repair "$a"
exits 5 "a foreign file stays damage"
is "$(cat "$sa/note.txt")" x "and is left alone"

fresh
rm "$sa/src.mtree"
flock "$a" -c "'$bin/verify' --with '$b' --repair '$a'" >"$tmp/out" 2>&1
rc=$?
exits 11 "somebody writes to it"
[ ! -e "$sa/src.mtree" ]
ok $? "nothing was changed"
if mount --bind "$a" "$a" 2>/dev/null &&
	mount -o remount,ro,bind "$a" 2>/dev/null; then
	run "$bin/verify" --with "$b" --repair "$a"
	exits 12 "a read-only medium"
	says 'read-only' "why"
	run "$bin/verify" --with "$b" "$a"
	exits 4 "can still be looked at"
	umount "$a"
else
	skip "a read-only medium" "cannot mount here"
fi
run "$bin/verify" --json --with "$b" "$a"
says '"message_type":"mend".*"outcome":"REPAIRABLE"' "JSON"
finish
