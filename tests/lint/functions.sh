#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# The length of functions: from the brace in column 0 to the brace in column 0.
set -u
. tests/lint/lint.sh

# $1: files, $2: limit, $3: names to look at (a pattern)
longer_than() {
	files "$1" | xargs -r awk -v limit="$2" -v only="$3" '
		FNR == 1 { start = 0 }
		/^[A-Za-z_].*\(/ {
			name = $0
			sub(/\(.*/, "", name); sub(/.*[ *]/, "", name)
		}
		/^\{/ { start = FNR }
		/^\}/ {
			if (start && FNR - start > limit && name ~ only)
				printf "%s:%d: %s has %d lines\n", FILENAME, start, name, FNR - start
			start = 0
		}'
}

longer_than 'tools/*.c' 80 . | rule "no function of a tool or the library is longer than 80 lines"
longer_than 'tests/*.c' 80 . | rule "no function of a test is longer than 80 lines"
longer_than 'tools/*/main.c' 40 '^main$' | rule "no main() is longer than 40 lines"

finish
