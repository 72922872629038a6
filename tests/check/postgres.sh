#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Data directories of a real PostgreSQL server: clean, killed, copied hot, and
# with one thing broken each.  Only the release that is installed; others are
# held to their layouts in the unit tests.
. tests/check/lib.sh
require python3 setpriv

pg=
for dir in /usr/lib/postgresql/*/bin; do
	[ ! -x "$dir/initdb" ] || pg=$dir
done
[ -n "$pg" ] || {
	echo "1..0 # SKIP no PostgreSQL server on this machine"
	exit 0
}

# The server does not run as root.
as=
if [ "$(id -u)" -eq 0 ]; then
	as="setpriv --reuid=$(id -u postgres) --regid=$(id -g postgres) --clear-groups"
	chmod 711 "$tmp"
fi

mkdir -m 777 "$tmp/s"
export PGHOST="$tmp/s" PGUSER=postgres PGOPTIONS=
cp tests/check/damage.py "$tmp/damage.py"

server() { (cd "$tmp/s" && $as "$@"); }
# $1: folder of the cluster, further options
start() {
	_dir=$1
	shift
	server "$pg/pg_ctl" -D "$tmp/s/$_dir" -w -t 30 -l "$tmp/s/$_dir.log" -o "-c listen_addresses= -c unix_socket_directories=$tmp/s -c jit=off -c autovacuum=off -c fsync=off $*" start >/dev/null
}
stop() { server "$pg/pg_ctl" -D "$tmp/s/$1" -w -m "$2" stop >/dev/null; }
sql() { server psql -qAtX -v ON_ERROR_STOP=1 -d "$1" -c "$2"; }
copy() { rm -rf "$tmp/s/$2"; cp -a "$tmp/s/$1" "$tmp/s/$2"; }
damage() { python3 "$tmp/damage.py" "$@"; }
# $1 to break, as d: links where no server is going to write.
take() {
	rm -rf "$tmp/s/d"
	cp -al "$tmp/s/$1" "$tmp/s/d"
}
d=$tmp/s/d
pages_of() { echo $(($(stat -c %s "$1") / 8192)); }

tap_cleanup_server() {
	for _pid in "$tmp"/s/*/postmaster.pid; do
		[ ! -s "$_pid" ] || kill -QUIT "$(head -n 1 "$_pid")" 2>/dev/null
	done
	tap_cleanup
}
trap tap_cleanup_server EXIT

# ------------------------------------------------------------------ clusters

# Small segments of the log, so that there are several.
server "$pg/initdb" -k -D "$tmp/s/clean" --locale=C.UTF-8 -A trust \
	-U postgres -N --wal-segsize=1 >/dev/null
mkdir -m 700 "$tmp/s/space"
[ -z "$as" ] || chown postgres: "$tmp/s/space"
start clean
sql postgres "create database shop" && sql shop "
	create table orders as select g id, md5(g::text) t
		from generate_series(1, 20000) g;
	create index orders_id on orders (id);
	create table untouched as select g id, md5(g::text) t
		from generate_series(1, 5000) g;
	create unlogged table carts as select 1 a" &&
	sql shop "vacuum analyze" &&
	sql postgres "select pg_create_physical_replication_slot('standby1', true)" >/dev/null
stop clean fast
orders=$(start clean; sql shop "select pg_relation_filepath('orders')")
index=$(sql shop "select pg_relation_filepath('orders_id')")
untouched=$(sql shop "select pg_relation_filepath('untouched')")
stop clean fast

look "$tmp/s/clean"
judged postgresql CLEAN "a cluster that was shut down"
said 'shut down at 20' "... says since when"
found 'CLEAN pg_replslot/standby1/state: replication slot .*standby1.* holds the log back to' \
	"... which slot holds the log back"
covered 'by checksum; every page.s age against the log; .* in 4 databases by the catalog' \
	"... and what was looked at"
server "$pg/pg_checksums" -D "$tmp/s/clean" --check >"$tmp/sums"
is "$(sed -n 's/.*covered":"[^"]*; \([0-9,]*\) pages in.*/\1/p' "$tmp/json" | tr -d ,)" \
	"$(sed -n 's/^Blocks scanned: *//p' "$tmp/sums")" \
	"as many pages as pg_checksums reads"

