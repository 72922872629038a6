#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# restore-volume --list-files and --only: single files by the seek table.
. tests/tap.sh

s=$tmp/src
mkdir -p "$s/conf/app" "$s/data/deep/er" "$tmp/m"
head -c 9000000 /dev/urandom >"$s/big"
echo one >"$s/conf/app/one.ini"
echo two >"$s/conf/two.ini"
echo sql >"$s/data/deep/er/x.sql"
ln "$s/conf/two.ini" "$s/data/linked"
ln -s ../conf "$s/data/link"
truncate -s 5M "$s/data/holes"
echo end >>"$s/data/holes"
chmod 2750 "$s/conf"
chmod 600 "$s/conf/app/one.ini"
touch -d '2020-02-03 04:05:06.789' "$s/conf" "$s/conf/app/one.ini" "$s/data"
python3 -c 'import socket, sys
socket.socket(socket.AF_UNIX).bind(sys.argv[1])' "$s/data/deep/sock" 2>/dev/null
"$bin/snapshot" -q --to "$tmp/m" --any-directory --path data="$s" >/dev/null

r() { run "$bin/restore-volume" --from "$tmp/m" latest data "$@"; }
same() {
	(cd "$s" && find "$@" -printf '%p %y %m %U:%G %s %T@ %l\n' | sort) >"$tmp/want"
	(cd "$tmp/to" && find "$@" -printf '%p %y %m %U:%G %s %T@ %l\n' | sort) >"$tmp/have"
	diff "$tmp/want" "$tmp/have" >"$tmp/out" && (cd "$s" && find "$@" -type f) |
		while read -r f; do cmp -s "$s/$f" "$tmp/to/$f" || echo "$f"; done |
		(! grep -q .)
}

r --list-files
exits 0 "a list"
says '^-rw------- [0-9]+:[0-9]+ +4 2020-02-03T04:05:06Z conf/app/one.ini$' "as ls writes it"
says '^drwxr-s--- .* conf$' "folders and their modes"
says 'data/link -> ../conf' "links and where they lead"
is "$(wc -l <"$tmp/out")" "$(find "$s" | wc -l)" "every entry"
r --list-files --only '*.ini' --json
is "$(grep -c '"message_type":"entry"' "$tmp/out")" 2 "a pattern, as JSON"
r --list-files --only nothing
exits 10 "what is not there"

r --only conf/app/one.ini --to "$tmp/to"
exits 0 "one file"
same conf/app/one.ini conf/app -maxdepth 0
ok $? "comes back exactly, in its folders"
[ "$(find "$tmp/to" -type f | wc -l)" = 1 ]
ok $? "and nothing else does"
[ "$(stat -c '%a %Y' "$tmp/to/conf")" = "$(stat -c '%a %Y' "$s/conf")" ]
ok $? "folders above have their own modes and times"
r --only conf --to "$tmp/to"
exits 12 "into a folder that is not empty: refused"
[ "$(find "$tmp/to" -type f | wc -l)" = 1 ]
ok $? "and it is as it was"
rm -rf "$tmp/to"
r --only /data --only 'conf/*.ini' --to "$tmp/to"
exits 0 "a folder, by its path from the root, and a pattern"
same data conf/two.ini
ok $? "all in them, holes, links and sockets too"
[ "$(stat -c %i "$tmp/to/data/linked")" = "$(stat -c %i "$tmp/to/conf/two.ini")" ]
ok $? "hard links between wanted files stay links"
[ "$(stat -c %b "$tmp/to/data/holes")" -lt 100 ]
ok $? "holes stay holes"
rm -rf "$tmp/to"
r --only data/linked --to "$tmp/to"
exits 0 "a hard link whose first name is not wanted"
is "$(cat "$tmp/to/data/linked")" two "has its content"
rm -rf "$tmp/to"
r --only big --only nothing --to "$tmp/to"
exits 10 "a path that is not there"
[ ! -e "$tmp/to" ]
ok $? "and nothing is made"
r --only big
exits 2 "--only wants --to"
r --only ../big --to "$tmp/to"
exits 2 "a path out of the volume"
r -n --only big --to "$tmp/to"
exits 0 "a dry run"
says 'would restore .* 1 entries' "counts what is wanted"
[ ! -e "$tmp/to" ]
ok $? "and makes nothing"

# Damage elsewhere does not matter; damage within does.
a=$(ls "$tmp"/m/drydock/snapshots/*/data.tar.zst)
printf '\377' | dd of="$a" bs=1 seek=5000000 conv=notrunc 2>/dev/null
r --only data/deep/er/x.sql --to "$tmp/to"
exits 0 "a file whose frames are whole, out of a damaged archive"
rm -rf "$tmp/to"
r --only big --to "$tmp/to"
exits 5 "a file that lies in the damage"
says "'big': frame" "is named"
[ ! -e "$tmp/to" ]
ok $? "and nothing is left of it"
finish
