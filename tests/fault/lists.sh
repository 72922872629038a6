#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Let each system call of verify fail, once and from then on, while it checks
# somebody else's list of checksums.  It may fail, but never call good what it
# did not read, and never miss the damage that is there.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/fault/lib.sh
needs strace
sandbox

d=$work/d
mkdir -p "$d/sub"
for name in a b sub/c sub/e; do
	head -c 70000 /dev/urandom >"$d/$name"
done
(cd "$d" && sha256sum a b sub/c sub/e) >"$d/SHA256SUMS"
(cd "$d" && md5sum a) >"$d/a.md5"

act() { "$@" "$verify" --threads 0 --new "$d"; }

# What is right when call $1 fails: $2 is the status of the undisturbed run.
judge() {
	[ "$status" -lt 128 ] || { echo "died by signal"; return 1; }
	# Where the report cannot be written, 1 says so.
	case $status in
	0) [ "$2" -eq 0 ] && grep -q 'files  *all 5 OK' "$work/said" ||
		{ echo "calls good what it did not read"; return 1; } ;;
	# 3 is for what --new found, and never for damage.
	3) [ "$2" -eq 0 ] || { echo "misses the damage"; return 1; } ;;
	*) [ "$1" = write ] || [ -s "$work/said" ] ||
		{ echo "fails without a word, status $status"; return 1; } ;;
	esac
}

# $1: what it is called, $2: the status undisturbed
sweep() {
	list_calls "$work/calls"
	if [ "$status" -ne "$2" ]; then
		not_ok "$1" "ends with $status undisturbed" "$(said)"
		return
	fi
	bad=0 tried=0 details=
	while read -r call n ignored; do
		case $call in
		exit_group | arch_prctl | set_tid_address | rt_* | munmap | \
			mprotect | brk) continue ;;
		esac
		for when in "$n" "$n+"; do
			tried=$((tried + 1))
			run act strace -f -qq -o /dev/null -e trace="$call" \
				-e inject="$call:error=EIO:when=$when"
			why=$(judge "$call" "$2") && continue
			bad=$((bad + 1))
			[ "$bad" -gt 8 ] || details="$details
$call $when: $why"
		done
	done <"$work/calls"
	if [ "$bad" -gt 0 ] || [ "$tried" -eq 0 ]; then
		not_ok "$1: $tried errors, $bad bad" "$details"
	else
		ok "$1: $tried errors, 0 bad"
	fi
}

sweep "good lists" 0
echo x >>"$d/sub/c"
sweep "lists of a damaged file" 5

run strace -f -qq -o /dev/null -P "$d/b" -e trace=pread64 \
	-e inject=pread64:error=EIO "$verify" "$d"
grep -q 'UNREADABLE b: ' "$work/said" && grep -q 'DAMAGED *sub/c' "$work/said"
if [ $? -eq 0 ] && [ "$status" -eq 5 ]; then
	ok "a file that cannot be read does not keep the others from it"
else
	not_ok "a file that cannot be read" "status $status" "$(said)"
fi
plan