# --------------------------------------------------------------------- pages

# $1: damage and its arguments, $2: verdict, $3: finding, $4: name
broken() {
	${take:-take} clean
	# shellcheck disable=SC2086
	(cd "$d" && damage $1)
	look "$d"
	judged postgresql "$2" "$4"
	[ -z "$3" ] || found "$3" "... $3"
}
broken "flip $orders 20000" DAMAGED \
	"^DAMAGED $orders: block 2: its checksum does not match" "a byte changed"
broken "copy $orders 0 8192 8192" DAMAGED \
	"^DAMAGED $orders: block 1: its checksum" "a page over its neighbour"
broken "zero $orders 14 2" DAMAGED \
	"^DAMAGED $orders: block 0: its header makes no sense" "pd_upper zeroed"
broken "zero $orders 8192 8192" CLEAN "" "a page zeroed is a new page"
covered '1 page of them never filled' "... and counted"
broken "cut $orders 20000" DAMAGED \
	"^DAMAGED $orders: is cut in the middle of block 2" "cut within a page"
broken "cut $orders 16384" DAMAGED \
	"^DAMAGED $orders: table .*orders.* of database .*shop.* has 2 pages here, and had $(pages_of "$tmp/s/clean/$orders")" \
	"cut between pages"
broken "remove $orders" DAMAGED \
	"^DAMAGED $orders: table .*orders.* of database .*shop.* has lost its file" "a table's file gone"
broken "remove $index" DAMAGED \
	"^DAMAGED $index: index .*orders_id.* has lost its file" "an index's file gone"
broken "remove ${orders%/*}" DAMAGED \
	"^DAMAGED ${orders%/*}: database .*shop.* has lost its folder" "a database's folder gone"
broken "flip ${orders}_fsm 100" CLEAN \
	"^CLEAN : 1 bad page of free space" "a byte of a free space map"
broken "write ${orders%/*}/notes.txt hello" CLEAN \
	"^CLEAN ${orders%/*}/notes.txt: is no file of the server" "a stray file"

# Segments of 1 GiB, which are holes: new pages.
copy clean seg
start seg
sql shop "set allow_system_table_mods = on;
	update pg_class set relpages = 131073 where relname = 'orders'"
stop seg fast
truncate -s 1G "$tmp/s/seg/$orders"
damage write "$tmp/s/seg/$orders.1" "" 8192
[ -z "$as" ] || chown postgres: "$tmp/s/seg/$orders.1"
look "$tmp/s/seg"
judged postgresql CLEAN "a table of two segments"
mv "$tmp/s/seg/$orders.1" "$tmp/s/seg/$orders.2"
look "$tmp/s/seg"
found "^DAMAGED $orders: segments of it are missing: there are 2, the last is .2" \
	"a segment in the middle gone"
rm "$tmp/s/seg/$orders.2"
look "$tmp/s/seg"
judged postgresql DAMAGED "its last segment gone"
found "^DAMAGED $orders: table .*orders.* has 131072 pages here, and had 131073" \
	"... is seen by the catalog"
damage write "$tmp/s/seg/$orders.1" "" 8192
truncate -s 500M "$tmp/s/seg/$orders"
look "$tmp/s/seg"
found "^DAMAGED $orders: segment 0 of it is cut short, for segment 1 is there" \
	"its first segment cut short"
rm -rf "$tmp/s/seg"

# ----------------------------------------------------- what a start needs

take_whole() { copy "$1" d; }
# The verdict, and that the server agrees: it does not start.
refused() {
	take=take_whole
	broken "$1" DAMAGED "$2" "$3"
	take=
	! start d 2>/dev/null
	ok $? "... and the server refuses to start" || stop d immediate
}
refused "flip global/pg_control 40" \
	"^DAMAGED global/pg_control: its checksum does not match" "a byte of pg_control"
