#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Each header compiles alone, and including it twice does no harm.
set -u
. tests/lint/lint.sh

for header in $(files 'tools/*.h' 'tests/*.h'); do
	# The test harness is made of functions that not all tests use.
	printf '#include "%s"\n#include "%s"\nextern int nothing;\n' \
		"$header" "$header" |
		"$MUSL_CC" -std=c11 -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 \
			-Wall -Wextra -Wpedantic -Wno-unused-variable -Werror \
			-I. -Itools/lib -I"${header%/*}" -fsyntax-only -x c - 2>&1 |
		grep error | head -n 2
done | rule "each header compiles alone, and twice"

finish
