#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# verify --salvage: what is whole of a damaged archive, and nothing else.
. tests/tap.sh

m=$tmp/m
mkdir -p "$tmp/src/sub" "$m"
for i in 1 2 3 4; do
	head -c 3000000 /dev/urandom >"$tmp/src/file$i"
done
echo first >"$tmp/src/a"
chmod 640 "$tmp/src/a"
touch -d '2001-02-03 04:05:06.789' "$tmp/src/a"
ln "$tmp/src/file3" "$tmp/src/sub/again"
ln -s ../a "$tmp/src/sub/link"
mkfifo "$tmp/src/sub/pipe"
"$bin/snapshot" -q --to "$m" --any-directory --path "The.Source=$tmp/src" \
	--part-size 8M >/dev/null 2>&1
s=$(ls -d "$m"/drydock/snapshots/*)
name=${s##*/}
archive=$(cd "$s" && ls *.tar.zst.000)
base=${archive%.tar.zst.000}
out=$tmp/out-dir/$name/$base
cp -a "$m" "$tmp/good"

# What tells trees apart: names, kinds, modes, owners, times, content.
list() {
	(cd "$1" && find . -mindepth 1 \( -type d -o -printf \
		'%P %y %m %U:%G %T@ %s %l\n' \) | sort
	cd "$1" && find . -type f -exec sha256sum {} + | sort)
}

run "$bin/verify" --salvage "$tmp/out-dir" "$m"
exits 0 "a whole one"
is "$(list "$out")" "$(list "$tmp/src")" "is salvaged whole"
is "$(stat -c '%a %y' "$out/a")" "$(stat -c '%a %y' "$tmp/src/a")" "with its attributes"
run "$bin/verify" --salvage "$tmp/out-dir" "$m"
exits 12 "never over what is there"
rm -r "$tmp/out-dir"
run "$bin/verify" --salvage "$m/here" "$m"
exits 12 "never onto the medium"
says 'on the medium itself' "why"
run "$bin/verify" -n --salvage "$tmp/out-dir" "$m"
exits 0 "a dry run"
[ ! -e "$tmp/out-dir" ]
ok $? "writes nothing"

# The second frame: file2 lies across its start, file3 in it.
printf XXXX | dd of="$s/$archive" bs=1 seek=5000000 conv=notrunc 2>/dev/null
run "$bin/verify" --salvage "$tmp/out-dir" "$m"
exits 5 "a damaged frame"
says 'salvaged +The.Source: [0-9]+ members, [0-9]+ lost' "counts"
lost=$tmp/out-dir/$name/LOST.txt
grep -q '^The.Source/file2: lies in a damaged frame' "$lost"
ok $? "LOST.txt names what is lost"
[ ! -e "$out/file2" ]
ok $? "which is not there, not even in part"
for file in a file1 file4; do
	cmp -s "$out/$file" "$tmp/src/$file"
	ok $? "$file is there"
done
cat "$lost" >"$tmp/out"
if [ -e "$out/file3" ]; then
	cmp -s "$out/sub/again" "$tmp/src/file3"
	ok $? "another name of a file that is there"
else
	[ ! -e "$out/sub/again" ] && grep -q 'sub/again: is another name' "$lost"
	ok $? "another name of a file that is lost is lost"
fi
is "$(readlink "$out/sub/link")" ../a "a link"
rm -r "$tmp/out-dir"

# A member that is not what its SHA-256 says, in an archive without damage.
rm -rf "$m"
cp -a "$tmp/good" "$m"
sum=$(sha256sum <"$tmp/src/file1")
sed -i "s/${sum%% *}/$(printf %064d 0)/" "$s/$base.mtree"
run "$bin/verify" --salvage "$tmp/out-dir" "$m"
exits 5 "a member that disagrees with its SHA-256"
[ ! -e "$out/file1" ] && [ -e "$out/file2" ]
ok $? "is not kept, the others are"
grep -q 'file1: its SHA-256 differs' "$lost"
ok $? "and LOST.txt says so"
rm -r "$tmp/out-dir"

rm "$s/$base.mtree"
run "$bin/verify" --salvage "$tmp/out-dir" "$m"
exits 5 "without a manifest nothing can be proved"
is "$(find "$out" -mindepth 1)" "" "and nothing is kept"
finish
