#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# SQLite databases by SQLite itself: clean, with a log, with a hot journal,
# copied hot, damaged.  The program sqlite3 is the oracle.
. tests/check/lib.sh
require sqlite3 python3

d=$tmp/d
fresh() { rm -rf "$d"; mkdir "$d"; }
fill="CREATE TABLE a(id INTEGER PRIMARY KEY, t TEXT);
CREATE INDEX a_t ON a(t);
CREATE TABLE b(id INTEGER PRIMARY KEY, a INTEGER REFERENCES a(id));
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<20000)
INSERT INTO a SELECT i, hex(randomblob(40)) FROM n;
INSERT INTO b SELECT id, id FROM a LIMIT 100;"

fresh
sqlite3 "$d/x.db" "$fill"
cp "$d/x.db" "$tmp/clean.db"
look "$d"
judged SQLite CLEAN "a database"
covered 'of 2 tables by SQLite.s integrity_check' "by SQLite's own check"

# A writer that is killed: log and journal stay behind.
cat >"$tmp/writer.py" <<'E2'
import os, signal, sqlite3, sys
db = sqlite3.connect(sys.argv[1], isolation_level=None)
db.execute("PRAGMA journal_mode=" + sys.argv[2])
db.execute("PRAGMA wal_autocheckpoint=0")
db.execute("PRAGMA cache_size=10")
db.execute("BEGIN")
db.execute("UPDATE a SET t = hex(randomblob(40)) WHERE id % 3 = 0")
if sys.argv[2] == "wal":
    db.execute("COMMIT")
os.kill(os.getpid(), signal.SIGKILL)
E2
fresh
cp "$tmp/clean.db" "$d/x.db"
python3 "$tmp/writer.py" "$d/x.db" wal 2>/dev/null
[ -s "$d/x.db-wal" ]
ok $? "a killed writer leaves a log"
cp -a "$d" "$tmp/wal"
look "$d"
judged SQLite RECOVERABLE "a database with its log"
said '[0-9]+ frames of its log' "which is counted"
diff -r "$d" "$tmp/wal" >/dev/null
ok $? "and nothing was written"
rm "$d/x.db-wal"
look "$d"
judged SQLite SUSPECT "its log lost and -shm left behind"

fresh
cp "$tmp/clean.db" "$d/x.db"
python3 "$tmp/writer.py" "$d/x.db" delete 2>/dev/null
[ -s "$d/x.db-journal" ]
ok $? "a killed writer leaves a hot journal"
cp -a "$d" "$tmp/hot"
look "$d"
judged SQLite RECOVERABLE "a database with its hot journal"
said 'rolls [0-9]+ pages back' "which is counted"
diff -r "$d" "$tmp/hot" >/dev/null
ok $? "and nothing was written"
mkdir "$tmp/m"
"$bin/snapshot" -q --to "$tmp/m" --any-directory --path data="$d" >/dev/null
look "$tmp/m"
judged SQLite RECOVERABLE "the same, in place on a medium"
rm "$d/x.db-journal"
sqlite3 "$d/x.db" 'PRAGMA integrity_check' >"$tmp/oracle" 2>&1
look "$d"
if [ "$(cat "$tmp/oracle")" = ok ]; then
	judged SQLite CLEAN "its journal lost, by luck with no harm"
else
	judged SQLite DAMAGED "its journal lost"
fi

# Copies of a database that is being written to: never CLEAN when the program
# says that it is not.
cat >"$tmp/busy.py" <<'E2'
import sqlite3, sys
db = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=60)
db.execute("PRAGMA cache_size=10")
print("up", flush=True)
i = 0
while True:
    i += 1
    db.execute("BEGIN")
    db.execute("DELETE FROM a WHERE id > 100 AND id % 7 = ?", (i % 7,))
    db.execute("INSERT INTO a(t) SELECT hex(randomblob(50)) FROM a LIMIT 3000")
    db.execute("COMMIT")
E2
# As slow as a copy of something large.
cat >"$tmp/copy.py" <<'E2'
import sys, time
for part in ("", "-journal"):
    try:
        source = open(sys.argv[1] + part, "rb")
    except FileNotFoundError:
        continue
    with open(sys.argv[2] + part, "wb") as to:
        while piece := source.read(65536):
            to.write(piece)
            time.sleep(0.002)
E2
fresh
cp "$tmp/clean.db" "$tmp/busy.db"
mkfifo "$tmp/up"
python3 "$tmp/busy.py" "$tmp/busy.db" >"$tmp/up" 2>/dev/null &
writer=$!
read -r _ <"$tmp/up"
wrong=0 broken=0
for i in 1 2 3 4 5 6 7 8 9 10 11 12; do
	fresh
	python3 "$tmp/copy.py" "$tmp/busy.db" "$d/x.db"
	look "$d"
	ours=$(member SQLite verdict)
	theirs=$(sqlite3 "$d/x.db" 'PRAGMA integrity_check' 2>&1)
	if [ "$theirs" != ok ]; then
		broken=$((broken + 1))
		[ "$ours" = DAMAGED ] || wrong=$((wrong + 1))
	else
		case $ours in CLEAN|RECOVERABLE) ;; *) wrong=$((wrong + 1)) ;; esac
	fi
	echo "# copy $i: ours $ours, the program: $(echo "$theirs" | head -n 1 | cut -c1-40)"
done
kill -9 $writer
is $wrong 0 "12 hot copies, $broken of them broken: judged as by the program"

# Damage.
fresh
head -c 700000 "$tmp/clean.db" >"$d/x.db"
look "$d"
judged SQLite DAMAGED "cut off"
found 'is cut off: 700000 bytes of' "and by how much"
fresh
cp "$tmp/clean.db" "$d/x.db"
dd if=/dev/zero of="$d/x.db" bs=4096 seek=100 count=1 conv=notrunc 2>/dev/null
look "$d"
judged SQLite DAMAGED "a page of zeros"
found 'integrity check' "found by the integrity check"
fresh
cp "$tmp/clean.db" "$d/x.db"
sqlite3 "$d/x.db" "PRAGMA foreign_keys=OFF; DELETE FROM a WHERE id=5"
look "$d"
judged SQLite SUSPECT "a row that refers to nothing"
found 'b: row 5 refers to what is not in a' "by name"
fresh
cp "$tmp/clean.db" "$d/x.db"
printf '\003' | dd of="$d/x.db" bs=1 seek=16 conv=notrunc 2>/dev/null
look "$d"
judged SQLite DAMAGED "an impossible page size"
fresh
head -c 50 "$tmp/clean.db" >"$d/x.db"
look "$d"
judged SQLite DAMAGED "a piece of a header"

fresh
sqlite3 "$d/grafana.db" "CREATE TABLE migration_log(id); CREATE TABLE
dashboard(id); CREATE TABLE data_source(id); CREATE TABLE user(id);
INSERT INTO dashboard VALUES (1), (2); INSERT INTO user VALUES (1);"
look "$d"
judged Grafana CLEAN "Grafana's"
said '2 dashboards, 0 data sources, 1 users.*secret_key' "and what to save besides"
finish
