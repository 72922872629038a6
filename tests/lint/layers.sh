#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Includes go down only.  The table is the design: who may include whom.
set -u
. tests/lint/lint.sh

below='
base
io base
codec base io
manifest base io codec
archive base io codec manifest
medium base io codec manifest archive
catalog base io codec manifest archive medium
docker base io codec manifest archive
compose base io codec manifest archive
check base io codec manifest archive medium cli
net base io codec
cli base io
'

# file:line:folder of the file:included path
includes() {
	files 'tools/*.c' 'tools/*.h' | xargs -r grep -n '^[[:space:]]*#[[:space:]]*include "' |
		sed 's/^\([^:]*\):\([0-9]*\):[^"]*"\([^"]*\)".*/\1 \2 \3/'
}

includes | awk -v table="$below" '
	BEGIN {
		rows = split(table, row, "\n")
		for (i = 1; i <= rows; i++) {
			n = split(row[i], word, " ")
			for (j = 1; j <= n; j++)
				may[word[1], word[j]] = 1
		}
	}
	$1 ~ /^tools\/lib\// {
		split($1, at, "/"); split($3, to, "/")
		if ($3 !~ /\//)
			print $1 ":" $2 ": \"" $3 "\" lacks its layer"
		else if (!((at[3], to[1]) in may))
			print $1 ":" $2 ": " at[3] " must not include " to[1]
	}' | rule "a layer includes only those below it"

includes | awk '
	$1 !~ /^tools\/lib\// {
		n = split($1, at, "/")
		if (at[2] == "third-party") next
		# Beside the file itself, or of the library; never of another tool.
		path = at[1]; for (i = 2; i < n; i++) path = path "/" at[i]
		if (system("test -e " path "/" $3 " || test -e tools/lib/" $3) != 0)
			print $1 ":" $2 ": \"" $3 "\" is neither its own nor of the library"
		else if ($3 ~ /^\.\./)
			print $1 ":" $2 ": reaches outside its folder"
	}' | rule "a tool includes only its own headers and those of the library"

# main.c belongs to one tool and is linked by nothing else.
files '*.mk' | xargs -r grep -n 'main\.c' /dev/null | awk -F: '{
	tool = $1; sub("^tools/", "", tool); sub("/.*", "", tool)
	if ($0 !~ "tools/" tool "/main.c") print
}' | rule "no fragment names the main.c of another folder"

finish
