# SPDX-License-Identifier: BSD-2-Clause
#
# What vfat.sh runs in its guest.  $FAULT_GUEST is a memory file system there.
set -u
work=$FAULT_GUEST
. tests/fault/lib.sh
. tests/fault/jobs.sh
DOCKER_HOST=unix://$work/no-engine
DM_DISABLE_UDEV=1
export DOCKER_HOST DM_DISABLE_UDEV

stick=$work/stick
mkdir "$stick"

# $1: size, rest: options of mount
new_stick() {
	! mountpoint -q "$stick" || umount "$stick"
	rm -f "$work/stick.img"
	truncate -s "$1" "$work/stick.img"
	mkfs.vfat -F 32 "$work/stick.img" >/dev/null 2>&1
	mount -t vfat -o loop "$work/stick.img" "$stick"
}

# ---------------------------------------------------------------- there and back

make_tree "$work/src" new
head -c 20000000 /dev/urandom >"$work/src/big"
new=$(digest "$work/src")
new_stick 200M || { echo "Bail out! no vfat in this guest"; exit 1; }

run "$snapshot" --to "$stick" --part-size 8M --path "Data=$work/src" \
	--path "data=$work/src/sub"
if [ "$status" -eq 0 ]; then ok "a snapshot in parts, names that differ in case"
else not_ok "a snapshot in parts, names that differ in case" "$status" "$(said)"; fi
note "$(ls "$stick"/drydock/snapshots/*)"
umount "$stick"
check "fsck.vfat is content" fsck.vfat -n "$work/stick.img"
mount -t vfat -o loop,ro "$work/stick.img" "$stick"
run "$verify" --deep "$stick"
[ "$status" -eq 0 ] && ok "verify --deep, plugged in again, read-only" ||
	not_ok "verify --deep, plugged in again, read-only" "$status" "$(said)"

truncate -s 100M "$work/ext4.img"
mkfs.ext4 -q "$work/ext4.img"
mkdir "$work/ext4"
mount -o loop "$work/ext4.img" "$work/ext4"
run "$restore" --from "$stick" --assume-unused --to "$work/ext4/back" latest Data
[ "$status" -eq 0 ] && [ "$(digest "$work/ext4/back")" = "$new" ] &&
	ok "restored to ext4, the same" ||
	not_ok "restored to ext4, the same" "$status" "$(said)"
run "$restore" --from "$stick" --assume-unused --to "$work/ext4/small" latest data
[ "$status" -eq 0 ] && [ "$(digest_contents "$work/ext4/small")" = \
	"$(digest_contents "$work/src/sub")" ] &&
	ok "the one in small letters is the other tree" ||
	not_ok "the one in small letters is the other tree" "$status" "$(said)"
umount "$work/ext4"

# FAT cannot hold owners: refused, unless they may be left out.
umount "$stick"
mount -t vfat -o loop "$work/stick.img" "$stick"
run "$restore" --from "$stick" --assume-unused --to "$stick/back" latest Data
[ "$status" -eq 12 ] && grep -q 'cannot hold' "$work/said" && [ ! -e "$stick/back" ] &&
	[ -z "$(find "$stick" -name '.*drydock*')" ] &&
	ok "a restore onto FAT is refused" ||
	not_ok "a restore onto FAT is refused" "$status" "$(said)" "$(find "$stick" -maxdepth 1)"

# ---------------------------------------------------------------- power cuts

# The image as it is at this instant is what a power cut leaves: what the
# kernel has not written yet is not in it.
make_small() {
	new_stick 64M
	rm -rf "$work/tree"
	make_tree "$work/tree" third
	run "$snapshot" --threads 0 --to "$stick" --path "tree=$work/tree"
	umount "$stick"
	cp --sparse=always "$work/stick.img" "$work/stick.start"
}
act() { "$@" "$snapshot" --threads 0 --to "$stick" --path "tree=$work/tree"; }

# $1: the status that the tool had ended with
judge_cut() {
	cp --sparse=always "$work/stick.img" "$work/cut.img"
	umount "$stick"
	fsck.vfat -a "$work/cut.img" >"$work/fsck" 2>&1
	[ $? -le 1 ] || { echo "fsck: $(tail -n 3 "$work/fsck")"; return 1; }
	mount -t vfat -o loop "$work/cut.img" "$stick" ||
		{ echo "cannot be mounted"; return 1; }
	medium=$stick
	want=0
	for folder in $(folders); do
		! is_interrupted "$folder" || want=3
	done
	run "$verify" --threads 0 "$stick"
	[ "$status" -eq 0 ] || [ "$status" -eq "$want" ] ||
		{ echo "verify: $status instead of $want: $(said)"; return 1; }
	[ "$1" -ne 0 ] || [ "$(folders | wc -l)" -eq 2 ] && [ "$1$want" != 03 ] ||
		{ echo "ended with 0, but the snapshot is not whole"; return 1; }
	run act
	[ "$status" -eq 0 ] || { echo "next run: $status: $(said)"; return 1; }
	run "$verify" --threads 0 --deep "$stick"
	[ "$status" -eq 0 ] || { echo "after: $status: $(said)"; return 1; }
}

