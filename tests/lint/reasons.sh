#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Every reason that probe can give is produced by a test: a unit test expects
# REASON_X, or a script says "code x" of the run before it.  And every key that
# a target knows is in the manual.
set -u
. tests/lint/lint.sh

# name code, a line each
rows() { sed -n 's/^	X(\([A-Z0-9_]*\), "\([a-z0-9-]*\)",.*/\1 \2/p' tools/probe/reasons.h; }

expected=$(files 'tests/*.c' 'tests/*.h' | xargs -r grep -h 'REASON_' |
	grep -v 'outcome_reason' | grep -o 'REASON_[A-Z0-9_]*' | sort -u)
said=$(files 'tests/*.sh' | xargs -r grep -hoE '(^|[[:space:]])code [a-z0-9-]+' |
	sed 's/.* //' | sort -u)

{
	rows | grep -q . || echo "no rows found in reasons.h"
	rows | while read -r name code; do
		echo "$expected" | grep -qx "REASON_$name" ||
			echo "$said" | grep -qx -- "$code" ||
			echo "tools/probe/reasons.h: no test expects $code"
	done
} | rule "every reason of probe is produced by a test"

files 'tools/probe/*.c' 'tools/probe/*.h' |
	xargs -r sed -n 's/^	{ "\([a-z-]*\)", CHECK_.*/\1/p' | sort -u |
	while read -r key; do
		grep -E '^\.(Li|Fl Fl set)' tools/probe/probe.1 |
			grep -qwe "$key" ||
			echo "tools/probe/probe.1: no key '$key'"
	done | rule "every key of a target is in the manual"

finish
