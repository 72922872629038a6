#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Prometheus data: blocks made by promtool, a log made by a real server that
# was killed, and each damage there is: what we say, and what the server does.
. tests/check/lib.sh

require prometheus promtool python3

prom_pid=
stop() {
	[ -z "$prom_pid" ] || kill "-${1:-KILL}" "$prom_pid" 2>/dev/null
	[ -z "$prom_pid" ] || wait "$prom_pid" 2>/dev/null
	prom_pid=
}
trap 'stop; tap_cleanup' EXIT

# $1: path of the interface; prints the answer
ask() {
	python3 - "http://127.0.0.1:$port$1" <<-'END' 2>/dev/null
	import sys, urllib.request
	print(urllib.request.urlopen(sys.argv[1], timeout=30).read().decode())
	END
}

# $1: directory.  Status 1 when it refuses to start.
start() {
	port=$(python3 -c '
import socket
s = socket.socket()
s.bind(("127.0.0.1", 0))
print(s.getsockname()[1])')
	cat >"$tmp/prometheus.yml" <<-END
	global: {scrape_interval: 1s}
	scrape_configs:
	  - job_name: self
	    static_configs: [{targets: ["127.0.0.1:$port"]}]
	END
	prometheus --config.file="$tmp/prometheus.yml" \
		--storage.tsdb.path="$1" --storage.tsdb.retention.time=90y \
		--web.listen-address="127.0.0.1:$port" \
		--web.enable-admin-api >"$tmp/log" 2>&1 &
	prom_pid=$!
	while kill -0 $prom_pid 2>/dev/null; do
		ask /-/ready | grep -q 'is Ready' && return 0
		sleep 0.1
	done
	prom_pid=
	return 1
}

# Samples of "m" that a query finds, "error", or "refuses".
server() {
	if ! start "$1"; then
		echo refuses
		return
	fi
	ask "/api/v1/query?time=1700020000&query=sum(count_over_time(m[1d]))" |
		python3 -c '
import json, sys
try:
    print(json.load(sys.stdin)["data"]["result"][0]["value"][1])
except Exception:
    print("error")'
	stop TERM
}

# ----------------------------------------------------------------- blocks

python3 - >"$tmp/in.om" <<'END'
t0 = 1700000000 // 7200 * 7200
print("# TYPE m gauge")
for s in range(40):
    for k in range(0, 4 * 3600, 30):
        print('m{instance="h%d",job="test"} %f %d' % (s, s + k * .37, t0 + k))
print("# EOF")
END
promtool tsdb create-blocks-from openmetrics "$tmp/in.om" "$tmp/data" \
	>/dev/null
mkdir "$tmp/data/chunks_head"
block=$(cd "$tmp/data" && ls -d 01* | head -n 1)
fresh() { rm -rf "$tmp/case"; cp -a "$tmp/${1:-data}" "$tmp/case"; }
# $1: verdict, $2: what the server does ("": not asked; "~...": only in a
# soak, for each start takes seconds), $3: name
case_is() {
	look "$tmp/case"
	judged prometheus "$1" "$3: $1"
	case $2 in
	'') return ;;
	~*) [ -n "${DRYDOCK_SOAK:-}" ] || return ;;
	esac
	is "$(server "$tmp/case")" "${2#"~"}" "$3: the server"
}

fresh
case_is CLEAN 19200 "two blocks"
fresh
look "$tmp/case"
covered "2 blocks: 80 series, 19,200 samples in 160 chunks" \
	"what meta.json says is what is there"

size=$(stat -c %s "$tmp/data/$block/chunks/000001")
for at in 5000 $((size - 2)); do
	fresh
	flip "$tmp/case/$block/chunks/000001" "$at"
	case_is DAMAGED "" "byte $at of a chunk file changed"
	found "chunk with a wrong checksum .*queries that touch it fail" \
		"which says what comes of it"
done
is "$(server "$tmp/case")" error "a changed chunk: the server starts, the query fails"
fresh
truncate -s $((size - 500)) "$tmp/case/$block/chunks/000001"
case_is DAMAGED "~error" "a chunk file cut"
fresh
flip "$tmp/case/$block/chunks/000001" 1
case_is DAMAGED "~refuses" "the head of a chunk file changed"
fresh
rm "$tmp/case/$block/chunks/000001"
case_is DAMAGED "" "the chunk file missing"

