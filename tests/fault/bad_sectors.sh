#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Reads that fail under the shipped verify: the run goes on, names what is
# lost, and mends it from a second stick, on a disk with bad sectors as well;
# killed at any write of --repair, it leaves the same damage or less.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/fault/lib.sh
needs strace getfattr
sandbox

a=$work/a
b=$work/b
mkdir "$work/src" "$work/good"
for i in 1 2 3 4; do
	head -c 3000000 /dev/urandom >"$work/src/file$i"
done
run "$snapshot" --to "$work/good" --any-directory --part-size 8M \
	--path "src=$work/src"
[ "$status" -eq 0 ] || { said; echo "Bail out! snapshot: $status"; exit 1; }
name=$(ls "$work/good/drydock/snapshots")
sa=$a/drydock/snapshots/$name
sb=$b/drydock/snapshots/$name

fresh() {
	rm -rf "$a" "$b"
	cp -a "$work/good" "$a"
	cp -a "$work/good" "$b"
}

# A verify of $a whose reads of one file fail.  $1: which of them, as strace
# says it, $2: the file, rest: options
failing() {
	when=$1 file=$2
	shift 2
	run strace -f -qq -o /dev/null -P "$file" -e trace=pread64 \
		-e inject="pread64:error=EIO:when=$when" \
		"$verify" --threads 0 "$@" "$a"
}

# $1: what, $2: status, $3: what must have been said
holds() {
	if [ "$status" -eq "$2" ] && grep -qE "$3" "$work/said"; then
		ok "$1"
	else
		not_ok "$1" "status $status, not $2; '$3'?" "$(said)"
	fi
}

fresh
failing 1..2 "$sa/src.tar.zst.001"
holds "a read that fails twice: a warning" 3 'could be read only after 2'
# A block, its first piece, its first page, and three times its first sector.
failing 1..6 "$sa/src.tar.zst.001"
holds "a sector that fails three times: named to the byte" 5 \
	'UNREADABLE +src.tar.zst.001: (512|4096) bytes from byte 0 cannot be read'
holds "the other files are read" 5 'files +1 of 6 BAD'
failing 1+ "$sa/src.tar.zst.000" --deep
holds "a file that cannot be read at all" 5 'UNREADABLE +src.tar.zst.000'
holds "the members in it are named" 5 'lost +src: file1'
holds "and those in the other are not lost" 5 '[1-5] of 5 members affected'
failing 1+ "$sa/src.tar.zst.000" --with "$b"
holds "with a second stick: repairable" 4 'REPAIRABLE +src.tar.zst.000'
begun=$(date +%s)
run strace -f -qq -o /dev/null -e trace=pread64 -e inject=pread64:error=ENODEV \
	"$verify" --threads 0 "$a"
holds "a medium that is gone" 1 'the medium is gone'
run strace -f -qq -o /dev/null -e trace=pread64 -e inject=pread64:error=EIO \
	"$verify" --threads 0 "$a"
holds "a medium that reads nothing any more" 1 'the medium is gone'
[ $(($(date +%s) - begun)) -lt 60 ] && ok "ends soon" || not_ok "ends soon"

# ---------------------------------------------------------------- a bad disk

unplug() {
	! mountpoint -q "$work/disk" || umount "$work/disk"
	[ -z "${loop:-}" ] || losetup -d "$loop"
	! mountpoint -q "$work/nbd" || fusermount3 -u "$work/nbd"
}

# A disk whose sectors go bad under a stick's file system.
plug_bad_disk() {
	mkdir -p "$work/nbd" "$work/disk"
	truncate -s 64M "$work/disk.img"
	nbdkit -U "$work/socket" -P "$work/pid" python tests/fault/bad_disk.py \
		image="$work/disk.img" sectors="$work/sectors" \
		>/dev/null 2>&1 || return
	nbdfuse "$work/nbd" "nbd+unix:///?socket=$work/socket" \
		>/dev/null 2>&1 &
	for try in $(seq 100); do
		[ ! -e "$work/nbd/nbd" ] || break
		sleep 0.1
	done
	loop=$(losetup -f --show --direct-io=on "$work/nbd/nbd") &&
		mkfs.ext4 -q "$loop" && mount "$loop" "$work/disk"
}

