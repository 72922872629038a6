#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Cut the power at a system call: kill the tool there and shut the file system
# down without a word to its journal.  What comes up again is old or new; when
# the tool had ended with success it is new.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/fault/lib.sh
needs strace getfattr mkfs.ext4 xfs_io
sandbox
. tests/fault/jobs.sh

disk=$work/disk

# commit=300: nothing reaches the disk because some seconds have passed;
# noauto_da_alloc: nor because ext4 guesses what programs forget.
plug() { mount -o loop,noauto_da_alloc,commit=300 "$work/disk.img" "$disk"; }
cut_power() { xfs_io -x -c shutdown "$disk" && umount "$disk" && plug; }

# The start of each point: a disk with the medium, the data-root and the
# directory on it, cleanly unmounted.
make_disk() {
	! mountpoint -q "$disk" || umount "$disk"
	rm -f "$work/disk.start"
	truncate -s 24M "$work/disk.start"
	mkfs.ext4 -q -m0 "$work/disk.start"
	cp --sparse=always "$work/disk.start" "$work/disk.img"
	plug
	cp -a "$work/medium.start" "$disk/medium"
	cp -a "$work/root.start" "$disk/root"
	cp -a "$work/dir.start" "$disk/dir"
	umount "$disk"
	cp --sparse=always "$work/disk.img" "$work/disk.start"
}

fresh_disk() {
	! mountpoint -q "$disk" || umount "$disk"
	cp --sparse=always "$work/disk.start" "$work/disk.img"
	plug
}

# $1: what it is called, $2: about how many points without soak
sweep() {
	[ -z "$soak" ] || set -- "$1" 0
	make_disk
	fresh_disk
	list_calls "$work/calls"
	if [ "$status" -ne 0 ]; then
		not_ok "$1" "fails undisturbed, status $status" "$(said)"
		return
	fi
	# Nothing between two changes is new to a disk either; and the last
	# "point" is the end of an undisturbed run.
	sed -i '/ 0$/d' "$work/calls"
	sample "$work/calls" "$2" >"$work/chosen"
	echo "none 0 0" >>"$work/chosen"
	bad=0 tried=0 details=
	while read -r call n ignored; do
		tried=$((tried + 1))
		fresh_disk
		case $call in
		none) run act ;;
		*) run act strace -f -qq -o /dev/null -e trace="$call" \
			-e inject="$call:signal=KILL:when=$n" ;;
		esac
		ended=$status
		cut_power || { bad=$((bad + 1)); details="$details
$call $n: does not come up again"; continue; }
		if why=$(judge) && why=$(durable "$ended") && why=$(recover)
		then
			continue
		fi
		bad=$((bad + 1))
		[ "$bad" -gt 5 ] || details="$details
$call $n: $why"
	done <"$work/chosen" 2>/dev/null
	umount "$disk"
	what="$1: power cut at $tried of $(($(wc -l <"$work/calls") + 1)) changes"
	if [ "$bad" -gt 0 ] || [ "$tried" -lt 2 ]; then
		not_ok "$what, $bad bad" "$details"
	else
		ok "$what, 0 bad"
	fi
}

make_start
mkdir "$disk"
medium=$disk/medium
root=$disk/root
volume=$root/volumes/vol
target=$disk/dir/target

# is_clean looks for litter beside the target; jobs.sh names that folder.
act_restore() {
	"$@" "$restore" --threads 0 --from "$work/medium.start" \
		--data-root "$root" --assume-unused 1 vol
}
recover_to() {
	run act_to
	[ "$status" -eq 0 ] || { echo "next run: $status: $(said)"; return 1; }
	is_one_of "$target" "$new" && is_clean "$disk/dir" "$target" "$keep"
}

use snapshot snapshot
durable() { [ "$1" -ne 0 ] || [ "$(folders | wc -l)" -eq 2 ] ||
	{ echo "ended with 0, but the snapshot is not there"; return 1; }; }
# Is the cut a cut?  With flushes that do nothing it must lose the snapshot.
make_disk
fresh_disk
run act strace -f -qq -o /dev/null -e trace=fsync,fdatasync,syncfs \
	-e inject=fsync,fdatasync,syncfs:retval=0
if [ "$status" -eq 0 ] && cut_power && [ "$(folders | wc -l)" -eq 1 ]; then
	ok "without flushes a power cut loses the snapshot"
else
	not_ok "without flushes a power cut loses the snapshot" "$(said)"
fi

sweep "snapshot" 0

use restore restore
durable() { [ "$1" -ne 0 ] || is_one_of "$volume/_data" "$new"; }
sweep "restore onto a volume" 0

use restore to
durable() { [ "$1" -ne 0 ] || is_one_of "$target" "$new"; }
sweep "restore --to a directory" 60

make_start_empty
use restore restore
durable() { [ "$1" -ne 0 ] || is_one_of "$volume/_data" "$new"; }
sweep "restore of a volume that is gone" 60
plan