make_small
mount -t vfat -o loop "$work/stick.img" "$stick"
list_calls "$work/calls"
sed -i '/ 0$/d' "$work/calls"
want=20
[ -z "$soak" ] || want=0
sample "$work/calls" "$want" >"$work/chosen"
echo "none 0 0" >>"$work/chosen"
bad=0 tried=0 details=
while read -r call n ignored; do
	! mountpoint -q "$stick" || umount "$stick"
	cp --sparse=always "$work/stick.start" "$work/stick.img"
	mount -t vfat -o loop "$work/stick.img" "$stick"
	tried=$((tried + 1))
	case $call in
	none) run act ;;
	*) run act strace -f -qq -o /dev/null -e trace="$call" \
		-e inject="$call:signal=KILL:when=$n" ;;
	esac
	why=$(judge_cut "$status") && continue
	bad=$((bad + 1))
	details="$details
$call $n: $why"
done <"$work/chosen" 2>/dev/null
what="power cut at $tried of $(($(wc -l <"$work/calls") + 1)) changes"
[ "$bad" -eq 0 ] && ok "$what, 0 bad" || not_ok "$what, $bad bad" "$details"

# ---------------------------------------------------------------- pulled out

# The stick's sectors all fail from one moment on.
make_small
device=$(losetup -f --show "$work/stick.img")
sectors=$(blockdev --getsz "$device")
if dmsetup create stick --table "0 $sectors linear $device 0" 2>"$work/said"; then
	mount -t vfat /dev/mapper/stick "$stick"
	head -c 30000000 /dev/urandom >"$work/tree/big"
	run act strace -f -qq -o /dev/null -e trace=fdatasync \
		-e inject=fdatasync:delay_enter=3000000 &
	pulled=$!
	sleep 2
	dmsetup suspend --noflush --nolockfs stick
	dmsetup load stick --table "0 $sectors error"
	dmsetup resume stick
	wait "$pulled"
	if grep -v warning: "$work/said" | grep -q '^snapshot: .*: ' &&
		! grep -q 'safe to unplug' "$work/said"; then
		ok "pulled out while writing: it says so"
	else
		not_ok "pulled out while writing: it says so" "$(said)"
	fi
	note "$(said | tail -n 1)"
	umount "$stick"
	dmsetup remove stick
	losetup -d "$device"
	fsck.vfat -a "$work/stick.img" >/dev/null 2>&1
	mount -t vfat -o loop "$work/stick.img" "$stick"
	run "$verify" --deep "$stick"
	case $status in
	0|3) ok "plugged in again: the earlier snapshot verifies" ;;
	*) not_ok "plugged in again: the earlier snapshot verifies" "$(said)" ;;
	esac
	rm "$work/tree/big"
	run act
	[ "$status" -eq 0 ] && ok "the next run goes through" ||
		not_ok "the next run goes through" "$(said)"
else
	skip "pulled out while writing" "no device-mapper: $(cat "$work/said")"
fi
umount "$stick"

# ---------------------------------------------------------------- 4 GiB - 1

# More than one file of FAT can hold, without --part-size.  Minutes, and disk.
if [ -n "$soak" ]; then
	work=$FAULT_GUEST.disk
	new_stick 6G
	mkdir "$work/huge"
	head -c 4400000000 /dev/urandom >"$work/huge/file"
	run "$snapshot" --to "$stick" --level 1 --path "huge=$work/huge"
	parts=$(cd "$stick"/drydock/snapshots/* && ls huge.tar.zst.*)
	size=$(stat -c %s "$stick"/drydock/snapshots/*/huge.tar.zst.000)
	if [ "$status" -eq 0 ] && [ "$(echo $parts)" = \
		"huge.tar.zst.000 huge.tar.zst.001" ] &&
		[ "$size" -le 4194304000 ] && [ "$size" -gt 4100000000 ]; then
		ok "more than 4 GiB go into two parts by themselves"
	else
		not_ok "more than 4 GiB go into two parts by themselves" \
			"$status, $parts, first $size" "$(said)"
	fi
	run "$verify" --deep "$stick"
	[ "$status" -eq 0 ] && ok "and verify" || not_ok "and verify" "$(said)"
	umount "$stick"
else
	skip "more than 4 GiB go into two parts by themselves" "in soak"
fi
plan
