#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# restore-volume: there, back, and everything it refuses.
. tests/tap.sh

root=$tmp/root
m=$tmp/medium
data=$root/volumes/db/_data
mkdir -p "$data/sub" "$m"
chmod 0750 "$data"
echo one >"$data/one"
ln "$data/one" "$data/sub/link"
ln -s ../one "$data/sub/sym"
mkfifo "$data/fifo"
touch -d '1969-12-31 23:00:00 UTC' "$data/sub"
"$bin/snapshot" -q --to "$m" --any-directory --data-root "$root" db >/dev/null
"$bin/snapshot" -q --new-key "$tmp/key" >/dev/null
back() { run "$bin/restore-volume" --data-root "$root" "$@"; }

# One line for each object, with all that find can see of it.
tree() { (cd "$1" && find . -printf '%p %y %m %U %G %n %s %T@ %l\n' | sort); }

tree "$data" >"$tmp/want"
echo changed >"$data/one"
back --from "$m" latest db -n
exits 0 "a dry run"
is "$(cat "$data/one")" changed "changes nothing"
back --from "$m" latest db
exits 0 "a restore"
tree "$data" | diff "$tmp/want" - >"$tmp/out"
ok $? "brings everything back as it was"
[ "$(stat -c %i "$data/one")" = "$(stat -c %i "$data/sub/link")" ]
ok $? "hard links are links"
is "$(cat "$root"/volumes/db/_data.before-*/one)" changed \
	"the tree from before is kept"
back --rollback db
exits 0 "--rollback"
is "$(cat "$data/one")" changed "puts it back"
back --rollback db
is "$(cat "$data/one")" one "and again undoes it"
back --forget db </dev/null
exits 2 "--forget without a terminal asks for --yes"
if command -v script >/dev/null; then
	(sleep 1; printf '\003') | script -qec "$bin/restore-volume \
		--data-root $root --forget db" /dev/null >"$tmp/out" 2>&1
	is $? 130 "Ctrl-C at a question is no answer"
fi
back --rollback -n db 2>&-
exits 0 "with standard error closed"
back --forget --yes db
exits 0 "--forget --yes"
is "$(ls -A "$root/volumes/db")" _data "deletes the old trees"
back --rollback db
exits 10 "and then there is no way back"

# A person's own copy beside the tree is neither a way back nor litter.
mkdir "$root/volumes/db/_data.before-the-upgrade"
back --rollback db
exits 10 "a folder of a person's own is no earlier tree"
back --forget --yes db
ok "$(ls "$root/volumes/db" | grep -c upgrade | grep -cvx 1)" \
	"and is not deleted"
rmdir "$root/volumes/db/_data.before-the-upgrade"

# Clocks on rescue hosts lie: the newest tree is the last one kept.
back --from "$m" latest db
echo second >"$data/one"
mv "$root"/volumes/db/_data.before-* \
	"$root/volumes/db/_data.before-0001-20990101T000000Z"
back --from "$m" latest db
is "$(ls "$root/volumes/db" | tail -n 1)" \
	_data.before-0001-20990101T000001Z "a clock that went back is led on"
back --rollback db
is "$(cat "$data/one")" second "and the newest tree comes back"
back --rollback db
back --forget db -n
says '2 old trees would be deleted' "--forget -n counts what is there"
is "$(ls "$root/volumes/db" | grep -c before)" 2 "and deletes nothing"
back --forget --yes db

# What a killed run left: a dry run leaves it, the next one judges by inode.
litter() {	# $1: inode in the journal
	mkdir "$root/volumes/db/._data.drydock-stage"
	echo old >"$root/volumes/db/._data.drydock-stage/old"
	printf 'drydock-swap 1\n%s\n_data.before-0001-20260101T000000Z\n' \
		"$1" >"$root/volumes/db/._data.drydock-swap"
}
litter "$(stat -c %i "$root/volumes/db")"
back --rollback db -n
ok "$([ -d "$root/volumes/db/._data.drydock-stage" ]; echo $?)" \
	"a dry run sweeps nothing"
back --from "$m" latest db
exits 3 "a journal that fits neither tree is a warning"
is "$(cat "$root/volumes/db/_data.before-0001-20260101T000000Z/old")" old \
	"and what may be the old tree is kept"
back --forget --yes db
litter 1
rm "$root/volumes/db/._data.drydock-swap"
back --from "$m" latest db
exits 0 "a stage without a journal"
is "$(ls -A "$root/volumes/db" | grep -c drydock)" 0 "is swept"
back --forget --yes db

