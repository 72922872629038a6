#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Archives that others made: read right, or refused with nothing changed.
. tests/tap.sh

root=$tmp/root
mkdir -p "$root/volumes" "$tmp/src/sub" "$tmp/deep/backup/db"
seq 1 100000 >"$tmp/src/numbers"
echo x >"$tmp/src/sub/x"
ln "$tmp/src/numbers" "$tmp/src/sub/same"
ln -s numbers "$tmp/src/soft"
chown 70:70 "$tmp/src"
chmod 0700 "$tmp/src"
cp -a "$tmp/src/." "$tmp/deep/backup/db"
back() { run "$bin/restore-volume" --data-root "$root" "$@"; }
tree() { (cd "$1" && find . -printf '%p %y %m %U %G %n %s %l\n' | sort); }
tree "$tmp/src" >"$tmp/want"

tar -cf "$tmp/a.tar" -C "$tmp/src" .
gzip -k "$tmp/a.tar"
xz -k "$tmp/a.tar"
bzip2 -k "$tmp/a.tar"
zstd -q "$tmp/a.tar"
tar --format=pax -cf "$tmp/pax.tar" -C "$tmp/src" .
tar --format=gnu -S -cf "$tmp/gnu.tar" -C "$tmp/src" .
tar --format=ustar -cf "$tmp/ustar.tar" -C "$tmp/src" .
[ -x "$bin/busybox" ] && "$bin/busybox" tar -cf "$tmp/busybox.tar" -C "$tmp/src" . 2>/dev/null
for a in a.tar a.tar.gz a.tar.xz a.tar.bz2 a.tar.zst pax.tar gnu.tar \
	ustar.tar busybox.tar; do
	if [ ! -f "$tmp/$a" ]; then
		skip "$a" "this busybox does not make archives"
		continue
	fi
	back "$tmp/$a" vol
	exits 0 "$a"
	tree "$root/volumes/vol/_data" | diff "$tmp/want" - >"$tmp/out"
	ok $? "$a: the same tree"
	cmp "$tmp/src/numbers" "$root/volumes/vol/_data/numbers"
	ok $? "$a: the same content"
done

tar -czf "$tmp/deep.tar.gz" -C "$tmp/deep" backup/db
back "$tmp/deep.tar.gz" --strip-components 2 wol
[ "$rc" -eq 0 ] || [ "$rc" -eq 3 ]
ok $? "with a prefix to strip"
tree "$root/volumes/wol/_data" | diff "$tmp/want" - >"$tmp/out"
ok $? "the same tree without it, the root's owner and mode too"
back "$tmp/deep.tar.gz" --strip-components 9 wol
exits 5 "with too much stripped nothing is left, which is refused"

tree "$root/volumes/vol/_data" >"$tmp/before"
size=$(stat -c %s "$tmp/a.tar.gz")
refused() {	# $1: file, $2: name
	back "$1" vol
	exits 5 "$2"
	tree "$root/volumes/vol/_data" | diff "$tmp/before" - >/dev/null
	ok $? "$2: nothing is changed"
}
for suffix in gz xz bz2 zst; do
	head -c $(($(stat -c %s "$tmp/a.tar.$suffix") - 20)) \
		"$tmp/a.tar.$suffix" >"$tmp/cut.$suffix"
	refused "$tmp/cut.$suffix" "a cut .$suffix"
done
# gzip's own checksum: the last eight bytes are CRC-32 and length.
cp "$tmp/a.tar.gz" "$tmp/crc.gz"
printf '\000\001' | dd of="$tmp/crc.gz" bs=1 seek=$((size - 8)) conv=notrunc 2>/dev/null
refused "$tmp/crc.gz" "a wrong CRC in gzip"
cp "$tmp/a.tar.gz" "$tmp/len.gz"
printf '\377' | dd of="$tmp/len.gz" bs=1 seek=$((size - 1)) conv=notrunc 2>/dev/null
refused "$tmp/len.gz" "a wrong length in gzip"
(cat "$tmp/a.tar.gz"; echo garbage) >"$tmp/tail.gz"
refused "$tmp/tail.gz" "garbage after gzip"
head -c 300000 "$tmp/a.tar" >"$tmp/cut.tar"
refused "$tmp/cut.tar" "a cut tar"
: >"$tmp/empty"
refused "$tmp/empty" "an empty file"
head -c 100000 /dev/urandom >"$tmp/random"
refused "$tmp/random" "a file that is no archive"
back "$tmp/none.tar" volol
exits 10 "a file that is not there"
finish
