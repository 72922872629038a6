#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The promise of RECOVER.txt: sha256sum, zstd and GNU tar alone restore a
# snapshot; openssl checks its signature; mtree checks the tree.
. tests/tap.sh

src=$tmp/src
m=$tmp/medium
mkdir -p "$src/dir" "$m" "$tmp/out.d"
echo text >"$src/plain"
ln "$src/plain" "$src/dir/hard"
ln -s ../plain "$src/dir/soft"
mkfifo "$src/fifo"
chmod 4755 "$src/plain"
chmod 2775 "$src/dir"
printf x >"$src/$(printf 'new\nline')"
printf x >"$src/$(printf 'bad\377utf8')"
printf x >"$src/$(printf 'nfd-e\314\201')"
printf x >"$src/$(printf 'nfc-\303\251')"
printf x >"$src/$(printf '%0255d' 0)"
truncate -s 1G "$src/sparse"
printf end | dd of="$src/sparse" bs=1 seek=500000000 conv=notrunc 2>/dev/null
chown -h 12345:54321 "$src/dir/soft"
chown 70:70 "$src"
chmod 0700 "$src"
mknod "$src/null" c 1 3 2>/dev/null
touch -d '2001-02-03 04:05:06.123456789 UTC' "$src/dir"
attrs=1
setfattr -n user.note -v 'a=b' "$src/plain" 2>/dev/null || attrs=0
setfacl -m u:1234:rw "$src/fifo" 2>/dev/null || attrs=0
setcap cap_net_bind_service+ep "$src/nfc-$(printf '\303\251')" 2>/dev/null || attrs=0

"$bin/snapshot" -q --new-key "$tmp/key" >/dev/null
"$bin/snapshot" -q --to "$m" --any-directory --path vol="$src" --key "$tmp/key" \
	>"$tmp/out" 2>"$tmp/err"
ok $? "a snapshot of odd things"
cd "$m"/drydock/snapshots/* || exit 1
sha256sum -c --strict SHA256SUMS >"$tmp/out" 2>&1
ok $? "sha256sum -c"
busybox=$bin/busybox
if [ -x "$busybox" ]; then
	"$busybox" sha256sum -c SHA256SUMS >"$tmp/out" 2>&1
	ok $? "busybox sha256sum -c"
else
	skip "busybox sha256sum -c" "no busybox was built"
fi
openssl dgst -sha256 -verify "$tmp/key.pub" -signature SHA256SUMS.sig \
	SHA256SUMS >"$tmp/out" 2>&1
ok $? "openssl dgst -verify"
zstd -q -t vol.tar.zst
ok $? "zstd -t"
cat vol.tar.zst* | zstd -dc | tar -x -p --numeric-owner --xattrs \
	--xattrs-include='*' --acls -C "$tmp/out.d" 2>"$tmp/err"
ok $? "cat | zstd -d | tar -x"
tree() { (cd "$1" && find . -printf '%p %y %m %U %G %n %s %T@ %l\n' | LC_ALL=C sort); }
tree "$src" >"$tmp/want"
tree "$tmp/out.d" >"$tmp/got"
diff "$tmp/want" "$tmp/got" >"$tmp/out"
ok $? "the same tree: names, owners, modes, times, links, sizes"
diff -r --no-dereference "$src" "$tmp/out.d" >"$tmp/out" 2>&1 ||
	grep -qv 'fifo\|special' "$tmp/out" && bad=$(grep -cv 'is a fifo\|special file' "$tmp/out")
is "${bad:-0}" 0 "the same content"
[ "$(du -k "$tmp/out.d/sparse" | cut -f 1)" -lt 1000 ]
ok $? "holes are holes"
if [ $attrs = 1 ]; then
	all() { (cd "$1" && getfattr -h -d -m - -R . 2>/dev/null | sort; getfacl -R -n . 2>/dev/null); }
	all "$src" >"$tmp/want"
	all "$tmp/out.d" >"$tmp/got"
	diff "$tmp/want" "$tmp/got" >"$tmp/out"
	ok $? "the same attributes, ACLs and capabilities"
	[ "$(grep -c 'user.note\|user:1234\|capability' "$tmp/want")" -ge 3 ]
	ok $? "of which there were some"
else
	skip "attributes" "this file system or machine has none"
fi
if command -v mtree >/dev/null; then
	mtree -f vol.mtree -p "$tmp/out.d" >"$tmp/out" 2>&1
	grep -v '^fifo\|^	' "$tmp/out" >"$tmp/rest"
	is "$(wc -l <"$tmp/rest")" 0 "mtree finds nothing but the ACL's mask"
else
	skip "mtree" "not on this machine"
fi
finish
