#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# What must not be, and what must be, in every file of the tree.
set -u
. tests/lint/lint.sh

# The patterns are put together here, or this file would break its own rules.
slash=/
hosts="https?:$slash$slash[a-z0-9.-]+/(debian|ubuntu|pool|npm)"
paths="${slash}work/(main|shared|steering|[.]library)|${slash}tmp/bash_"

git grep -nIE "$hosts" -- . | cut -c1-160 |
	rule "no address of a package host"
git grep -nIE "$paths" -- . | cut -c1-160 |
	rule "no path of one developer's machine"

for file in $(files 'tools/*.c' 'tools/*.h' 'tests/*.c' 'tests/*.h' '*.sh' \
	'*.mk' Makefile 'ci/*' '.ci/*' 'tests/run' 'tools/third-party/*'); do
	case $file in
	*.md|*.patch|*/lock|tests/data/*) continue ;;
	esac
	head -n 3 "$file" | grep -q 'SPDX-License-Identifier: BSD-2-Clause' ||
		echo "$file"
done | rule "sources and scripts name their licence"

# Rule 1.  A line comment inside a string (an address, a path) is none.
files 'tools/*.c' 'tools/*.h' 'tests/*.c' 'tests/*.h' |
	xargs -r grep -nE '^[^"]*(^|[[:space:];{}])//' /dev/null |
	rule "comments are of the long kind"

files '*.c' '*.h' '*.sh' '*.mk' '*.md' Makefile | grep -v '^tests/data/' |
	xargs -r grep -nE '[[:space:]]+$' /dev/null | cut -c1-120 |
	rule "no blanks at the end of a line"

# STYLE: one line up to 80 columns, a tab counting 8.  Option tables and long
# texts are better unbroken, so only C code that is neither is judged, at 100.
files 'tools/*.c' 'tools/*.h' |
	while read -r file; do
		expand "$file" | awk -v f="$file" 'length($0) > 100 && !/"/ {
			print f ":" NR ": " length($0) " columns"
		}'
	done | rule "no line of code is longer than 100 columns"

finish
