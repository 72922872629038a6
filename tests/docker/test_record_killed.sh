#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Recording labels is killed at each of its system calls: metadata.db and
# opts.json are the old or the new ones, and the next run completes it.  Then
# each of them fails once, with EIO: the same, and the failure is told.
set -u

driver=$(cd "${BIN:-build/musl/bin}/.." && pwd)/test/docker_driver
points=0 failures=0

ok() {	# $1: status, $2: name
	points=$((points + 1))
	if [ "$1" = 0 ]; then
		echo "ok $points - $2"
	else
		echo "not ok $points - $2"
		failures=$((failures + 1))
	fi
}

[ "$(id -u)" = 0 ] || { echo "1..0 # SKIP needs root"; exit 0; }
command -v strace >/dev/null || { echo "1..0 # SKIP no strace"; exit 0; }
# In memory where that is possible: a disk takes its time for each fsync.
tmp=$(mktemp -d /dev/shm/drydock-killed.XXXXXX 2>/dev/null) ||
	tmp=$(mktemp -d "${TMPDIR:-/tmp}/drydock-killed.XXXXXX") || exit 1
trap 'rm -rf "$tmp"' EXIT
DRYDOCK_CATALOG=$tmp/catalog.db
export DRYDOCK_CATALOG
trap 'exit 1' HUP INT TERM
# A copy: the original may be built anew meanwhile.
cp "$driver" "$tmp/driver" && "$tmp/driver" root / 2>/dev/null
[ $? -lt 2 ] && driver=$tmp/driver
strace -o /dev/null true 2>/dev/null ||
	{ echo "1..0 # SKIP strace cannot trace here"; exit 0; }

new='label.k=new opt.type=tmpfs opt.device=tmpfs opt.o=size=9m'
volumes=$tmp/data/volumes

# The state every attempt starts from; made by the driver itself.
begin() {
	rm -rf "$tmp/data"
	cp -a "$tmp/old" "$tmp/data"
}

# Is every file whole, old or new?  $1: what happened, for the report.
whole() {
	"$driver" list "$tmp/data" >"$tmp/out" 2>&1 &&
		! grep -q 'PROBLEM\|ERROR' "$tmp/out" &&
		grep -q '^b .*label.k=kept$' "$tmp/out" &&
		grep -q '^a .*\(label.k=old\|label.k=new\) ' "$tmp/out" &&
		grep -q '"size=[19]m"' "$volumes/a/opts.json" && return 0
	echo "# $1:"
	sed 's/^/# /' "$tmp/out"
	return 1
}

mkdir -p "$volumes/a/_data" "$volumes/b/_data"
"$driver" record "$tmp/data" a label.k=old opt.type=tmpfs opt.device=tmpfs \
	opt.o=size=1m &&
	"$driver" record "$tmp/data" b label.k=kept
ok $? "volumes to begin with"
mv "$tmp/data" "$tmp/old"

# strace counts each kind of call for itself.  $1: trace; "name count" lines.
kinds() {
	sed -n 's/^\([a-z_0-9]*\)(.*/\1/p' "$1" | sort | uniq -c |
		awk '$2 != "execve" && $2 != "exit_group" { print $2, $1 }'
}

begin
# shellcheck disable=SC2086
strace -o "$tmp/trace" "$driver" record "$tmp/data" a $new
ok $? "recorded undisturbed"
kinds "$tmp/trace" >"$tmp/kinds"

# Nobody waits for the lock here, so the time for which a replaced file stays
# locked is skipped.
skip='inject=nanosleep,clock_nanosleep:retval=0'
bad=0 killed=0 missed=0
while read -r call count; do
	n=1
	while [ $n -le "$count" ]; do
		begin
		# shellcheck disable=SC2086
		strace -o "$tmp/trace" -e "$skip" \
			-e "inject=$call:signal=KILL:when=$n" "$driver" \
			record "$tmp/data" a $new 2>/dev/null
		# A status of its own would mean that nothing was killed.
		[ $? = 137 ] && killed=$((killed + 1)) ||
			missed=$((missed + 1))
		whole "killed at $call $n" || bad=$((bad + 1))
		n=$((n + 1))
	done
done <"$tmp/kinds"
ok "$bad" "killed at each of $killed calls: old or new"
# What differs between two runs of one program: the stack's place, a heap.
[ "$killed" -gt 60 ] && [ "$missed" -le 3 ]
ok $? "and it was killed ($missed calls did not come)"

# On top of what the last kill left, and of litter.
: >"$volumes/.metadata.db.drydock"
: >"$volumes/a/.opts.json.drydock"
# shellcheck disable=SC2086
"$driver" record "$tmp/data" a $new && whole "again" &&
	grep -q '^a .*label.k=new ' "$tmp/out" &&
	[ "$(find "$tmp/data" -name '*.drydock' | wc -l)" = 0 ]
ok $? "the next run completes it, and leaves no litter"

# Every call that touches a file fails once.
bad=0 lied=0 tried=0
while read -r call count; do
	case $call in
	open*|read*|pread*|write*|fsync|rename*|close|unlink*|*stat*|flock) ;;
	*) continue ;;
	esac
	n=1
	while [ $n -le "$count" ]; do
		begin
		# shellcheck disable=SC2086
		strace -o "$tmp/trace" -e "$skip" \
			-e "inject=$call:error=EIO:when=$n" "$driver" \
			record "$tmp/data" a $new 2>"$tmp/err"
		status=$?
		tried=$((tried + 1))
		whole "$call $n fails" || bad=$((bad + 1))
		# Success must mean that it is done.
		if [ $status = 0 ] && ! grep -q '^a .*label.k=new ' "$tmp/out"
		then
			echo "# $call $n failed, and success was claimed"
			lied=$((lied + 1))
		fi
		n=$((n + 1))
	done
done <"$tmp/kinds"
ok "$bad" "$tried calls failed with EIO: old or new"
ok "$lied" "and success was never claimed for the old"

echo "1..$points"
[ $failures = 0 ]
