#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# probe: verdicts and exit status, reports for each reader, waiting, the clock.
. tests/tap.sh

# $1: code; the first check that the last run with --json tells has it
code() {
	is "$(sed -n 's/.*"message_type":"check".*"code":"\([a-z0-9-]*\)".*/\1/p' \
		"$tmp/out" | head -n 1)" "$1" "$2"
}

probe=$bin/probe
d=$tmp/d
mkdir -p "$d/root/volumes/shop_db/_data" "$d/root/containers"
echo 15 >"$d/root/volumes/shop_db/_data/PG_VERSION"
echo text >"$d/file"
DRYDOCK_DATA_ROOT=$d/root DRYDOCK_SOCKET=$d/none.sock
export DRYDOCK_DATA_ROOT DRYDOCK_SOCKET

# ------------------------------------------------------------------ verdicts

run "$probe" "path://$d/file"
exits 0 "all well: 0"
says '^1 check: 1 ok; [0-9]+\.[0-9]+ s$' "and a total"
run "$probe" -v "path://$d/file"
says 'a file, mode 0[0-7]+, owner' "--verbose says what was covered"
run "$probe" --json "path://$d/none"
exits 1 "a failure: 1"
code path-missing "with its code"
run "$probe" --warn size=1G "path://$d/file"
exits 3 "a warning: 3"
says '^WARN' "which is marked"
run "$probe" --json docker:// docker://db "volume://shop_db"
exits 1 "a dead engine: 1"
code socket-missing "is what comes first"
says '"code":"need-failed".*"root":"docker://"' "the container names it"
says '"target":"volume://shop_db","status":"(ok|warn|fail)","code":"(ok|space-low|inodes-low)"' \
	"the volume is looked at all the same"
run "$probe" docker://db
says '1 check is skipped because of it: docker://db' "people see it as well"
run "$probe" --json volume://db
code volume-missing "a volume of another name"
says 'but there is shop_db' "which one it may be"

# --------------------------------------------------------------------- usage

for wrong in '' 'tcp:///x' 'nothing' 'path://x' "--expect kind path://$d" \
	"--expect kind=cloud path://$d" "--expect port=1 path://$d" \
	"--limit soon path://$d" "--limit 0s path://$d" "--tries 0 path://$d" \
	"--parallel 0 path://$d" "--parallel 257 path://$d" \
	"--rto 1h path://$d" "--since never path://$d" \
	"--since 2999-01-01T00:00:00Z path://$d" "--wait x path://$d" \
	"--host --compose x" "volume://a/../b?x" "path://$d path://$d"; do
	# shellcheck disable=SC2086
	run "$probe" $wrong
	exits 2 "usage: $wrong"
done
run "$probe" --nagios --tries 0 "path://$d"
exits 3 "usage is UNKNOWN for Nagios"
run "$probe" -f "$d/none.yml"
exits 10 "no such file of checks"
run "$probe" --compose "$d/none.yaml"
exits 10 "no such Compose file"
run "$probe" --host --data-root "$d/none"
exits 10 "no such data-root"
mkdir -p "$d/nothing/volumes"
run "$probe" --host --data-root "$d/nothing"
exits 10 "nothing in the data-root is not all well"

# ------------------------------------------------------------------- reports

esc=$(printf '\033')
name="$d/<odd> & \"name\" $esc[31m"
run "$probe" --junit "$tmp/j.xml" --prometheus "$tmp/m.prom" \
	"path://$d/file" "path://$name" docker://db
exits 1 "several reports at once"
says 'odd' "the table is printed as well"
! grep -q "$esc" "$tmp/out" "$tmp/err" "$tmp/j.xml" "$tmp/m.prom"
ok $? "no control character of a target gets anywhere"
if command -v python3 >/dev/null; then
	python3 -c 'import sys, xml.dom.minidom as m
d = m.parse(sys.argv[1])
s = d.getElementsByTagName("testsuite")[0]
assert s.getAttribute("tests") == "4", "tests"
assert len(d.getElementsByTagName("failure")) == int(s.getAttribute("failures")) == 2
assert len(d.getElementsByTagName("skipped")) == int(s.getAttribute("skipped")) == 1
assert all(c.getAttribute("classname") and c.getAttribute("time") for c in d.getElementsByTagName("testcase"))
' "$tmp/j.xml" >"$tmp/out" 2>&1
	ok $? "JUnit's XML, with matching totals"
	"$probe" --json "path://$name" docker://db >"$tmp/json" 2>/dev/null
	python3 -c 'import sys, json
