#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# No tool needs more than 64 MiB: not for very many files, not for very large
# ones.  Peak resident memory as the kernel counts it, at default settings.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/fault/lib.sh
[ -x /usr/bin/time ] || skip_all "no GNU time here"
needs getfattr python3
sandbox 12g

limit_kib=65536
count=100000
[ -z "$soak" ] || count=1000000

# $1: what; rest: the command.  Peak of the process, in KiB
peak() {
	what=$1
	shift
	run /usr/bin/time -f 'peak %M' "$@"
	kib=$(sed -n 's/^peak //p' "$work/said")
	note "$what: $kib KiB"
	if [ "$status" -ne 0 ]; then
		not_ok "$what" "status $status" "$(said)"
	elif [ "${kib:-999999999}" -le "$limit_kib" ]; then
		ok "$what: $kib KiB"
	else
		not_ok "$what: $kib KiB, more than $limit_kib"
	fi
}

# $1: name of the source, its tree is $work/$1
there_and_back() {
	mkdir -p "$work/m"
	peak "snapshot, $2" "$snapshot" --to "$work/m" --any-directory \
		--path "$1=$work/$1"
	peak "verify --deep, $2" "$verify" --deep --snapshot latest "$work/m"
	peak "restore, $2" "$restore" --from "$work/m" --assume-unused \
		--to "$work/back" latest "$1"
}

# Many files, some thousands to a folder, one folder with a tenth of them, and
# every hundredth a hard link.
python3 - "$work/many" "$count" <<'END'
import os, sys
top, count = sys.argv[1], int(sys.argv[2])
for i in range(count):
    where = top + ('/wide' if i % 10 == 0 else '/%04d' % (i // 2000))
    os.makedirs(where, exist_ok=True)
    name = where + '/a-file-with-a-name-of-usual-length-%07d' % i
    if i % 100 == 50:
        os.link(last, name)
        continue
    with open(name, 'w') as f:
        if i % 5 == 0:
            f.write(str(i))
    last = name
END
there_and_back many "$count files"
found=$(find "$work/back" -type f | wc -l)
if [ "$found" -eq "$count" ] && [ "$(find "$work/back" -type f -links +1 | wc -l)" -eq \
	"$(find "$work/many" -type f -links +1 | wc -l)" ]; then
	ok "all $count came back"
else
	not_ok "all $count came back" "$found did"
fi
rm -rf "$work/many" "$work/back"

# 20 GB apparent, a little of it data: the holes must stay holes.
mkdir "$work/sparse"
truncate -s 20000000000 "$work/sparse/file"
for at in 0 5000 12000 19000; do
	head -c 3000000 /dev/urandom | dd of="$work/sparse/file" bs=1M \
		seek=$at conv=notrunc iflag=fullblock 2>/dev/null
done
there_and_back sparse "20 GB in holes"
[ "$(du -k "$work/back/file" | cut -f1)" -lt 30000 ] &&
	[ "$(stat -c %s "$work/back/file")" -eq 20000000000 ] &&
	ok "the holes came back as holes" ||
	not_ok "the holes came back as holes" "$(du -k "$work/back/file")"
rm -rf "$work/sparse" "$work/back"

# Much data in one file: frames in flight, threads, parts.
mkdir "$work/large"
head -c 1000000000 /dev/urandom >"$work/large/file"
there_and_back large "1 GB in one file"
cmp -s "$work/large/file" "$work/back/file" && ok "the same came back" ||
	not_ok "the same came back"
plan
