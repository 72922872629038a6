#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# What files are called, and what is called by a file's name.
set -u
. tests/lint/lint.sh

# A comment or page that names a source file names one that exists: by its
# path, by its path in the library, or by its bare name anywhere in the tree.
# System headers (in <>), and upstream files in the third-party folder, are not
# ours to check.
known=$(files '*.c' '*.h')
files 'tools/*.c' 'tools/*.h' 'tests/*.c' 'tests/*.h' '*.md' |
	grep -v '^tools/third-party/' |
	xargs -r awk -v known="$known" '
	BEGIN {
		n = split(known, path, "\n")
		for (i = 1; i <= n; i++) {
			rest = path[i]
			exists[rest] = 1
			while (sub("^[^/]*/", "", rest))
				exists[rest] = 1
		}
		# Headers of the system and of libraries that prose may name bare.
		m = split("bearssl.h archive.h zstd.h zlib.h limits.h errno.h arm_neon.h", h, " ")
		for (i = 1; i <= m; i++)
			exists[h[i]] = 1
	}
	FNR == 1 { in_comment = FILENAME ~ /\.md$/ }
	{
		line = $0
		text = ""
		if (FILENAME ~ /\.md$/) {
			text = line
		} else {
			while (line != "") {
				if (in_comment) {
					end = index(line, "*/")
					if (!end) { text = text " " line; break }
					text = text " " substr(line, 1, end - 1)
					line = substr(line, end + 2); in_comment = 0
				} else {
					begin = index(line, "/*")
					if (!begin) break
					line = substr(line, begin + 2); in_comment = 1
				}
			}
		}
		gsub(/<[^>]*>/, "", text)
		while (match(text, /[A-Za-z0-9_.\/-]+\.[ch]/)) {
			word = substr(text, RSTART, RLENGTH)
			text = substr(text, RSTART + RLENGTH)
			if (text ~ /^[A-Za-z0-9_]/ || word ~ /^(sys|linux|asm)\//)
				continue
			sub(/^\.\//, "", word)
			if (!(word in exists))
				print FILENAME ":" FNR ": names " word
		}
	}' | rule "a comment that names a source file names one that exists"

files 'tools/lib/*' | sed 's,.*/,,; s,\.[a-z0-9]*$,,' |
	grep -xE 'util|utils|common|misc|helper|helpers' |
	rule "no module is called util, common, misc or helpers"

# A source that no fragment names is never compiled, and nobody notices.
for source in $(files 'tools/*.c'); do
	[ "$source" = tools/lib/base/selfrelro.c ] && continue
	files '*.mk' | xargs -r grep -qF "$source" || echo "$source"
done | rule "each source is named by a fragment"

# And the other way round: rule 53 wants names, not patterns.
files '*.mk' | xargs -r grep -n 'wildcard\|\*\.c' /dev/null |
	rule "no fragment uses a wildcard"

for script in $(files '*.sh' 'tests/run' 'ci/*' '.ci/*' 'tools/third-party/fetch' \
	'tools/third-party/build' 'tools/third-party/keys' 'tools/third-party/dist'); do
	case $(head -n 1 "$script") in
	'#!'*) [ -x "$script" ] || echo "$script: not executable" ;;
	esac
done | rule "each script that names its interpreter can be run"

finish
