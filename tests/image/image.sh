# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=sh
#
# For the scripts beside it: TAP points, a folder of their own, the image.
#
#	. tests/image/image.sh
#	ok $? "name"		a point; on failure $tmp/out and $tmp/err follow
#	skip "name" "why"
#	finish			the plan, and the status

set -u
LC_ALL=C TZ=UTC
export LC_ALL TZ
BIN=${BIN:-build/musl/bin}
arch=$(uname -m)
image_tar=build/image/drydock-image-$arch.tar
points=0 failures=0
tmp=$(mktemp -d)
DRYDOCK_CATALOG=$tmp/catalog.db
export DRYDOCK_CATALOG

# shellcheck disable=SC2034  # for the scripts
version=$("$BIN/verify" --version | sed 's/.* //')
image=localhost/drydock-rescue:$version

ok() {
	points=$((points + 1))
	if [ "$1" = 0 ]; then
		echo "ok $points - $2"
	else
		echo "not ok $points - $2"
		tail -qn 12 "$tmp/out" "$tmp/err" 2>/dev/null | sed 's/^/# /'
		failures=$((failures + 1))
	fi
}

skip() {
	points=$((points + 1))
	echo "ok $points - $1 # SKIP $2"
}

# $1: pattern that the last out has, $2: name
has() {
	grep -qE -e "$1" "$tmp/out"
	ok $? "$2"
}

finish() {
	echo "1..$points"
	[ "$failures" = 0 ]
}

skip_all() {
	echo "1..0 # SKIP $1"
	exit 0
}

cleanup() {
	rm -rf "$tmp"
}
trap cleanup EXIT
trap 'exit 130' INT TERM HUP
