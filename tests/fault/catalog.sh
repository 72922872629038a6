#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# The catalogue under kills and failing calls.  Whatever becomes of it, verify
# reads everything and says what it finds; a killed run leaves a catalogue that
# the next one believes, or a sound new one; and totals stay those of a run
# that nobody disturbed.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/fault/lib.sh
needs strace getfattr
sandbox

home=$work/home
DRYDOCK_CATALOG=$home/catalog.db
medium=$work/medium
mkdir "$work/src" "$medium"
make_tree "$work/src" some
for i in 1 2; do
	"$snapshot" -q --threads 0 --to "$medium" --any-directory \
		--path one="$work/src" --path two="$work/src" >/dev/null 2>&1
done
rm -rf "$home"
run "$verify" --threads 0 "$medium"
[ "$status" -eq 0 ] || { echo "Bail out! verify fails undisturbed"; exit 1; }
total=$(sed -n 's/^checked //p' "$work/said" | sed 's/, [^,]*$//')
cp -a "$home" "$work/home.known"

# $1: new, a run that makes it; known, one that finds it
prepare() {
	rm -rf "$home"
	[ "$1" = new ] || cp -a "$work/home.known" "$home"
}
act() { "$@" "$verify" --threads 0 "$medium"; }

# The next run, undisturbed: all is read or known, and nothing was damaged.
recovers() {
	run "$verify" --threads 0 "$medium"
	[ "$status" -eq 0 ] || { echo "status $status: $(said)"; return 1; }
	grep -q "^checked $total" "$work/said" ||
		{ echo "not $total: $(said)"; return 1; }
	! grep -q 'not recorded\|put aside' "$work/said" ||
		{ echo "the catalogue: $(said)"; return 1; }
	run "$verify" --status
	[ "$status" -eq 0 ] || { echo "--status: $(said)"; return 1; }
}

killed() {
	prepare "$1"
	list_calls "$work/calls"
	[ -z "$soak" ] || set -- "$1" 0
	sample "$work/calls" "$2" >"$work/chosen"
	bad=0 details=
	while read -r call n ignored; do
		prepare "$1"
		run act strace -f -qq -o /dev/null -e trace="$call" \
			-e inject="$call:signal=KILL:when=$n"
		why=$(recovers) && continue
		bad=$((bad + 1))
		[ "$bad" -gt 5 ] || details="$details
$call $n: $why"
	done <"$work/chosen" 2>/dev/null
	tried=$(wc -l <"$work/chosen")
	if [ "$bad" -eq 0 ] && [ "$tried" -gt 0 ]; then
		ok "$1 catalogue: killed at $tried system calls, 0 bad"
	else
		not_ok "$1 catalogue: killed at $tried system calls, $bad bad" \
			"$details"
	fi
}

# Calls on the catalogue and its journal fail, once and from then on.
failing() {
	bad=0 tried=0 details=
	set -- "$1" EIO ENOSPC EROFS
	for call in open openat fsync fdatasync pwrite64 pread64 unlink ftruncate; do
		for when in 1 2+; do
			# Each error in turn.
			error=$2
			set -- "$1" "$3" "$4" "$2"
			prepare "$1"
			run act strace -f -qq -o /dev/null \
				-P "$DRYDOCK_CATALOG" \
				-P "$DRYDOCK_CATALOG-journal" -P "$home" \
				-e trace="$call" \
				-e inject="$call:error=$error:when=$when"
			tried=$((tried + 1))
			why=
			if [ "$status" -eq 0 ] &&
				grep -q "^checked $total" "$work/said" &&
				why=$(recovers); then
				continue
			fi
			bad=$((bad + 1))
			[ "$bad" -gt 5 ] || details="$details
$call $error $when: status $status: $(said) $why"
		done
	done
	if [ "$bad" -eq 0 ]; then
		ok "$1 catalogue: $tried failing calls, verify reads all the same"
	else
		not_ok "$1 catalogue: $tried failing calls, $bad bad" "$details"
	fi
}

killed new 200
killed known 200
failing known
[ -z "$soak" ] || failing new
plan
