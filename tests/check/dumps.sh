#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Dumps that a real PostgreSQL made, in every form, whole and damaged;
# pg_restore is the oracle where it can see anything.  Dumps of MySQL and
# Neo4j are made here, after their known form.
. tests/check/lib.sh
require python3 gzip zstd
pg=
for dir in /usr/lib/postgresql/*/bin; do
	[ ! -x "$dir/initdb" ] || pg=$dir
done
[ -n "$pg" ] || { echo "1..0 # SKIP no PostgreSQL on this machine"; exit 0; }

# The server refuses to run as root.
user=$(id -un)
[ "$(id -u)" -ne 0 ] || user=nobody
as() { if [ "$user" = "$(id -un)" ]; then "$@"; else
	setpriv --reuid="$user" --clear-groups "$@"; fi; }
chmod 755 "$tmp"
mkdir "$tmp/pg" "$tmp/d"
chown "$user" "$tmp/pg"
cd "$tmp/pg" || exit 1
as "$pg/initdb" -D "$tmp/pg/data" -U me -A trust --no-sync >/dev/null 2>&1
as "$pg/pg_ctl" -D "$tmp/pg/data" -w -s -l "$tmp/pg/log" -o \
	"-k $tmp/pg -c listen_addresses= -c fsync=off" start >/dev/null
trap 'as "$pg/pg_ctl" -D "$tmp/pg/data" -m immediate -s stop; tap_cleanup' EXIT
psql() { "$pg/psql" -qAt -h "$tmp/pg" -U me "$@"; }
dump() { "$pg/pg_dump" -h "$tmp/pg" -U me "$@"; }
psql postgres -c 'CREATE DATABASE shop' || { cat "$tmp/pg/log" >&2; exit 1; }
psql shop >/dev/null <<-'END'
	CREATE TABLE orders(id serial PRIMARY KEY, note text);
	INSERT INTO orders(note) SELECT md5(i::text) FROM generate_series(1, 20000) i;
	CREATE TABLE none(id int);
	CREATE VIEW seen AS SELECT * FROM orders;
	SELECT lo_from_bytea(0, '\x0102');
	SELECT lo_from_bytea(0, decode(repeat('ab', 50000), 'hex'));
END

only() { rm -rf "$tmp/d"; mkdir "$tmp/d"; cp -r "$1" "$tmp/d/$2"; look "$tmp/d"; }

# ---------------------------------------------------------- custom format
for level in 0 1 6 9; do
	dump -Fc -Z$level shop >"$tmp/z$level"
	only "$tmp/z$level" shop.dump
	judged pg_dump CLEAN "a custom dump, -Z$level"
done
said 'public.orders 20,000 rows' "its rows are counted"
covered "zlib's checksum" "under zlib's checksum"
only "$tmp/z0" shop.dump
covered 'without a checksum: it was dumped unpacked' "-Z0 is said to have none"
dump -Fc shop | cat >"$tmp/piped"
only "$tmp/piped" shop.dump
judged pg_dump CLEAN "a piped one, whose table of contents knows no places"
gzip -c "$tmp/z0" >"$tmp/z0.gz"
only "$tmp/z0.gz" shop.dump.gz
judged pg_dump CLEAN "one in a gzip wrapper"
said 'public.orders 20,000 rows' "is read through it"

cat >"$tmp/cuts.py" <<'E2'
import random, sys
data = open(sys.argv[1], "rb").read()
random.seed(3)
cuts = [len(data) - 1, len(data) * 2 // 3, len(data) // 2, 12, 300]
cuts += [random.randrange(11, len(data)) for _ in range(30)]
for i, n in enumerate(cuts):
    open("%s/%02d" % (sys.argv[2], i), "wb").write(data[:n])
E2
rm -rf "$tmp/d"
mkdir "$tmp/d"
python3 "$tmp/cuts.py" "$tmp/z6" "$tmp/d"
look "$tmp/d"
is "$(grep -c '"checker":"pg_dump".*"verdict":"DAMAGED"' "$tmp/json")" 35 \
	"cut at 35 places: each is seen"
cat >"$tmp/flips.py" <<'E2'
import random, sys
data = open(sys.argv[1], "rb").read()
random.seed(5)
for i in range(40):
    at = random.randrange(len(data) // 2, len(data) - 60000)
    changed = bytearray(data)
    changed[at] ^= 16
    open("%s/%02d" % (sys.argv[2], i), "wb").write(changed)
E2
rm -rf "$tmp/d"
mkdir "$tmp/d"
python3 "$tmp/flips.py" "$tmp/z6" "$tmp/d"
look "$tmp/d"
is "$(grep -c '"checker":"pg_dump".*"verdict":"DAMAGED"' "$tmp/json")" 40 \
	"a changed byte in packed data, 40 times: each is seen"
found 'public.orders: zlib' "and the table is named"

# ------------------------------------------------------- directory, tar, SQL
dump -Fd -f "$tmp/dir" shop
only "$tmp/dir" dump
judged 'pg_dump directory' CLEAN "a directory dump"
said 'public.orders 20,000 rows' "its rows are counted"
big=$(cd "$tmp/dir" && ls -S *.dat.gz | head -n 1)
rm "$tmp/d/dump/$big"
look "$tmp/d"
judged 'pg_dump directory' DAMAGED "with a file gone"
found 'the data of public.orders is not in the dump' "the table is named"
cp "$tmp/dir/$big" "$tmp/d/dump/$big"
flip "$tmp/d/dump/$big" 5000
look "$tmp/d"
judged 'pg_dump directory' DAMAGED "with a changed byte"
gzip -dc "$tmp/dir/$big" | head -n 5000 | gzip >"$tmp/d/dump/$big"
look "$tmp/d"
judged 'pg_dump directory' DAMAGED "with rows missing in a whole gzip file"
found 'rows are missing' "which only their end shows"

dump -Ft shop >"$tmp/tar"
only "$tmp/tar" shop.tar
judged tar CLEAN "a tar dump"
head -c 100000 "$tmp/tar" >"$tmp/cut"
only "$tmp/cut" shop.tar
judged tar DAMAGED "cut off"

dump shop >"$tmp/sql"
only "$tmp/sql" shop.sql
judged 'SQL dump' CLEAN "plain SQL"
said '20,000 rows in 2 tables, most of them in public.orders' "its rows are counted"
gzip -c "$tmp/sql" >"$tmp/sql.gz"
only "$tmp/sql.gz" shop.sql.gz
judged 'SQL dump' CLEAN "plain SQL in gzip"
"$pg/pg_dumpall" -h "$tmp/pg" -U me >"$tmp/all"
only "$tmp/all" all.sql
judged 'SQL dump' CLEAN "pg_dumpall"
for n in 3000 15000 20040; do
	head -n $n "$tmp/sql" >"$tmp/cut"
	only "$tmp/cut" shop.sql
	judged 'SQL dump' DAMAGED "cut at line $n"
done
head -n -8 "$tmp/all" >"$tmp/cut"
only "$tmp/cut" all.sql
judged 'SQL dump' DAMAGED "pg_dumpall without its last lines"
(cat "$tmp/sql"; echo 'pg_dump: error: query failed') >"$tmp/bad"
only "$tmp/bad" shop.sql
judged 'SQL dump' SUSPECT "with the program's error in it"
python3 - "$tmp/sql" "$tmp/bad" <<'E2'
import sys
data = bytearray(open(sys.argv[1], "rb").read())
data[200000:204096] = bytes(4096)
open(sys.argv[2], "wb").write(data)
E2
only "$tmp/bad" shop.sql
judged 'SQL dump' DAMAGED "with a block of zeros, as a power cut leaves it"
if grep -q '^.restrict' "$tmp/sql"; then
	sed 's/^.unrestrict .*/\\unrestrict other/' "$tmp/sql" >"$tmp/bad"
	only "$tmp/bad" shop.sql
	judged 'SQL dump' SUSPECT "with tokens that do not match"
