#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Kill the shipped tools at every system call.  Whatever they were doing, what
# was complete stays so, a volume is old or new, and the next run needs no help.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/fault/lib.sh
needs strace getfattr
sandbox

. tests/fault/jobs.sh

# $1: what it is called, $2: about how many points without soak
# Uses prepare, act, judge and recover: the last two say why and return 1.
sweep() {
	[ -z "$soak" ] || set -- "$1" 0
	prepare
	list_calls "$work/calls"
	if [ "$status" -ne 0 ]; then
		not_ok "$1" "fails undisturbed, status $status" "$(said)"
		return
	fi
	sample "$work/calls" "$2" >"$work/chosen"
	bad=0 alive=0 details=
	while read -r call n ignored; do
		prepare
		run act strace -f -qq -o /dev/null -e trace="$call" \
			-e inject="$call:signal=KILL:when=$n"
		[ "$status" -eq 137 ] || alive=$((alive + 1))
		if why=$(judge) && why=$(recover); then
			continue
		fi
		bad=$((bad + 1))
		[ "$bad" -gt 5 ] || details="$details
$call $n: $why"
	done <"$work/chosen" 2>/dev/null
	total=$(wc -l <"$work/calls")
	tried=$(wc -l <"$work/chosen")
	what="$1: killed at $tried of $total system calls"
	if [ "$bad" -gt 0 ]; then
		not_ok "$what, $bad bad" "$details"
	elif [ "$tried" -eq 0 ] || [ $((alive * 20)) -gt "$tried" ]; then
		not_ok "$what" "$alive kills did not hit"
	else
		ok "$what, 0 bad"
	fi
}

make_start
before=$(digest "$work/medium.start")

use snapshot snapshot
sweep "snapshot" 250
use first snapshot first
sweep "first snapshot of a medium" 100

use restore restore
sweep "restore onto a volume" 180
use restore to
sweep "restore --to a directory" 100

# The way back, and the way on.  What was restored is in use now.
prepare
run act_restore
rm -rf "$work/root.start"
cp -a "$root" "$work/root.start"
use restore rollback restore
sweep "--rollback" 50
use restore forget
sweep "--forget" 60

make_start_empty
use restore restore
sweep "restore of a volume that is gone" 60
use restore to
sweep "restore --to a new directory" 60

if [ "$before" = "$(digest "$work/medium.start")" ]; then
	ok "no restore wrote to the medium"
else
	not_ok "no restore wrote to the medium"
fi
plan
