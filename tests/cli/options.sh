#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Options: the table, --help and the manual page agree; misuse is told apart.
. tests/tap.sh

# The long options of --help, and of the page's .It lines.
of_help() { sed -n 's/^ .*--\([a-z-]*\).*/\1/p' | sort -u; }
of_page() { sed -n 's/^\.It.* Fl Fl \([a-z-]*\).*/\1/p' "$1" | sort -u; }

for tool in snapshot verify restore-volume probe startup-order; do
	# A number that the tool takes, and its mirror.
	number=threads mirror=DRYDOCK_THREADS
	[ $tool = startup-order ] && number=timeout mirror=DRYDOCK_TIMEOUT
	[ $tool = probe ] && number=tries mirror=DRYDOCK_TRIES
	run "$bin/$tool" --help
	exits 0 "$tool --help ends with 0"
	of_help <"$tmp/out" >"$tmp/help"
	of_page "tools/$tool/$tool.1" >"$tmp/page"
	diff "$tmp/help" "$tmp/page" >"$tmp/out" 2>&1
	ok $? "$tool: --help and the manual page name the same options"
	[ "$(wc -l <"$tmp/help")" -ge 10 ]
	ok $? "$tool: and there are some"
	run "$bin/$tool" --help
	[ "$(awk 'length > 80' "$tmp/out" | wc -l)" -eq 0 ]
	ok $? "$tool --help fits 80 columns"
	run "$bin/$tool" --version
	says '^'"$tool"' \(Drydock\) [0-9]' "$tool --version"
	run "$bin/$tool" --no-such
	exits 2 "$tool --no-such: usage"
	says "try '$tool --help'" "$tool: and where to look"
	run "$bin/$tool" --vers
	exits 2 "$tool: options are not abbreviated"
	run "$bin/$tool" --$number x
	exits 2 "$tool --$number x: not a number"
	run "$bin/$tool" --$number
	exits 2 "$tool --$number alone: wants a value"
	run "$bin/$tool" --help=1
	exits 2 "$tool --help=1: takes none"
	# startup-order alone takes the project of the folder it is in.
	if [ $tool != startup-order ]; then
		run "$bin/$tool"
		exits 2 "$tool alone: usage"
	fi
	run env $mirror=x "$bin/$tool" .
	exits 2 "$tool: the environment is checked like the command line"
	says $mirror "$tool: and named"
	run env DRYDOCK_JSON=maybe "$bin/$tool" .
	exits 2 "$tool: a flag in the environment is 1 or 0"
	run "$bin/$tool" "$(printf '\033[31m')--" -- "$(printf '\033]0;x\007')" x y
	! grep -q "$(printf '\033')" "$tmp/err" "$tmp/out"
	ok $? "$tool: control characters of an argument do not reach the terminal"
	for option in --help --version; do
		"$bin/$tool" $option >/dev/full 2>"$tmp/err"
		[ $? -eq 1 ]
		ok $? "$tool $option onto a full device fails"
	done
done
finish