else
	skip "tokens that do not match" "this pg_dump writes none"
fi

# ------------------------------------------------------------------- others
printf -- '-- MySQL dump 10.13\n--\nCREATE TABLE a(b int);\n-- Dump completed on 2026-01-01\n' \
	>"$tmp/my"
only "$tmp/my" my.sql
judged 'SQL dump' CLEAN "a MySQL dump"
head -n 3 "$tmp/my" >"$tmp/cut"
only "$tmp/cut" my.sql
judged 'SQL dump' DAMAGED "without its last line"
printf -- '/*!999999\\- enable the sandbox mode */\n-- MariaDB dump 10.19\n--\n-- Dump completed on 2026-01-01\n' \
	>"$tmp/my"
only "$tmp/my" my.sql
judged 'SQL dump' CLEAN "a MariaDB dump"

cat >"$tmp/neo.py" <<'E2'
import io, struct, sys, tarfile
files = [("neostore", b"x" * 5000), ("neostore.transaction.db.0", b"y" * 3000)]
if sys.argv[2] == "nolog": del files[1]
out = io.BytesIO()
with tarfile.open(fileobj=out, mode="w") as t:
    for name, data in files:
        info = tarfile.TarInfo(name)
        info.size = len(data)
        t.addfile(info, io.BytesIO(data))
count, size = len(files), sum(len(d) for _, d in files)
if sys.argv[2] == "short": count += 1
open(sys.argv[1], "wb").write(b"zstd" + struct.pack(">iqq", 1, count, size) + out.getvalue())
E2
neo() {
	python3 "$tmp/neo.py" "$tmp/inside" "$1"
	(printf DZV1; zstd -qc "$tmp/inside") >"$tmp/neo"
	only "$tmp/neo" neo4j.dump
}
neo none
judged 'Neo4j dump' CLEAN "a Neo4j dump"
covered '2 files, 8.0 kB, as many as declared' "with its totals"
zstd -qc "$tmp/inside" >"$tmp/old"
only "$tmp/old" neo4j.dump
judged 'Neo4j dump' CLEAN "an older one, without the four letters"
neo short
judged 'Neo4j dump' DAMAGED "with a file less than declared"
neo nolog
judged 'Neo4j dump' SUSPECT "without a transaction log"
neo none
head -c -3 "$tmp/neo" >"$tmp/cut"
only "$tmp/cut" neo4j.dump
judged 'Neo4j dump' DAMAGED "cut off"
flip "$tmp/neo" 60
only "$tmp/neo" neo4j.dump
judged 'Neo4j dump' DAMAGED "a changed byte"
finish