for line in open(sys.argv[1]): json.loads(line)' "$tmp/json" >"$tmp/out" 2>&1
	ok $? "each line of --json is JSON"
else
	skip "JUnit and JSON read by others" "no python3"
fi
grep -v '^#' "$tmp/m.prom" |
	grep -vE '^drydock_probe_[a-z_]+(\{([a-z]+="([^"\\]|\\.)*",?)+\})? [0-9.]+$' >"$tmp/out"
[ ! -s "$tmp/out" ]
ok $? "metrics are well formed"
grep -q 'drydock_probe_reason{.*status="fail",reason="path-missing"} 1' "$tmp/m.prom"
ok $? "with the reason as a label"
[ -z "$(tail -c 1 "$tmp/m.prom")" ]
ok $? "and the last line ends"
[ "$(grep -c '^# TYPE' "$tmp/m.prom")" -eq "$(grep '^# TYPE' "$tmp/m.prom" | sort -u | wc -l)" ]
ok $? "each family is told once"
is "$(find "$tmp" -maxdepth 1 -name '*.part-*')" '' "no half-written file stays"
run "$probe" --junit /dev/full "path://$d/file"
exits 1 "a report onto a full device fails"
run "$probe" --prometheus "$d/none/x" "path://$d/file"
exits 1 "a report that cannot be written fails"
says 'prometheus' "and is named"
awk 'length > 80' "$tmp/out" | grep -q . && ok 1 "80 columns" ||
	ok 0 "the table fits 80 columns"

run "$probe" --nagios "path://$d/file"
exits 0 "Nagios: 0"
says '^PROBE OK - .*\| ok=1;;;0;1 .*time=[0-9.]+s$' "one line with figures"
run "$probe" --nagios --warn size=1G "path://$d/file"
exits 1 "Nagios: 1 for a warning"
run "$probe" --nagios "path://$d/none"
exits 2 "Nagios: 2 for a failure"
says '^PROBE CRITICAL - path://[^|]*path-missing' "which is named first"
is "$(wc -l <"$tmp/out")" 1 "on one line"
run "$probe" --nagios "path://$d/a|b"
is "$(tr -cd '|' <"$tmp/out" | wc -c)" 1 "a bar in a name is none in the line"

# ------------------------------------------------------------- colour, plan

if command -v script >/dev/null; then
	TERM=xterm script -qec "$probe path://$d/none" /dev/null >"$tmp/out" 2>&1
	grep -q "$esc" "$tmp/out"
	ok $? "colours on a terminal"
	NO_COLOR=1 TERM=xterm script -qec "$probe path://$d/none" /dev/null \
		>"$tmp/out" 2>&1
	! grep -q "$esc" "$tmp/out"
	ok $? "none with NO_COLOR"
else
	skip "colours" "no script(1)"
fi
run "$probe" -n docker://db "path://$d/none"
exits 0 "--dry-run runs nothing"
says '^engine +docker-engine +docker://$' "and lists what is implied"

# ---------------------------------------------------------------------- file

cat >"$tmp/probe.yml" <<END
version: 1
stages:
  - name: data
    checks:
      - name: key
        target: path://$d/none
      - volume://shop_db
  - name: services
    needs: [ key ]
    checks:
      - name: config
        target: path://$d/file
        expect: { kind: file }
END
run "$probe" --json -f "$tmp/probe.yml"
exits 1 "a file of checks"
code path-missing "the root first"
says '"name":"config".*"status":"skip".*"root":"key"' "what needs it is skipped"
echo 'version: 7' >"$tmp/bad.yml"
run "$probe" -f "$tmp/bad.yml"
exits 2 "a wrong file"
says 'bad.yml: line 1: version 7' "is named with its line"

cat >"$tmp/compose.yaml" <<END
name: shop
services:
  db: { image: postgres, volumes: [ 'db:/var/lib/postgresql/data' ] }
  api: { image: api, depends_on: [ db ] }
