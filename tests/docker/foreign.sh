#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Archives that others made of a volume: by tar in a container, as the pages
# of the web teach, by GNU tar on the host, by backup containers that put
# backup/NAME/ in front; whole, cut and damaged.
. tests/docker/scene.sh

scene_open

in_box web 'mkdir /v/sub /v/empty && echo hello >/v/sub/page
	echo "ünï" >"/v/sub/nämé with space" && ln -s sub/page /v/link
	dd if=/dev/urandom of=/v/blob bs=64k count=20 2>/dev/null
	ln /v/blob /v/hard && mkfifo /v/fifo
	chmod 750 /v && chown 33:34 /v /v/sub/page && chmod 4755 /v/sub/page
	touch -d "2021-03-04 05:06:07" /v/sub/page'
long=$(printf '%0120d' 0)
in_box web "mkdir -p /v/$long/$long && echo deep >/v/$long/$long/file"
from=$data/volumes/web/_data
# Times of folders and of links differ between archivers; what is in them and
# who owns it does not.
essence() {
	(
		cd "$1" 2>/dev/null || { echo "no $1"; exit; }
		find . -printf '%p %y %m %U:%G %l\n' | sort
		find . -type f -printf '%p %T@\n' | sed 's/\.[0-9]*$//' | sort
		find . -type f -print0 | sort -z | xargs -0r sha256sum
	)
}
wanted=$(essence "$from")
mkdir "$tmp/a"

# ------------------------------------------------------------------- whole ones
docker_ run --rm --network none -v web:/data -v "$tmp/a:/backup" box \
	sh -c 'busybox tar -cf - -C /data . | busybox gzip \
		>/backup/busybox.tar.gz' 2>"$tmp/err"
docker_ run --rm --network none -v web:/data -v "$tmp/a:/backup" box \
	busybox tar -cf /backup/prefixed.tar /data 2>"$tmp/err"
tar -C "$from" -czf "$tmp/a/gnu.tar.gz" .
tar -C "$from" --format=posix -cJf "$tmp/a/posix.tar.xz" .
tar -C "$from" -cjf "$tmp/a/gnu.tar.bz2" .
tar -C "$from" --zstd -cf "$tmp/a/gnu.tar.zst" .
tar -C "$from" -cf "$tmp/a/gnu.tar" .

back() {	# $1: archive, $2...: options
	_name=$1
	shift
	docker_ volume create back >/dev/null
	try restore-volume "$@" "$tmp/a/$_name" back
	gives 0 "$_name: restored"
	same "$(essence "$data/volumes/back/_data")" "$wanted" \
		"$_name: the same tree"
	docker_ volume rm back >/dev/null
}
back busybox.tar.gz
back gnu.tar.gz
back posix.tar.xz
back gnu.tar.bz2
back gnu.tar.zst
back gnu.tar
back prefixed.tar --strip-components 1
# Two members of gzip, one after the other, as parallel gzip writes.
head -c 1000000 "$tmp/a/gnu.tar" | gzip >"$tmp/a/members.tar.gz"
tail -c +1000001 "$tmp/a/gnu.tar" | gzip >>"$tmp/a/members.tar.gz"
back members.tar.gz

# Backup containers: backup/NAME/... beside other volumes.
mkdir -p "$tmp/a/backup"
cp -a "$from" "$tmp/a/backup/web"
tar -C "$tmp/a" -czf "$tmp/a/offen.tar.gz" backup/web
back offen.tar.gz --strip-components 2
# With a leading slash, as most of them write it; hard links have one as well.
tar -czPf "$tmp/a/absolute.tar.gz" --transform "s,^$from,/backup/web,S" "$from"
tar -tPf "$tmp/a/absolute.tar.gz" >"$tmp/out" 2>&1
same "$(head -n 1 "$tmp/out")" /backup/web/ "an archive with absolute names"
back absolute.tar.gz --strip-components 2

# A volume that the engine does not know yet, with no daemon, and into a folder.
dockerd_stop
try restore-volume "$tmp/a/gnu.tar.gz" fresh
gives 0 "into a new volume, without a daemon"
same "$(essence "$data/volumes/fresh/_data")" "$wanted" "the same tree"
dockerd_start "$tmp/d"
same "$(in_box fresh 'cat /v/link')" hello "which a container sees"
try restore-volume "$tmp/a/gnu.tar.gz" --to "$tmp/plain"
gives 0 "--to a folder"
same "$(essence "$tmp/plain")" "$wanted" "the same tree"