refused "cut global/pg_control 0" "^DAMAGED global/pg_control: 0 bytes" "pg_control empty"
refused "remove global/pg_control" "^DAMAGED global/pg_control: is not there" "pg_control gone"
refused "remove pg_wal/0*" "^DAMAGED pg_wal/0.*the checkpoint at .* cannot be read" "the log gone"
refused "remove pg_wal" "^DAMAGED pg_wal: is not there" "its folder gone"
refused "flip pg_replslot/standby1/state 50" \
	"^DAMAGED pg_replslot/standby1/state: its checksum does not match; the server panics" \
	"a byte of a replication slot"
refused "remove pg_replslot/standby1/state" \
	"^DAMAGED pg_replslot/standby1/state: is not there" "its state gone"
refused "remove pg_xact/0000" "^DAMAGED pg_xact/0000: is not there" "states of transactions gone"
refused "remove pg_multixact/offsets/0000" \
	"^DAMAGED pg_multixact/offsets/0000: is not there" "... of groups of them"
refused "mode 755 ." "its mode is 0755" "open to others"
refused "write PG_VERSION 12" "^DAMAGED PG_VERSION: is of release 12" "another release"
refused "remove PG_VERSION" "^DAMAGED PG_VERSION: is not there" "no release"
refused "write postmaster.pid x" "^DAMAGED postmaster.pid: names no process" "a lock of garbage"
refused "cut postmaster.pid 0" "^DAMAGED postmaster.pid: names no process" "an empty lock"
for folder in pg_commit_ts pg_notify pg_replslot pg_twophase; do
	refused "remove $folder" "^DAMAGED $folder: this folder is not there" "no $folder"
done
for folder in pg_dynshmem pg_logical/mappings pg_logical/snapshots pg_serial \
	pg_snapshots pg_stat pg_stat_tmp pg_subtrans pg_tblspc; do
	broken "remove $folder" SUSPECT "^SUSPECT $folder: this folder is not there" "no $folder"
done
for map in global/pg_filenode.map "${orders%/*}/pg_filenode.map"; do
	broken "flip $map 20" DAMAGED \
		"^DAMAGED $map: its checksum does not match; the server starts, but refuses" "a byte of $map"
done
broken "remove ${orders%/*}/PG_VERSION" DAMAGED \
	"^DAMAGED ${orders%/*}/PG_VERSION: is not there" "a database without its release"
broken "write postmaster.pid 99999" CLEAN \
	"^CLEAN postmaster.pid: a lock left behind" "a stale lock"
if [ -n "$as" ]; then
	broken "owner 0 ." DAMAGED "it belongs to user 0, but its files to user" "another owner"
fi

# The log elsewhere.
take_whole clean
mv "$d/pg_wal" "$d/elsewhere"
ln -s /mnt/volume/elsewhere "$d/pg_wal"
look "$d"
judged postgresql CLEAN "the log in another place of the tree"
mv "$d/elsewhere" "$tmp/s/elsewhere"
look "$d"
judged postgresql UNCHECKED "the log on another volume"
found '^UNCHECKED pg_wal: is a link to /mnt/volume/elsewhere, which is not in this tree' "... by name"
rm "$d/pg_wal"
ln -s ../d/lost "$d/pg_wal"
look "$d"
judged postgresql DAMAGED "the log where nothing is"

# --------------------------------------------------------------- tablespaces

start clean
sql postgres "create tablespace far location '$tmp/s/space'" &&
	sql shop "create table remote tablespace far as select 1 a"
stop clean fast
look "$tmp/s/clean"
judged postgresql UNCHECKED "a tablespace on another volume"
found "^UNCHECKED pg_tblspc/[0-9]*: this tablespace is at $tmp/s/space, which is not in this tree" \
	"... by name"