size=$(stat -c %s "$tmp/data/$block/index")
at=$(python3 - "$tmp/data/$block/index" <<'END'
import struct, sys
print(struct.unpack(">6Q", open(sys.argv[1], "rb").read()[-52:-4])[1] + 15 & ~15)
END
)
fresh
flip "$tmp/case/$block/index" $((at + 4))
case_is DAMAGED error "a series in the index changed"
fresh
flip "$tmp/case/$block/index" $((at - 1))
case_is SUSPECT "~19200" "a byte of padding before it changed"
fresh
flip "$tmp/case/$block/index" 12
case_is DAMAGED "~refuses" "the symbols of the index changed"
fresh
truncate -s $((size - 20)) "$tmp/case/$block/index"
case_is DAMAGED refuses "the index cut"
fresh
truncate -s 0 "$tmp/case/$block/index"
case_is DAMAGED "" "the index empty"
fresh
rm "$tmp/case/$block/index"
case_is DAMAGED "~refuses" "the index missing"
fresh
flip "$tmp/case/$block/tombstones" 1
case_is DAMAGED "~refuses" "the tombstones changed"

fresh
rm "$tmp/case/$block/meta.json"
case_is SUSPECT 9600 "meta.json missing"
fresh
: >"$tmp/case/$block/meta.json"
case_is SUSPECT "~9600" "meta.json empty"
fresh
: >"$tmp/case/$block/meta.json"
look "$tmp/case"
found "a hole in the history" "which says what comes of it"
fresh
sed -i 's/"numSamples": 9600/"numSamples": 9601/' "$tmp/case/$block/meta.json"
case_is SUSPECT "" "a sample fewer than meta.json says"
fresh
cp -a "$tmp/case/$block" "$tmp/case/$block.tmp-for-deletion"
echo x >"$tmp/case/lock"
case_is CLEAN "~19200" "leftovers of a compaction"

# ---------------------------------------------------- the log, and the head

mkdir "$tmp/run"
cp -a "$tmp/data/$block" "$tmp/run"
start "$tmp/run" || ok 1 "the server starts"
ask "/api/v1/admin/tsdb/delete_series" >/dev/null
for i in $(seq 100); do
	ask "/api/v1/query?query=count_over_time(up[5m])" |
		grep -q '"[3-9]"\]' && break
	sleep 0.1
done
cp -a "$tmp/run" "$tmp/hot"
stop KILL
look "$tmp/hot"
judged prometheus CLEAN "a copy of a running server"
look "$tmp/run"
judged prometheus CLEAN "a killed server"
said "replays [0-9.]+ [kM]?B of its log" "what is replayed is said"
covered "records of the log by checksum" "and covered"
# The same records in several segments, and once more as a checkpoint.
for i in 1 2; do
	cp "$tmp/run/wal/00000000" "$tmp/run/wal/0000000$i"
done
look "$tmp/run"
judged prometheus CLEAN "several segments"

# Where its last record ends: zeros fill the page.
used=$(python3 -c '
import sys
print(len(open(sys.argv[1], "rb").read().rstrip(b"\0")))' \
	"$tmp/run/wal/00000000")
segments() { (cd "$tmp/case/wal" && echo ?*); }
fresh run
truncate -s $((used - 3)) "$tmp/case/wal/00000002"
case_is RECOVERABLE "" "the last segment ends inside of a record"
fresh run
truncate -s $((used - 3)) "$tmp/case/wal/00000001"
case_is DAMAGED "" "another one does"
fresh run
flip "$tmp/case/wal/00000000" 100
look "$tmp/case"
judged prometheus DAMAGED "a byte in the first segment changed"
said "deletes what is behind the damage: .* with 2 whole segments" \
	"what is lost is said"
server "$tmp/case" >/dev/null
grep -q 'Starting corruption repair.*segment=0' "$tmp/log"
ok $? "and the server does it"
! cmp -s "$tmp/case/wal/00000002" "$tmp/run/wal/00000002"
ok $? "what was behind it is gone"
fresh run
rm "$tmp/case/wal/00000001"
case_is DAMAGED refuses "a segment missing"
fresh run
mv "$tmp/case/wal/00000000" "$tmp/00000000"
mkdir "$tmp/case/wal/checkpoint.00000000"
mv "$tmp/00000000" "$tmp/case/wal/checkpoint.00000000"
case_is CLEAN 9600 "a checkpoint"
fresh run
mkdir "$tmp/case/wal/checkpoint.00000000"
mv "$tmp/case/wal/00000000" "$tmp/case/wal/checkpoint.00000000"
rm "$tmp/case/wal/00000001"
case_is SUSPECT "" "a checkpoint and a hole behind it"
fresh run
mkdir "$tmp/case/wal/checkpoint.00000000"
mv "$tmp/case/wal/00000000" "$tmp/case/wal/checkpoint.00000000"
flip "$tmp/case/wal/checkpoint.00000000/00000000" 100
case_is DAMAGED "" "damage in a checkpoint"
finish