if ! command -v nbdfuse >/dev/null || ! command -v nbdkit >/dev/null ||
	! nbdkit python --dump-plugin >/dev/null 2>&1 || [ ! -e /dev/fuse ]; then
	skip "bad sectors of a disk" "no nbdkit with Python, or no nbdfuse here"
elif ! plug_bad_disk >"$work/said" 2>&1; then
	skip "bad sectors of a disk" "no such disk can be had: $(said)"
	unplug
else
	fresh
	cp -a "$work/good/drydock" "$work/disk"
	sync -f "$work/disk"
	bad=$work/disk/drydock/snapshots/$name
	first=$(filefrag -v -b512 "$bad/src.tar.zst.000" |
		awk '$1 == "0:" { print $4 + 0 }')
	for sector in 2000 12000 12001 12008; do
		echo $((first + sector))
	done >"$work/sectors"
	run "$verify" --deep "$work/disk"
	holds "a disk with bad sectors" 5 \
		'UNREADABLE +src.tar.zst.000: [0-9]+ bytes in [23] places from byte 1024000'
	holds "the members they cost" 5 'lost +src: file1'
	run "$verify" --with "$b" "$work/disk"
	holds "a second stick has them" 4 'REPAIRABLE +src.tar.zst.000: '
	run "$verify" --with "$b" --repair "$work/disk"
	holds "--repair makes the disk take other sectors" 3 \
		'REPAIRED +src.tar.zst.000: .*read back, whole'
	run "$verify" --deep "$work/disk"
	holds "which can be read" 0 'no damage found'
	check "and hold the right bytes" diff -r "$work/good/drydock" "$work/disk/drydock"
	unplug
fi

# ---------------------------------------------------------------- killed

damage() {
	fresh
	for at in 100000 3000000 6000000; do
		printf XXXX | dd of="$sa/src.tar.zst.000" oflag=seek_bytes \
			seek=$at conv=notrunc 2>/dev/null
	done
	truncate -s 2000000 "$sa/src.tar.zst.001"
	rm "$sa/snapshot.json" "$sa/COMPLETE"
	printf X | dd of="$sa/SHA256SUMS" conv=notrunc 2>/dev/null
	printf XXXX | dd of="$sb/src.tar.zst.000" oflag=seek_bytes \
		seek=4000000 conv=notrunc 2>/dev/null
	rm "$sb/src.mtree"
}

act() {
	"$@" "$verify" --threads 0 --catalog "$work/none/catalog.db" \
		--with "$b" --repair "$a"
}

is_whole() { diff -r "$work/good" "$a" && diff -r "$work/good" "$b"; }

# Files of $1 that are not what they should be.
bad_files() { diff -rq "$work/good" "$1" | wc -l; }

damage
bad_a=$(bad_files "$a") bad_b=$(bad_files "$b")
list_calls "$work/calls"
sed -i '/ 0$/d' "$work/calls"
[ "$status" -eq 3 ] && is_whole >/dev/null && ok "undisturbed, both are mended" ||
	not_ok "undisturbed, both are mended" "$status" "$(said)"
want=40
[ -z "$soak" ] || want=0
sample "$work/calls" "$want" >"$work/chosen"
bad=0 tried=0 details=
while read -r call n ignored; do
	damage
	tried=$((tried + 1))
	run act strace -f -qq -o /dev/null -e trace="$call" \
		-e inject="$call:signal=KILL:when=$n"
	why=
	[ "$(bad_files "$a")" -le "$bad_a" ] && [ "$(bad_files "$b")" -le "$bad_b" ] ||
		why="more is damaged than before"
	run act
	[ "$status" -eq 3 ] || [ "$status" -eq 0 ] || why="next run: $status: $(said)"
	is_whole >"$work/differs" || why="$why not whole: $(head -n 3 "$work/differs")"
	[ -z "$why" ] && continue
	bad=$((bad + 1))
	details="$details
$call $n: $why"
done <"$work/chosen"
what="killed at $tried of $(wc -l <"$work/calls") changes of --repair"
if [ "$bad" -eq 0 ] && [ "$tried" -gt 10 ]; then
	ok "$what, 0 bad"
else
	not_ok "$what, $bad bad" "$details"
fi
plan