found '^UNCHECKED : 1 relation in tablespaces' "... and what is in it"
rm -rf "$tmp/both"
mkdir "$tmp/both"
cp -a "$tmp/s/clean" "$tmp/s/space" "$tmp/both/"
look "$tmp/both"
judged postgresql CLEAN "both in one tree"
rm -rf "$tmp"/both/space/PG_*/*/*
look "$tmp/both"
judged postgresql DAMAGED "the tablespace emptied"
found '^DAMAGED space/PG_.*table .*remote.* of database .*shop.* has lost its file' "... by name"
rm -rf "$tmp/both"
start clean
sql shop "drop table remote" && sql postgres "drop tablespace far"
stop clean fast

# -------------------------------------------------------------------- killed

# Work that goes on until the server is killed: rows, drops, new files.
busy() {
	sql shop "update orders set t = 'changed' where id < 50" &&
		sql shop "create table gone as select generate_series(1, 20000) a" &&
		sql shop "drop table gone" &&
		sql shop "create table redone as select generate_series(1, 20000) a" &&
		sql shop "analyze redone" && sql shop "checkpoint" &&
		sql shop "update orders set t = 'again' where id < 50" &&
		sql shop "truncate redone" && sql shop "vacuum full orders_copy" &&
		sql shop "create table fresh as select g id, md5(g::text) t
			from generate_series(1, 30000) g" &&
		sql shop "insert into carts select generate_series(1, 1000)" &&
		sql shop "delete from orders_copy where id > 100" &&
		sql shop "vacuum orders_copy"
}
for round in 1 2; do
	copy clean killed
	start killed "-c checkpoint_timeout=1h -c shared_buffers=$((round))MB"
	sql shop "create table orders_copy as select * from orders"
	sql shop "analyze"
	[ $round -eq 1 ] || server "$pg/pgbench" -i -q postgres >/dev/null 2>&1
	busy
	[ $round -eq 1 ] ||
		server "$pg/pgbench" -c 2 -T 2 postgres >/dev/null 2>&1
	stop killed immediate
	look "$tmp/s/killed"
	judged postgresql RECOVERABLE "killed, $round"
	said 'crash image; the server will replay [0-9.]+ [kM]?B of log; unlogged tables will be empty: .*carts.* of .*shop' \
		"... says what a start does"
	redo=$("$pg/pg_controldata" "$tmp/s/killed" | sed -n 's/.*REDO location: *//p')
	is "$(sed -n 's/.*covered":"\([0-9,]*\) records.*/\1/p' "$tmp/json" | tr -d ,)" \
		"$("$pg/pg_waldump" -p "$tmp/s/killed/pg_wal" -s "$redo" 2>/dev/null | wc -l)" \
		"... as many records as pg_waldump reads"
done
# Round 1 was not touched by anything else.
copy clean killed
start killed "-c checkpoint_timeout=1h"
sql shop "create table orders_copy as select * from orders"
sql shop "analyze"
busy
stop killed immediate
killed() {
	take killed
	# shellcheck disable=SC2086
	(cd "$d" && damage $1)
	look "$d"
	judged postgresql "$2" "$4"
	[ -z "$3" ] || found "$3" "... $3"
}
killed "zero $orders 3000 2000" RECOVERABLE \
	"^CLEAN : 1 torn page that replay writes anew" "a torn page that the log holds whole"
killed "flip $untouched 20000" DAMAGED \
	"^DAMAGED $untouched: block 2: its checksum does not match" "one that it does not hold"
killed "flip global/pg_control 40" DAMAGED "its checksum does not match" "pg_control as well"
redo_file=$("$pg/pg_controldata" "$tmp/s/killed" | sed -n 's/.*REDO WAL file: *//p')
killed "remove pg_wal/$redo_file" DAMAGED \
	"^DAMAGED pg_wal/$redo_file: the checkpoint at .* that segment is not there" "its first segment gone"
next=$(cd "$tmp/s/killed/pg_wal" && ls | grep -E '^0{7}1' | sort | sed -n "/$redo_file/{n;p;}")
killed "remove pg_wal/$next" DAMAGED \
	"^DAMAGED pg_wal/0.*: the log breaks off at .*segment is not there.* though it goes on in" \
	"a segment in the middle gone"
killed "flip pg_wal/$next 500000" DAMAGED \
	"the log breaks off at .*the server would start and lose everything since" "a byte in the middle"
killed "cut pg_wal/$next 500000" DAMAGED \
	"^DAMAGED pg_wal/$next: is not of the size of a segment" "a segment cut short"
killed "remove $untouched" DAMAGED "table .*untouched.* has lost its file" "a table's file gone"
copy killed d
start d
sql shop "select count(*) from orders" >/dev/null
ok $? "and the server recovers what was RECOVERABLE"
stop d fast
look "$d"
judged postgresql CLEAN "... and leaves it CLEAN"

