# SPDX-License-Identifier: BSD-2-Clause
# TAP for shell tests: . tests/tap.sh, from the project's root.
#
#	run COMMAND...		its output in $tmp/out and $tmp/err, status in $rc
#	ok STATUS NAME		a point: STATUS is 0
#	is GOT WANT NAME
#	exits STATUS NAME	what the last run ended with
#	says PATTERN NAME	the last run said so, on either stream
#	skip NAME REASON
#	finish			the plan; exit
#
# $tmp is a folder of the test's own, removed at the end; $bin has the tools.
points=0
failures=0
rc=0
bin=$PWD/${BIN:-build/musl/bin}
tmp=$(mktemp -d /tmp/drydock-test-XXXXXX)
tap_cleanup() { chattr -R -i -a "$tmp" 2>/dev/null; rm -rf "$tmp"; }
trap tap_cleanup EXIT
trap 'exit 1' INT TERM
unset DOCKER_HOST 2>/dev/null || :
# What this machine remembers is its own.
DRYDOCK_CATALOG=$tmp/catalog.db
export DRYDOCK_CATALOG

run() {
	"$@" >"$tmp/out" 2>"$tmp/err"
	rc=$?
	return 0
}

ok() {
	points=$((points + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $points - $2"
		return 0
	fi
	failures=$((failures + 1))
	echo "not ok $points - $2"
	tail -n 15 "$tmp/out" "$tmp/err" 2>/dev/null | sed 's/^/# /'
	return 1
}

is() {
	if [ "$1" = "$2" ]; then
		ok 0 "$3"
	else
		ok 1 "$3"
		printf '# got  %s\n# want %s\n' "$1" "$2"
	fi
}

exits() { is "$rc" "$1" "$2"; }

says() {
	cat "$tmp/out" "$tmp/err" | grep -qE -- "$1"
	ok $? "$2"
}

skip() {
	points=$((points + 1))
	echo "ok $points - $1 # SKIP $2"
}

finish() {
	echo "1..$points"
	[ "$failures" -eq 0 ] && [ "$points" -gt 0 ]
	exit $?
}
