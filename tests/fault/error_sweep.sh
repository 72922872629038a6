#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Let system calls of the shipped tools fail, once and from then on.  A tool
# may fail, but it must say so: never success with less than all, never a
# crash, never a loss; and the next run goes through.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/fault/lib.sh
needs strace getfattr
sandbox
. tests/fault/jobs.sh

# What fails, as lines "call n is-changing error when".  In soak each error at
# each call; else one error at each, in turn.
list_errors() {
	awk -v soak="$soak" '
	BEGIN { count = split("EIO ENOSPC EROFS ENOMEM", errors) }
	$1 ~ /^(exit_group|arch_prctl|set_tid_address|rt_|prlimit|getpid|gete)/ ||
	$1 ~ /^(munmap|mprotect|brk|sched_|prctl|uname|socket|connect)/ {
		next
	}
	$1 == "mmap" { print $0, "ENOMEM", $2; print $0, "ENOMEM", $2 "+"; next }
	soak {
		for (i = 1; i <= count; i++) {
			print $0, errors[i], $2
			print $0, errors[i], $2 "+"
		}
		next
	}
	$3 == 1 {
		print $0, errors[n++ % count + 1], $2
		print $0, errors[n++ % count + 1], $2 "+"
		n++
		next
	}
	{ print $0, "EIO", $2 (m++ % 2 ? "+" : "") }' "$1"
	# Interrupted now and then is no failure at all.
	for call in read write openat fsync pread64 flock renameat2; do
		echo "$call 1 1 EINTR 1+2"
	done
}

# Is $1, or a folder that it is in, named in a warning?
is_named() {
	path=$1
	while :; do
		! grep -qF ": $path: " "$work/warned" || return 0
		case $path in */*) path=${path%/*} ;; *) return 1 ;; esac
	done
}

# The number of links of a file changes when another one is left out.
without_counts() {
	sed 's/^\([^	]*	[^ ]* [^ ]* [^ ]* [^ ]* [^ ]* \)[0-9]* /\1/' | sort
}

# Paths in which tree $1 and tree $2 differ must all be in what was said.
differs_as_said() {
	list_tree "$1" | without_counts >"$work/list.1"
	list_tree "$2" | without_counts >"$work/list.2"
	comm -3 "$work/list.1" "$work/list.2" |
	sed -n -e 's/^	//' -e 's/^[0-9a-f]\{64\}  \.\///' \
		-e 's/^\([^	][^	]*\)	.*/\1/p' | sort -u |
	while read -r differs; do
		is_named "$differs" || { echo "$differs"; break; }
	done >"$work/unsaid"
	[ ! -s "$work/unsaid" ] ||
		{ echo "differs, and was not said: $(cat "$work/unsaid")"; return 1; }
}

# The snapshot was said to have gone well, or with warnings.
judge_taken() {
	cp "$work/said" "$work/warned"
	[ "$(folders | wc -l)" -eq 2 ] || { echo "no new snapshot"; return 1; }
	rm -rf "$work/back" "$work/back.before"*
	run "$restore" --threads 0 --from "$medium" --assume-unused \
		--to "$work/back" latest tree
	# 3: of two names of a file one was said to lack attributes.
	[ "$status" -eq 0 ] || [ "$status" -eq 3 ] ||
		{ echo "cannot be restored: $status: $(said)"; return 1; }
	differs_as_said "$tree" "$work/back"
}

judge_restored() {
	cp "$work/said" "$work/warned"
	differs_as_said "$work/new" "$1"
}

# $1: call, $2: status of the tool; what it said is in $work/said
judge_error() {
	[ "$2" -lt 128 ] || { echo "died by signal $(($2 - 128))"; return 1; }
	# Where writing fails, it may have nothing left to say it with.
	if [ "$2" -ne 0 ] && [ "$1" != write ] && [ "$1" != writev ] &&
		! grep -q -e '^[a-z-]*: ..*' -e 'out of memory' "$work/said"; then
		echo "fails without a word, status $2"
		return 1
	fi
	if [ "$2" -ne 0 ] && [ "$2" -ne 3 ]; then
		judge
		return
	fi
	good
}

# $1: what it is called, $2: about how many without soak
sweep() {
	[ -z "$soak" ] || set -- "$1" 0
	prepare
	list_calls "$work/calls"
	if [ "$status" -ne 0 ]; then
		not_ok "$1" "fails undisturbed, status $status" "$(said)"
		return
	fi
	list_errors "$work/calls" >"$work/errors"
	sample "$work/errors" "$2" >"$work/chosen"
	bad=0 details=
	while read -r call n ignored error when; do
		prepare
		run act strace -f -qq -o /dev/null -e trace="$call" \
			-e inject="$call:error=$error:when=$when"
		if why=$(judge_error "$call" "$status") && why=$(recover); then
			continue
		fi
		bad=$((bad + 1))
		[ "$bad" -gt 8 ] || details="$details
$call $error $when: $why"
	done <"$work/chosen"
	tried=$(wc -l <"$work/chosen")
	what="$1: $tried of $(wc -l <"$work/errors") errors"
	if [ "$bad" -gt 0 ] || [ "$tried" -eq 0 ]; then
		not_ok "$what, $bad bad" "$details"
	else
		ok "$what, 0 bad"
	fi
}

make_start

use snapshot snapshot
good() { judge_taken; }
sweep "snapshot" 250

use restore restore
good() { judge_restored "$volume/_data"; }
sweep "restore onto a volume" 350

use restore to
good() { judge_restored "$target"; }
sweep "restore --to a directory" 100

make_start_empty
use restore restore
good() { judge_restored "$volume/_data"; }
sweep "restore of a volume that is gone" 100
plan