(flock -x 9; back --from "$m" latest db; exit $rc) 9<"$root/volumes/db"
rc=$?
exits 11 "a second restore of the same volume waits its turn"
(flock -x 9; back --rollback db; exit $rc) 9<"$root/volumes/db"
rc=$?
exits 11 "and so does a rollback"
(flock -x 9; back --from "$m" latest db; exit $rc) 9<"$root/volumes"
rc=$?
exits 11 "one restore at a time where no daemon is"
says 'another restore-volume' "and no daemon is blamed for it"

rm -rf "$root/volumes/db"
back --from "$m" latest db
exits 0 "a volume that is gone"
tree "$data" | diff "$tmp/want" - >"$tmp/out"
ok $? "is back"
is "$(stat -c '%a %u %g' "$root/volumes/db")" "701 0 0" \
	"in a folder such as Docker makes"
is "$(stat -c %a "$root/volumes/metadata.db")" 600 "with its identity on record"
back --from "$m" latest db --as copy
exits 0 "under another name"
back --from "$m" latest db --to "$tmp/plain"
exits 0 "into a plain directory"
tree "$tmp/plain" | diff "$tmp/want" - >"$tmp/out"
ok $? "the same tree"

back "$tmp/nosuch.tar" db -n
exits 10 "an archive that is not there, even in a dry run"
ln -s "$tmp/else" "$root/volumes/moved"
back --from "$m" latest db --as moved
exits 12 "a volume's folder that is a link"
says 'moved is a link.*--to DIR' "is named, with the way on"
rm "$root/volumes/moved"
back --from "$m" latest nosuch
exits 10 "a source that the snapshot has not"
back --from "$m" 9 db
exits 10 "a snapshot that is not there"
back --from "$tmp" latest db
exits 10 "a folder that is no medium"
back --from "$m" --medium-id 00000000 latest db
exits 10 "the wrong stick"
says 'the wrong stick' "told as that"
id=$(sed -n 's/.*"id": "\(........\).*/\1/p' "$m/drydock/medium.json")
back --from "$m" --medium-id "$id" latest db -n
exits 0 "the right one"
back --from "$m" --key "$tmp/key.pub" latest db
exits 6 "no signature where a key is given"
back --from "$m" latest ../etc
[ "$rc" -ne 0 ]
ok $? "no path as a name"
back --from "$m" latest db --as ../x
exits 2 "nor as a new name"
back --from "$m" latest
exits 2 "no volume named"
back --from "$m" latest --all db
exits 2 "--all and a name"

exec 9<"$data/one"
back --from "$m" latest db
exits 11 "a volume with an open file"
exec 9<&-
# A folder too deep for the kernel to name: outside it is no reason to refuse.
deep() {	# $1: from where
	perl -e 'chdir shift; for (1 .. 30) { mkdir "x" x 200; chdir "x" x 200; }
		open D, ">", shift; close D; sleep 60' "$1" "$tmp/ready" &
	deep=$!
	until [ -e "$tmp/ready" ]; do sleep 0.1; done
	rm "$tmp/ready"
	back --from "$m" latest db -n
	kill "$deep"
	wait "$deep" 2>/dev/null
	rm -rf "$1"/xxx*
}
deep "$tmp"
exits 0 "a process in a very deep folder elsewhere"
deep "$data"
exits 11 "and one in the volume"
(flock -x 9; back --from "$m" latest db; exit $rc) 9<"$root/volumes/metadata.db"
rc=$?
exits 0 "with a daemon's lock held, an existing volume can be exchanged"

cp -a "$m" "$tmp/good"
s=$(ls -d "$m"/drydock/snapshots/*)
tree "$data" >"$tmp/before"
refused() {	# $1: status, $2: name
	back --from "$m" latest db
	exits "$1" "$2"
	tree "$data" | diff "$tmp/before" - >/dev/null
	ok $? "and the volume is unchanged"
	is "$(ls -A "$root/volumes/db" | grep -c drydock)" 0 "and no litter"
	rm -rf "$m"
	cp -a "$tmp/good" "$m"
}
printf 'x' | dd of="$s/db.tar.zst" bs=1 seek=40 conv=notrunc 2>/dev/null
refused 5 "a damaged archive"
printf 'x' | dd of="$s/db.mtree" bs=1 seek=40 conv=notrunc 2>/dev/null
refused 5 "a damaged manifest"
rm "$s/COMPLETE"
refused 10 "an interrupted snapshot"
rm "$s/db.tar.zst"
refused 5 "a missing archive"
finish
