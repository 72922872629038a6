# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=sh
#
# For the scripts beside it: one TAP point per rule, and below a failed one the
# places that break it.  Only files that git knows are looked at, so litter of
# a build or an editor is nobody's fault.

results=$(mktemp)
trap 'rm -f "$results"' EXIT

# $1: the rule; stdin: places that break it, one a line.  It stands at the end
# of a pipe, where a shell variable would be lost: hence the file.
rule() {
	places=$(cat)
	if [ -z "$places" ]; then
		echo "ok - $1"
	else
		echo "not ok - $1"
		printf '%s\n' "$places" | sed 's/^/# /'
	fi >>"$results"
}

finish() {
	cat "$results"
	echo "1..$(grep -cE '^(not )?ok' "$results")"
	! grep -q '^not ok' "$results"
}

# Tracked files matching the patterns, less those that were just deleted.
files() {
	git ls-files -- "$@" | while read -r file; do
		[ ! -e "$file" ] || printf '%s\n' "$file"
	done
}
