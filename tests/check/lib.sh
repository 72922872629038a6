# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=sh
#
# For the tests of content checkers: . tests/check/lib.sh, from the project's
# root.  As tests/tap.sh, and:
#
#	look DIR			run verify --data on a directory
#	judged CHECKER VERDICT NAME	what the last look said of the (one)
#					thing that this checker knows
#	found PATTERN NAME		one of its findings, "PATH: TEXT"
#	said PATTERN NAME		what would happen at start
#	covered PATTERN NAME		what was looked at
#	flip FILE OFFSET		change all bits of one byte
#	require PROGRAM...		skip the whole test where one is absent
. tests/tap.sh

look() {
	"$bin/verify" --data --json "$1" >"$tmp/json" 2>"$tmp/err"
	: >"$tmp/out"
}

# $1: checker, $2: member: of each of its judgements
member() {
	sed -n "/\"message_type\":\"data\"/{/\"checker\":\"$1\"/s/.*\"$2\":\"\([^\"]*\)\".*/\1/p;}" \
		"$tmp/json"
}

# The findings as text.
findings() {
	sed -n '/"message_type":"finding"/s/.*"verdict":"\([^"]*\)","path":"\([^"]*\)","why":"\([^"]*\)".*/\1 \2: \3/p' \
		"$tmp/json"
}

judged() {
	_got=$(member "$1" verdict | tr '\n' ' ' | sed 's/ $//')
	is "$_got" "$2" "$3"
	[ "$_got" = "$2" ] || findings | sed 's/^/# /'
}

found() {
	findings >"$tmp/out"
	grep -qE -- "$1" "$tmp/out"
	ok $? "$2"
}

said() {
	sed -n 's/.*"said":"\([^"]*\)".*/\1/p' "$tmp/json" >"$tmp/out"
	grep -qE -- "$1" "$tmp/out"
	ok $? "$2"
}

covered() {
	sed -n 's/.*"covered":"\([^"]*\)".*/\1/p' "$tmp/json" >"$tmp/out"
	grep -qE -- "$1" "$tmp/out"
	ok $? "$2"
}

flip() {
	python3 - "$1" "$2" <<-'END'
	import sys
	with open(sys.argv[1], "r+b") as f:
	    f.seek(int(sys.argv[2]))
	    byte = f.read(1)
	    f.seek(int(sys.argv[2]))
	    f.write(bytes([byte[0] ^ 255]))
	END
}

require() {
	for _program; do
		command -v "$_program" >/dev/null || {
			echo "1..0 # SKIP no $_program on this machine"
			exit 0
		}
	done
}