# ------------------------------------------------------------------ damaged ones
in_box keep 'echo precious >/v/file; chown 5:6 /v/file; chmod 711 /v'
kept=$(tree_of "$data/volumes/keep/_data")
spoilt() {	# $1: archive, $2: status, $3: what is wrong
	try restore-volume "$tmp/a/$1" keep
	gives "$2" "$3: refused"
	same "$(tree_of "$data/volumes/keep/_data")" "$kept" "$3: unchanged"
	same "$(ls -A "$data/volumes/keep")" _data "$3: no litter"
}
flip() {	# $1: from, $2: to, $3: at byte
	cp "$tmp/a/$1" "$tmp/a/$2"
	_byte=$(od -An -tu1 -j"$3" -N1 "$tmp/a/$1")
	# shellcheck disable=SC2059
	printf "\\$(printf %o $((_byte ^ 16)))" |
		dd of="$tmp/a/$2" bs=1 seek="$3" conv=notrunc status=none
}
size=$(stat -c %s "$tmp/a/gnu.tar.gz")
head -c $((size / 2)) "$tmp/a/gnu.tar.gz" >"$tmp/a/half.tar.gz"
spoilt half.tar.gz 5 "a gzip file cut in half"
head -c $((size - 4)) "$tmp/a/gnu.tar.gz" >"$tmp/a/tail.tar.gz"
spoilt tail.tar.gz 5 "a gzip file without its last 4 bytes"
flip gnu.tar.gz flipped.tar.gz $((size / 2))
spoilt flipped.tar.gz 5 "a bit flipped in a gzip file"
flip gnu.tar.gz crc.tar.gz $((size - 7))
spoilt crc.tar.gz 5 "a bit flipped in its checksum"
(cat "$tmp/a/gnu.tar.gz"; echo garbage) >"$tmp/a/trailer.tar.gz"
spoilt trailer.tar.gz 5 "garbage after a gzip file"
for kind in bz2 zst; do
	flip gnu.tar.$kind flipped.tar.$kind \
		$(($(stat -c %s "$tmp/a/gnu.tar.$kind") / 2))
	spoilt flipped.tar.$kind 5 "a bit flipped in .$kind"
done
flip posix.tar.xz flipped.tar.xz \
	$(($(stat -c %s "$tmp/a/posix.tar.xz") / 2))
spoilt flipped.tar.xz 5 "a bit flipped in .xz"
# GNU tar itself takes this one for whole.
tar -C "$from" -b 1 -cf "$tmp/a/b1.tar" .
head -c $(($(stat -c %s "$tmp/a/b1.tar") - 1024)) "$tmp/a/b1.tar" \
	>"$tmp/a/boundary.tar"
spoilt boundary.tar 5 "a tar cut between two members"
: >"$tmp/a/nothing.tar.gz"
spoilt nothing.tar.gz 5 "an empty file"
: | gzip >"$tmp/a/empty.tar.gz"
spoilt empty.tar.gz 5 "20 bytes of gzip with nothing in it"
echo "this is no archive, but a letter" >"$tmp/a/letter.tar.gz"
spoilt letter.tar.gz 5 "something that is no archive"
try restore-volume "$tmp/a/absent.tar.gz" keep
gives 10 "an archive that is not there"
try restore-volume "$tmp/a/gnu.tar.gz" keep
same "$(essence "$data/volumes/keep/_data")" "$wanted" \
	"a good one still restores after all of these"

# --------------------------------------------------------------- hostile names
mkdir "$tmp/evil"
echo evil >"$tmp/evil/file"
tar -C "$tmp/evil" -cPf "$tmp/a/dotdot.tar" \
	--transform 's,^file,../../../escaped,' file
try restore-volume "$tmp/a/dotdot.tar" hostile
[ "$status" != 0 ] && [ ! -e "$data/escaped" ] && [ ! -e "$tmp/escaped" ]
ok $? "a member that climbs out is refused"
mkdir "$tmp/outside"
ln -s "$tmp/outside" "$tmp/evil/way"
tar -C "$tmp/evil" -cf "$tmp/a/through.tar" way
tar -C "$tmp/evil" -rf "$tmp/a/through.tar" \
	--transform 's,^file,way/escaped,' file
try restore-volume "$tmp/a/through.tar" hostile
[ ! -e "$tmp/outside/escaped" ]
ok $? "a member through a link leaves nothing outside"
! docker_ volume inspect hostile >/dev/null 2>&1
ok $? "no volume is left of a refused archive"

scene_close