volumes: { db: {} }
END
run "$probe" --json --compose "$tmp/compose.yaml"
code socket-missing "a project: without an engine"
says '"name":"api".*"root":"docker-engine"' "its services cannot be judged"
says '"name":"volume://shop_db".*"status":"(ok|warn)"' "its volumes can"
"$probe" --compose "$tmp/compose.yaml" --init >"$tmp/init.yml" 2>/dev/null
run "$probe" -n -f "$tmp/init.yml"
exits 0 "--init writes what --file reads"
says '^layer 2 +api +docker://shop-api-1' "with the project's services"
run "$probe" --host
exits 1 "--host, with a dead engine"
says 'docker-engine - socket-missing' "says so"
run "$probe" --init
says 'volume://shop_db' "--init alone takes the host"

# --------------------------------------------------------------------- data

run "$probe" --json "pgdata://$d/none"
code pgdata-missing "no folder"
run "$probe" --json "pgdata://$d"
code pgdata-missing "no cluster in it"
initdb=
for try in /usr/lib/postgresql/*/bin/initdb; do
	[ ! -x "$try" ] || initdb=$try
done
if [ -z "$initdb" ] || [ "$(id -u)" != 0 ]; then
	skip "PostgreSQL's data" "no PostgreSQL, or not root"
else
	pg=$(mktemp -d /tmp/drydock-pg-XXXXXX)
	chown postgres "$pg"
	su postgres -s /bin/sh -c "cd /; '$initdb' -k -N -D '$pg/data'" \
		>/dev/null 2>"$tmp/err"
	run "$probe" -v "pgdata://$pg/data"
	exits 0 "a cluster that was shut down"
	says 'shut down, pages have checksums' "and what is known of it"
	run "$probe" --json --expect version=9.6 "pgdata://$pg/data"
	code pgdata-version "another version than expected"
	run "$probe" -v --set deep=true "pgdata://$pg/data"
	exits 0 "every page of it"
	says 'pages' "with what was covered"
	# The state stands at byte 16, its checksum behind it.
	cp "$pg/data/global/pg_control" "$tmp/control"
	printf '\006' | dd of="$pg/data/global/pg_control" bs=1 seek=16 \
		conv=notrunc 2>/dev/null
	run "$probe" --json "pgdata://$pg/data"
	code pgdata-damaged "a byte of pg_control"
	python3 - "$pg/data/global/pg_control" <<-'END'
		import sys
		# As the server writes it in production, its checksum included.
		data = bytearray(open(sys.argv[1], "rb").read())
		end = 292 if data[8:12] == (1800).to_bytes(4, "little") else 288
		crc = 0xFFFFFFFF
		for byte in data[:end]:
		    crc ^= byte
		    for _ in range(8):
		        crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
		data[end:end + 4] = (crc ^ 0xFFFFFFFF).to_bytes(4, "little")
		open(sys.argv[1], "wb").write(data)
	END
	run "$probe" --json "pgdata://$pg/data"
	code pgdata-not-clean "a server that was not shut down"
	exits 3 "is a warning"
	cp "$tmp/control" "$pg/data/global/pg_control"
	: >"$pg/data/global/pg_control"
	run "$probe" --json "pgdata://$pg/data"
	code pgdata-damaged "an empty pg_control"
	cp "$tmp/control" "$pg/data/global/pg_control"
	page=$(find "$pg/data/base/1" -size +64k -type f | head -n 1)
	printf 'damage' | dd of="$page" bs=1 seek=9000 conv=notrunc 2>/dev/null
	run "$probe" --json --set deep=true "pgdata://$pg/data"
	code data-damaged "a damaged page"
	run "$probe" --json --limit 1ms --set deep=true "pgdata://$pg/data"
	says '"code":"(data-unchecked|storage-silent)"' "no time to judge it"
	rm -rf "$pg"
fi
mkdir -p "$d/root/volumes/odd/_data"
echo nothing >"$d/root/volumes/odd/_data/x"
run "$probe" --json --set deep=true volume://odd
code data-unchecked "data that no checker knows is not called good"
mkdir -p "$d/root/volumes/cut/_data"
printf '{"a": [1, 2' >"$d/root/volumes/cut/_data/state.json"
run "$probe" --json --set deep=true volume://cut
code data-suspect "a file that was cut off"
if command -v sqlite3 >/dev/null; then
	mkdir -p "$d/root/volumes/lite/_data"
	sqlite3 "$d/root/volumes/lite/_data/a.db" \
		'CREATE TABLE t(a); INSERT INTO t VALUES (1)'
	run "$probe" -v --set deep=true --warn free-percent=0 \
		--warn inodes-percent=0 volume://lite
	exits 0 "a volume with a database"
	says 'a\.db' "which was judged"
	mkdir -p "$d/root/volumes/wal/_data"
	sqlite3 "$tmp/w.db" 'PRAGMA journal_mode=WAL' 'CREATE TABLE t(a)' \
		'INSERT INTO t VALUES (1)' \
		".shell cp $tmp/w.db $tmp/w.db-wal $d/root/volumes/wal/_data" \
		>/dev/null
	run "$probe" --json --set deep=true volume://wal
	code data-recoverable "a database with its log, as a power cut leaves it"
	exits 3 "is a warning"
	head -c 5000 "$d/root/volumes/lite/_data/a.db" >"$tmp/half"
	cp "$tmp/half" "$d/root/volumes/lite/_data/a.db"
	run "$probe" --json --set deep=true volume://lite
	code data-damaged "half a database"
else
	skip "a volume with a database" "no sqlite3"
fi

# ----------------------------------------------------------------- catalogue

if command -v sqlite3 >/dev/null; then
	run "$probe" --catalog "$tmp/c.db" "path://$d/none" "path://$d/file"
	sqlite3 "$tmp/c.db" 'SELECT tool, status, json FROM tool_runs' \
		>"$tmp/out" 2>&1
	says '^probe\|1\|\{"status":"fail","headline":"path://.*none: path-missing' \
		"the run is remembered"
	is "$(wc -l <"$tmp/out")" 1 "once"
else
	skip "the run is remembered" "no sqlite3"
fi
DRYDOCK_CATALOG='' run "$probe" "path://$d/file"
exits 0 "without a catalogue nothing is missing"
echo garbage >"$tmp/garbage"
chmod 0 "$tmp/garbage"
run "$probe" --catalog "$tmp/garbage/x" "path://$d/file"
exits 0 "one that cannot be made changes no verdict"
says 'history is not recorded' "and is told"

# ---------------------------------------------------------- waiting, clock

run "$probe" --wait 1s "path://$d/none"
exits 1 "--wait ends"
says 'path-missing.* left' "and says meanwhile what it waits for"
(
	while ! grep -qs left "$tmp/err"; do :; done
	echo >"$d/late"
) &
run timeout 60 "$probe" --wait 50s --since 1h --rto 2h "path://$d/late"
wait
exits 0 "--wait ends as soon as all is well"
says '^All well 1 h 00 min after .*within the target of 2 h 00 min' \
	"the clock says when that was"
run "$probe" --since 2h --rto 1h "path://$d/file"
exits 3 "past the target: a warning"
says 'over the target' "with by how much"
run "$probe" --json --since 2020-01-01T00:00:00Z "path://$d/none"
says '"since":"2020-01-01T00:00:00Z","elapsed_s":[0-9]+' "the clock in JSON"
run "$probe" --since boot --prometheus "$tmp/m.prom" "path://$d/none"
says 'and not all is well' "it runs on while something fails"
grep -q '^drydock_probe_recovery_elapsed_seconds [0-9]' "$tmp/m.prom"
ok $? "and is a metric"

# A target that does not answer holds up nothing else.
mkfifo "$d/fifo"
run "$probe" --limit 2s "path://$d/fifo"
exits 0 "a pipe that nobody reads is looked at without waiting"
"$probe" --wait 50s "path://$d/none" >"$tmp/out" 2>"$tmp/err" &
pid=$!
while ! grep -q left "$tmp/err"; do :; done
kill -TERM $pid
wait $pid
is $? 143 "interrupted: 143"
says 'path-missing' "what was found is told"

for option in '' --json --nagios -n --init; do
	"$probe" $option "path://$d/file" >/dev/full 2>"$tmp/err"
	is $? 1 "onto a full device: ${option:-the table}"
done
finish
