#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Media and targets that are full, small, read-only or too small for one file,
# and a standard output that takes nothing.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/fault/lib.sh
needs getfattr mkfs.ext4 prlimit
sandbox
. tests/fault/jobs.sh

# $1: file system, $2: size, $3: mount point
small() {
	mkdir -p "$3"
	case $1 in
	ext4)
		truncate -s "$2" "$3.img" &&
		mkfs.ext4 -q -m0 "$3.img" 2>/dev/null &&
		mount -o loop "$3.img" "$3" ;;
	tmpfs) mount -t tmpfs -o size="$2" none "$3" ;;
	esac
}

# The tool failed as it should.  $1: what, $2: statuses that are right, $3: what
# it must have said; rest: what must be true besides
failed() {
	what=$1 right=$2 pattern=$3
	shift 3
	case " $right " in
	*" $status "*) ;;
	*) not_ok "$what" "status $status, not $right" "$(said)"; return ;;
	esac
	if ! grep -qiE "$pattern" "$work/said"; then
		not_ok "$what" "does not say '$pattern'" "$(said)"
	elif ! why=$("$@" 2>&1); then
		not_ok "$what" "$why" "$(said)"
	else
		ok "$what"
	fi
}

make_start
head -c 6000000 /dev/urandom >"$tree/big"
no_space='No space left'

# ---------------------------------------------------------------- media

# The earlier snapshot of $1 verifies, and nothing else is left there.
earlier_is_whole() {
	"$verify" --deep "$1" && [ "$(ls "$1/drydock/snapshots" | wc -l)" -eq 1 ]
}

take() {
	run "$snapshot" --to "$1" --path "small=$work/old"
	[ "$status" -eq 0 ] || not_ok "a small snapshot" "$status" "$(said)"
}

for fs in ext4 tmpfs; do
	small $fs 5M "$work/$fs" || { skip "full $fs" "no $fs here"; continue; }
	take "$work/$fs"
	run "$snapshot" --to "$work/$fs" --path "tree=$tree"
	failed "full medium, $fs" "1 12" "$no_space" earlier_is_whole "$work/$fs"
	run "$snapshot" --threads 0 --to "$work/$fs" --path "tree=$tree"
	failed "full medium, $fs, no threads" "1 12" "$no_space" \
		earlier_is_whole "$work/$fs"
	# Full to the last byte, down to a few: every file of a snapshot in turn
	# is the one that does not fit.
	bad=0 tried=0
	for free in 0 4 8 12 16 20 24 40 60 80 84 88 92 96 100; do
		cat /dev/zero >"$work/$fs/filler" 2>/dev/null
		truncate -s "-${free}K" "$work/$fs/filler" 2>/dev/null
		run "$snapshot" --to "$work/$fs" --path "small=$work/old"
		tried=$((tried + 1))
		rm -f "$work/$fs/filler"
		if [ "$status" -eq 0 ]; then
			run "$verify" --deep "$work/$fs"
			[ "$status" -eq 0 ] || bad=$((bad + 1))
			rm -r "$work/$fs"/drydock/snapshots/0002-*
		elif ! earlier_is_whole "$work/$fs" >/dev/null 2>&1; then
			bad=$((bad + 1))
		fi
	done
	if [ "$bad" -eq 0 ]; then
		ok "medium with a few KiB left, $fs ($tried tried)"
	else
		not_ok "medium with a few KiB left, $fs" "$bad of $tried bad"
	fi
	take "$work/$fs"
	run "$verify" "$work/$fs"
	[ "$status" -eq 0 ] && ok "with room again it goes on, $fs" ||
		not_ok "with room again it goes on, $fs" "$(said)"
	rm -r "$work/$fs"/drydock/snapshots/0002-*
	mount -o remount,ro "$work/$fs"
	run "$snapshot" --to "$work/$fs" --path "small=$work/old"
	failed "read-only medium, $fs" "1 12" 'read-only' \
		earlier_is_whole "$work/$fs"
	umount "$work/$fs"
