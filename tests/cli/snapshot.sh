#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# snapshot: what it takes, what it refuses, what it leaves.
. tests/tap.sh

root=$tmp/root
m=$tmp/medium
mkdir -p "$root/volumes/db/_data/sub" "$root/volumes/empty/_data" \
	"$root/volumes/nfs/_data" "$m" "$tmp/extra"
echo one >"$root/volumes/db/_data/one"
echo two >"$root/volumes/db/_data/sub/two"
echo conf >"$tmp/extra/conf"
printf '%s' '{"MountType":"nfs","MountOpts":"addr=10.0.0.9,rw","MountDevice":":/export","Quota":{"Size":0}}' \
	>"$root/volumes/nfs/opts.json"
take() { run "$bin/snapshot" --data-root "$root" --to "$m" "$@"; }

take db
exits 12 "a folder that is no mount point is refused"
says any-directory "and the way to insist is named"
is "$(ls "$m")" "" "nothing was written"
take --any-directory nosuch
exits 10 "a missing volume"
take --any-directory empty
exits 12 "an empty volume"
take --any-directory nfs
exits 12 "a volume whose data is elsewhere"
says '10\.0\.0\.9' "says where it is"
take --any-directory --path none="$tmp/none"
exits 10 "a missing directory"
take --any-directory --path "$tmp/extra"
exits 2 "--path without a name"
take --any-directory db --path db="$tmp/extra"
exits 2 "the same name twice"
take --any-directory -n db
exits 0 "a dry run"
is "$(ls "$m")" "" "writes nothing"

take --any-directory --label "$(printf 'red\033')" db
exits 2 "a label that moves a terminal's cursor"
take --any-directory --label "$(head -c 65 /dev/zero | tr '\0' x)" db
exits 2 "a label that is too long"
is "$(ls "$m")" "" "and neither prepares the medium"
take --any-directory --label "blue stick" db --path extra="$tmp/extra"
exits 0 "a volume and a directory"
says 'safe to unplug' "and it may be unplugged"
s=$(ls -d "$m"/drydock/snapshots/0001-*)
is "$(ls "$s" | tr '\n' ' ')" \
	"COMPLETE SHA256SUMS db.mtree db.tar.zst extra.mtree extra.tar.zst snapshot.json " \
	"the files of a snapshot"
(cd "$s" && sha256sum -c --strict --quiet SHA256SUMS) >"$tmp/out" 2>&1
ok $? "sha256sum agrees"
grep -q '"label": "blue stick"' "$m/drydock/medium.json"
ok $? "the label is there"
grep -q 'sha256sum -c SHA256SUMS' "$m/drydock/RECOVER.txt"
ok $? "and the page for the day without us"

take --any-directory --all
exits 3 "--all takes what it can, with a warning"
says 'left out nfs' "says what it left out"
says 'left out empty' "all of it"
mkdir -p "$root/volumes/my vol/_data"
echo x >"$root/volumes/my vol/_data/x"
bad=$(printf 'b\377d')
cp -a "$root/volumes/my vol" "$root/volumes/$bad"
take --any-directory --all
says 'left out my vol: .*no name that Docker' \
	"a folder with no volume's name is left out aloud"
says 'left out b.*: .*--path' "whatever its bytes, with the way to take it"
rm -rf "$m"/drydock/snapshots/0003-* "$root/volumes/my vol" \
	"$root/volumes/$bad"
take --list
exits 0 "--list"
says '^0001 ' "the first"
says '^0002 ' "and the second"
run "$bin/snapshot" --json --list --to "$m"
exits 0 "--list --json"
python_free_json() { awk '!/^\{.*\}$/ { bad = 1 } END { exit bad }' "$1"; }
python_free_json "$tmp/out"
ok $? "one object a line, nothing else on stdout"

id=$(grep '"id"' "$m/drydock/medium.json")
mkdir "$m/drydock/snapshots/0003-20260101T000000Z"
echo x >"$m/drydock/snapshots/0003-20260101T000000Z/db.tar.zst"
take --any-directory db
exits 0 "with an interrupted snapshot in the way"
says 'removed the interrupted snapshot 0003' "which is swept and named"
is "$(ls "$m/drydock/snapshots" | wc -l)" 3 "three are there"
is "$(ls "$m/drydock/snapshots" | tail -n 1 | cut -c 1-4)" 0003 \
	"numbers go on"