# ------------------------------------------------------------ no checksums

copy clean bare
server "$pg/pg_checksums" -N -D "$tmp/s/bare" --disable >/dev/null 2>&1
look "$tmp/s/bare"
judged postgresql CLEAN "a cluster without checksums"
covered 'by header only, for the cluster has no checksums' "... says so"
copy bare clean2
copy clean kept
rm -rf "$tmp/s/clean"
mv "$tmp/s/bare" "$tmp/s/clean"
broken "zero $orders 14 2" DAMAGED "block 0: its header" "a header is looked at"
broken "zero $orders 20000 10" CLEAN "" "a row is not"
broken "put $orders 0 00000000ffffff7f" SUSPECT \
	"^SUSPECT $orders: block 0 is of 0/7FFFFFFF, newer than the end of the log" \
	"a page newer than the shutdown"
said 'hot copy, not atomic: do not start it' "... says what to do"
rm -rf "$tmp/s/clean" "$tmp/s/clean2"
mv "$tmp/s/kept" "$tmp/s/clean"

# ---------------------------------------------------------------- hot copies

# Pages leave the server soon, so that a copy sees both old and new ones.
copies=${DRYDOCK_SOAK:+20}
copies=${copies:-4}
copy clean hot
start hot "-c shared_buffers=1MB -c bgwriter_delay=10ms -c checkpoint_timeout=1h -c max_wal_size=1GB"
server "$pg/pgbench" -i -s 1 -q postgres >/dev/null 2>&1
server "$pg/pgbench" -c 4 -T 300 postgres >/dev/null 2>&1 &
bench=$!
# Until so many more rows were changed.
changes() {
	_until=$(sql postgres "select $1 + sum(n_tup_upd) from pg_stat_user_tables")
	until [ "$(sql postgres "select sum(n_tup_upd) >= $_until from pg_stat_user_tables")" = t ]; do
		sleep 0.1
	done
}
changes 200
for i in $(seq "$copies"); do
	rm -rf "$tmp/s/copy$i"
	cp -a "$tmp/s/hot" "$tmp/s/copy$i" 2>/dev/null
done
# As slow as a copy of more data would be: the log long before the pages.
mkdir -m 700 "$tmp/s/slow"
cp -a "$tmp/s/hot/global" "$tmp/s/hot/pg_wal" "$tmp/s/slow/"
changes 3000
cp -a "$tmp"/s/hot/[!gp]* "$tmp"/s/hot/pg_[!w]* "$tmp/s/slow/" 2>/dev/null
[ -z "$as" ] || chown postgres: "$tmp/s/slow"
# pg_control first, the log last: what a base backup does.
for i in 1 2; do
	o=$tmp/s/ordered$i
	mkdir -m 700 "$o"
	mkdir -m 700 "$o/global"
	cp -a "$tmp/s/hot/global/pg_control" "$o/global/"
	(cd "$tmp/s/hot" && tar -c --exclude=./pg_wal --exclude=./global/pg_control . 2>/dev/null) |
		tar -x -C "$o"
	[ -z "$as" ] || chown postgres: "$o" "$o/global"
	cp -a "$tmp/s/hot/pg_wal" "$o/"
done
server "$pg/pg_basebackup" -N -D "$tmp/s/base" -c fast -X stream
mkdir "$tmp/m"
"$bin/snapshot" -q --to "$tmp/m" --any-directory --path pg="$tmp/s/hot" >/dev/null 2>"$tmp/err"
kill $bench 2>/dev/null
stop hot immediate
wait $bench 2>/dev/null
# A copy in which no page is newer than the log is as good as a killed server,
# and the server's own check must say so.
sound() {
	rm -f "$tmp/s/$1/postmaster.pid"
	start "$1" && server "$pg/pg_amcheck" --install-missing \
		--heapallindexed -a >"$tmp/out" 2>&1
	_result=$?
	stop "$1" immediate
	[ $_result -eq 0 ] && [ ! -s "$tmp/out" ]
}
flagged=0
for i in $(seq "$copies"); do
	look "$tmp/s/copy$i"
	case $(member postgresql verdict) in
	SUSPECT | DAMAGED) flagged=$((flagged + 1)) ;;
	*)
		sound "copy$i"
		ok $? "hot copy $i is not flagged, and is sound by pg_amcheck"
		;;
	esac
	rm -rf "$tmp/s/copy$i"