done

# The largest file this process may write; SIGXFSZ must not be its end.
mkdir "$work/limited"
run "$snapshot" --to "$work/limited" --any-directory --path "small=$work/old"
for limit in 1000 100000 5000000; do
	run prlimit --fsize="$limit" "$snapshot" --to "$work/limited" \
		--any-directory --path "tree=$tree"
	failed "files of at most $limit bytes on the medium" "1 12" \
		'File too large|small' earlier_is_whole "$work/limited"
done

# ---------------------------------------------------------------- targets

run "$snapshot" --to "$work/limited" --any-directory --path "tree=$tree"
[ "$status" -eq 0 ] || not_ok "snapshot" "$(said)"

is_old() { [ "$(digest "$1/target")" = "$old" ] && [ "$(ls "$1" | grep -v lost+found)" = target ] &&
	[ -z "$(find "$1" -maxdepth 1 -name '.*drydock*')" ]; }
bring() { run "$@" "$restore" --from "$work/limited" --assume-unused --to "$to/target" 2 tree; }

for fs in ext4 tmpfs; do
	to=$work/to.$fs
	small $fs 5M "$to" || { skip "full $fs" "no $fs here"; continue; }
	cp -a "$work/old" "$to/target"
	bring
	failed "full target, $fs: found before anything is written" 12 \
		'needs .* free' is_old "$to"
	mount -o remount,ro "$to"
	bring
	failed "read-only target, $fs" "1 12" 'read-only' is_old "$to"
	umount "$to"
done

# Room enough when asked, none when written.
to=$work/to.limited
mkdir "$to"
cp -a "$work/old" "$to/target"
for limit in 1000 100000; do
	bring prlimit --fsize="$limit"
	failed "files of at most $limit bytes in the target" "1 12" \
		'File too large|cannot' is_old "$to"
done
to=$work/to.inodes
mkdir "$to"
mount -t tmpfs -o nr_inodes=20 none "$to"
cp -a "$work/old" "$to/target"
bring
failed "no inodes left in the target" 12 inodes is_old "$to"

# ---------------------------------------------------------------- /dev/full

key=$work/key.pub
full() {
	"$@" >/dev/full 2>"$work/said" </dev/null && status=0 || status=$?
	shown="$(basename "$1") $(shift; echo "$*" | sed "s,$work/,,g")"
	if [ "$status" -eq 0 ] || [ "$status" -ge 126 ]; then
		not_ok "/dev/full: $shown" "status $status" "$(said)"
	elif ! grep -q . "$work/said"; then
		not_ok "/dev/full: $shown" "status $status, but not a word"
	else
		ok "/dev/full: $shown"
	fi
}
for tool in "$snapshot" "$verify" "$restore"; do
	full "$tool" --help
	full "$tool" --version
done
mkdir "$work/f"
cp -a "$work/old" "$work/f/d"
for json in "" --json; do
	full "$snapshot" $json --list --to "$work/limited"
	full "$snapshot" $json --dry-run --to "$work/limited" --any-directory \
		--path "tree=$tree"
	full "$snapshot" $json --to "$work/limited" --any-directory \
		--path "tree=$tree"
	full "$snapshot" $json --new-key "$work/new-key$json"
	full "$verify" $json "$work/limited"
	full "$verify" $json --deep --verbose "$work/limited"
	full "$restore" $json --dry-run --from "$work/limited" --assume-unused \
		--to "$work/f/d" 1 small
	full "$restore" $json --from "$work/limited" --assume-unused \
		--to "$work/f/d" 1 small
	full "$restore" $json --assume-unused --rollback --to "$work/f/d"
	full "$restore" $json --assume-unused --yes --forget --to "$work/f/d"
done
run "$verify" --deep "$work/limited"
[ "$status" -eq 0 ] && ok "what was taken in silence is whole" ||
	not_ok "what was taken in silence is whole" "$(said)"
plan