is "$(grep '"id"' "$m/drydock/medium.json")" "$id" "the medium keeps its id"

last=$(ls -d "$m"/drydock/snapshots/0003-*)
printf 'x' | dd of="$last/COMPLETE" bs=1 seek=30 conv=notrunc 2>/dev/null
take --any-directory db
exits 3 "with a damaged commit record in the way"
[ -f "$last/db.tar.zst" ]
ok $? "the snapshot behind it is not swept"
: >"$last/COMPLETE"
take --any-directory db -n
take --any-directory --with-tools --tools-from "$tmp/none"
[ -f "$last/db.tar.zst" ]
ok $? "nor one whose record was lost after a later one was completed"
rm -rf "$last"

run "$bin/snapshot" --new-key "$tmp/key"
exits 0 "a new key"
is "$(stat -c %a "$tmp/key")" 600 "for nobody else to read"
run "$bin/snapshot" --new-key "$tmp/key"
exits 1 "never over an old one"
echo mine >"$tmp/half.pub"
run "$bin/snapshot" --new-key "$tmp/half"
exits 1 "nor over another's public half"
ok "$([ ! -e "$tmp/half" ]; echo $?)" "and no half pair is left"
ln -s key "$tmp/link"
take --any-directory --key "$tmp/link" db -n
exits 0 "a key behind a symbolic link"
run "$bin/snapshot" --data-root "$root" --any-directory --to "$m/drydock" db
exits 2 "the folder inside the medium is not made a medium of its own"
take --any-directory --key "$tmp/key" db
s=$(ls -d "$m"/drydock/snapshots/0005-*)
openssl dgst -sha256 -verify "$tmp/key.pub" -signature "$s/SHA256SUMS.sig" \
	"$s/SHA256SUMS" >"$tmp/out" 2>&1
ok $? "openssl verifies our signature"
openssl ecparam -name prime256v1 -genkey -out "$tmp/key2" 2>/dev/null
take --any-directory --key "$tmp/key2" db
exits 0 "a key made by openssl"
take --any-directory --key "$tmp/extra/conf" db
[ "$rc" -ne 0 ]
ok $? "a file that is no key"

take --any-directory --exclude 'sub*' db
s=$(ls -d "$m"/drydock/snapshots/0007-*)
zstd -dc "$s/db.tar.zst" | tar -tf - >"$tmp/out" 2>"$tmp/err"
! grep -q two "$tmp/out" && grep -q one "$tmp/out"
ok $? "--exclude leaves out what matches"

mkdir "$m/drydock/snapshots/9999999-20260101T000000Z"
echo x >"$m/drydock/snapshots/9999999-20260101T000000Z/COMPLETE"
take --any-directory db
exits 12 "the last number taken by a stranger"
says '9999999-20260101T000000Z.*move it away' "is named, with the way on"
rm -r "$m/drydock/snapshots/9999999-20260101T000000Z"
head -c 30000000 /dev/urandom >"$root/volumes/db/_data/big"
take --any-directory --part-size 8M db
exits 0 "in parts"
s=$(ls -d "$m"/drydock/snapshots/0008-*)
[ -f "$s/db.tar.zst.000" ] && [ -f "$s/db.tar.zst.003" ]
ok $? "numbered from 000"
big=0
for part in "$s"/db.tar.zst.*; do
	[ "$(stat -c %s "$part")" -le 8388608 ] || big=1
	zstd -q -t "$part" || big=1
done
ok $big "none too long, each good alone"
cat "$s"/db.tar.zst.* | zstd -dc | tar -xO ./big 2>/dev/null |
	cmp - "$root/volumes/db/_data/big"
ok $? "together the archive"

mkdir -p "$tmp/from/bin"
cp "$bin/snapshot" "$bin/verify" "$bin/restore-volume" \
	"$bin/startup-order" "$tmp/from/bin"
run "$tmp/from/bin/snapshot" --to "$m" --any-directory --with-tools
arch=$(uname -m)
(cd "$m/drydock/bin/$arch" && sha256sum -c --quiet SHA256SUMS) >"$tmp/out"
ok $? "--with-tools: the tools are on the medium, with their sums"
run "$m/drydock/bin/$arch/verify" "$m"
says 'checked 7 snapshots' "and run from there"
finish