done
echo "# $flagged of $copies hot copies are flagged before any start"
look "$tmp/s/slow"
judged postgresql SUSPECT "a hot copy of pages newer than the log"
said 'hot copy, not atomic: do not start it' "... says what it is"
for i in 1 2; do
	look "$tmp/s/ordered$i"
	judged postgresql RECOVERABLE "an ordered copy is not, $i"
	sound "ordered$i"
	ok $? "... and is sound by pg_amcheck"
	rm -rf "$tmp/s/ordered$i"
done
look "$tmp/s/hot"
judged postgresql RECOVERABLE "nor is the server they are of, killed"

# --------------------------------------------------------------- base backup

look "$tmp/s/base"
judged postgresql RECOVERABLE "a base backup"
said 'base backup; the server will replay' "... says so"
covered '[0-9,]+ files by backup_manifest' "... by its manifest"
copy base clean
broken "flip postgresql.conf 100" DAMAGED \
	"^DAMAGED postgresql.conf: its checksum is not the one in backup_manifest" "a byte of any file"
broken "remove pg_hba.conf" DAMAGED \
	"^DAMAGED pg_hba.conf: is not there; backup_manifest lists it" "a file gone"
broken "flip backup_manifest 200" DAMAGED "^DAMAGED backup_manifest: " "a byte of the manifest"
broken "remove pg_wal/0*" DAMAGED "" "its log gone"
take_signal() { take "$1" && touch "$d/recovery.signal"; }
take=take_signal
broken "remove pg_wal/0*" UNCHECKED "the server refuses to start unless an archive has the rest" \
	"... with an archive to ask"
take=
broken "write backup_label x" DAMAGED "^DAMAGED backup_label: does not say" "a label of garbage"

# A standby of it: stopped, killed, promoted and killed.
copy killed first
start first
sql shop "create table more as select generate_series(1, 1000) a"
server "$pg/pg_basebackup" -N -D "$tmp/s/standby" -c fast -X stream -R
stop first fast
second() {
	start standby
	stop standby "$1"
	look "$tmp/s/standby"
}
second fast
judged postgresql CLEAN "a standby that was stopped"
said 'shut down in recovery at' "... says so"
second immediate
judged postgresql RECOVERABLE "one that was killed"
start standby
server "$pg/pg_ctl" -D "$tmp/s/standby" -w promote >/dev/null
sql shop "insert into more select generate_series(1, 1000)"
stop standby immediate
look "$tmp/s/standby"
judged postgresql RECOVERABLE "one that was promoted, on its new timeline"

# ---------------------------------------------------------- on a medium

"$bin/verify" --data --json "$tmp/m" >"$tmp/json" 2>"$tmp/err"
is "$(member postgresql verdict | grep -cE '^(SUSPECT|DAMAGED|UNCHECKED|RECOVERABLE)$')" 1 \
	"a busy cluster in a snapshot: one verdict"
# Checkpoints that end while files are copied: no page would show it.
copy killed d
start d
while sql postgres checkpoint 2>/dev/null; do :; done &
rm -rf "$tmp/m"
mkdir "$tmp/m"
"$bin/snapshot" -q --to "$tmp/m" --any-directory --path pg="$d" >/dev/null 2>&1
stop d immediate
wait
"$bin/verify" --data --json "$tmp/m" >"$tmp/json" 2>"$tmp/err"
found '^UNCHECKED global/pg_control: it was written after the copying began' \
	"a hot copy during which a checkpoint ended is not vouched for"
copy killed d
rm -rf "$tmp/m"
mkdir "$tmp/m"
"$bin/snapshot" -q --to "$tmp/m" --any-directory --path pg="$d" >"$tmp/out" 2>&1
"$bin/verify" --data --json "$tmp/m" >"$tmp/json" 2>"$tmp/err"
judged postgresql RECOVERABLE "a killed one, in place on a medium"
finish
