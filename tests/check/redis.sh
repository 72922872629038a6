#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Redis data that a real server made, whole, killed, copied under load, and
# with each damage there is: what we say, what redis-check-rdb and
# redis-check-aof say, and what the server then does.
. tests/check/lib.sh

require redis-server redis-cli redis-check-rdb redis-check-aof python3

redis_pid=
stop() {
	[ -z "$redis_pid" ] || kill -9 "$redis_pid" 2>/dev/null
	[ -z "$redis_pid" ] || wait "$redis_pid" 2>/dev/null
	redis_pid=
}
trap 'stop; tap_cleanup' EXIT
cli() { redis-cli -s "$tmp/sock" "$@"; }

# $1: directory, then settings.  Status 1 when it refuses to start.
start() {
	_dir=$1
	shift
	redis-server --port 0 --unixsocket "$tmp/sock" --dir "$_dir" \
		--enable-debug-command yes --save '' "$@" >"$tmp/log" 2>&1 &
	redis_pid=$!
	while kill -0 $redis_pid 2>/dev/null; do
		[ "$(cli ping 2>/dev/null)" != PONG ] || return 0
		sleep 0.05
	done
	redis_pid=
	return 1
}
leave() {
	cli shutdown "$@" >/dev/null 2>&1
	wait "$redis_pid"
	redis_pid=
}

# Keys of all databases, or "refuses".  $1: directory; the rest: settings
server() {
	if ! start "$@"; then
		echo refuses
		return
	fi
	cli info keyspace | tr -d '\r' |
		awk -F'[=,]' '/^db/ { n += $2 } END { print n + 0 }'
	leave nosave
}

fill() {
	cli debug populate 2000 key 40
	cli set number 12345
	cli set long "$(printf 'abcabcabc%.0s' $(seq 200))"
	cli rpush list a b c 1 2 3
	cli sadd ints 1 2 3 70000
	cli sadd words a b c
	cli zadd scores 1.5 a 2 b inf c
	cli hset hash f v g w
	for kind in rpush sadd; do
		# shellcheck disable=SC2046
		cli $kind "big$kind" $(seq -f "element-number-%g" 600)
	done
	# shellcheck disable=SC2046
	cli zadd bigzset $(seq 600 | sed 's/.*/& member-&/')
	# shellcheck disable=SC2046
	cli hset bighash $(seq 1200)
	for i in 1 2 3 4 5; do cli xadd stream '*' field "$i"; done
	cli xgroup create stream group 0
	cli xreadgroup group group me count 2 streams stream '>'
	cli function load '#!lua name=lib
		redis.register_function("f", function() return 1 end)'
	cli set brief x ex 100000
	cli -n 3 set other y
} >/dev/null

# ------------------------------------------------------------- RDB files

mkdir "$tmp/rdb"
start "$tmp/rdb" --appendonly no || ok 1 "the server starts"
fill
# One that expires and yet is there when the server saves.
cli debug set-active-expire 0 >/dev/null
cli set gone soon px 1 >/dev/null
keys=$(cli info keyspace | tr -d '\r' | awk -F'[=,]' '/^db/ { n += $2 } END { print n }')
leave save
rdb=$tmp/rdb/dump.rdb
size=$(stat -c %s "$rdb")

look "$tmp/rdb"
judged "redis rdb" CLEAN "an RDB after a clean shutdown"
covered "$(echo "$keys" | sed 's/\(...\)$/,\1/') keys in 2 databases" \
	"with as many keys as the server had: $keys"
covered "1 function libraries" "and its functions"
covered "$(echo "$size" | sed 's/\(...\)$/,\1/;s/^\([0-9]*\)\([0-9]\{3\}\),/\1,\2,/') bytes by checksum" \
	"every byte of it by checksum"
found "appendonly" "what appendonly yes would do with it is said"
for i in $(seq 30); do
	look "$tmp/rdb"
	! member "redis rdb" said | grep -q expired || break
	sleep 0.1
done
said "1 of 2 keys .* expired" "keys that have expired since are counted"

# $1: want, $2: redis-check-rdb's status, $3: server (a number or refuses)
rdb_case() {
	look "$tmp/case"
	judged "redis rdb" "$1" "$4: $1"
	redis-check-rdb "$tmp/case/dump.rdb" >/dev/null 2>&1
	is $? "$2" "$4: redis-check-rdb"
	[ -z "$3" ] || is "$(server "$tmp/case" --appendonly no)" "$3" "$4: the server"
}
fresh() { rm -rf "$tmp/case"; cp -a "$tmp/$1" "$tmp/case"; }

for at in 12 200 5000 $((size / 2)) $((size - 20)) $((size - 3)); do
	fresh rdb
	flip "$tmp/case/dump.rdb" "$at"
	rdb_case DAMAGED 1 "" "an RDB with byte $at changed"
done
fresh rdb
truncate -s $((size / 2)) "$tmp/case/dump.rdb"
rdb_case DAMAGED 1 refuses "half an RDB"
fresh rdb
truncate -s $((size - 4)) "$tmp/case/dump.rdb"
rdb_case DAMAGED 1 refuses "an RDB with its checksum cut"
fresh rdb
truncate -s 0 "$tmp/case/dump.rdb"
look "$tmp/case"
judged "redis rdb" DAMAGED "an empty RDB"
is "$(server "$tmp/case" --appendonly no)" refuses "an empty RDB: the server"
fresh rdb
at=$(grep -obaF element-number-300 "$tmp/case/dump.rdb" | head -n 1 | cut -d: -f1)
[ -n "$at" ] || at=$(grep -obaF value: "$tmp/case/dump.rdb" | head -n 1 | cut -d: -f1)
flip "$tmp/case/dump.rdb" "$at"
truncate -s $((size - 8)) "$tmp/case/dump.rdb"
truncate -s "$size" "$tmp/case/dump.rdb"
rdb_case CLEAN 0 $((keys - 1)) "no checksum, and a value changed"
found "made without a checksum" "which is said"
covered "$(stat -c %s "$rdb" | cut -c1-2).* bytes have no checksum" "and counted"
fresh rdb
printf 'behind' >>"$tmp/case/dump.rdb"
rdb_case SUSPECT 0 $((keys - 1)) "bytes behind an RDB"

fresh rdb
echo "appendonly yes" >"$tmp/case/redis.conf"
look "$tmp/case"
judged "redis rdb" DAMAGED "appendonly yes in the settings, and only an RDB"
said "starts empty" "which says what will happen"
is "$(server "$tmp/case" --appendonly yes)" 0 "and that happens"
fresh rdb
cp "$rdb" "$tmp/case/temp-1234.rdb"
truncate -s 1000 "$tmp/case/temp-1234.rdb"
look "$tmp/case"
judged "redis rdb" "CLEAN CLEAN" "half a save is nobody's loss"

# --------------------------------------------- multi-part append-only files

mkdir "$tmp/aof"
start "$tmp/aof" --appendonly yes || ok 1 "the server starts"
fill
cli bgrewriteaof >/dev/null
while cli info persistence | grep -q 'aof_rewrite_\(in_progress\|scheduled\):1'; do
	sleep 0.05
done
for i in 1 2 3 4 5; do cli set "after$i" "value $i"; done >/dev/null
akeys=$(cli info keyspace | tr -d '\r' | awk -F'[=,]' '/^db/ { n += $2 } END { print n }')
leave nosave
dir=appendonlydir
incr=$(sed -n 's/^file \([^ ]*\) .*type i$/\1/p' "$tmp/aof/$dir/"*.manifest | tail -n 1)
base=$(sed -n 's/^file \([^ ]*\) .*type b$/\1/p' "$tmp/aof/$dir/"*.manifest)

# As rdb_case; $1: want
aof_case() {
	look "$tmp/case"
	judged redis "$1" "$4: $1"
	[ -z "$2" ] || {
		redis-check-aof "$tmp/case/$dir/appendonly.aof.manifest" \
			>/dev/null 2>&1
		is $? "$2" "$4: redis-check-aof"
	}
	is "$(server "$tmp/case" --appendonly yes)" "$3" "$4: the server"
}

fresh aof
aof_case CLEAN 0 "$akeys" "a clean shutdown"
covered "6 commands by their form" "its commands are counted"
covered "have no checksum" "and that an AOF has no checksums is said"
covered "the manifest and its 2 files" "and the files of the manifest"

fresh aof
truncate -s -7 "$tmp/case/$dir/$incr"
aof_case RECOVERABLE 1 $((akeys - 1)) "an increment cut in a command"
fresh aof
truncate -s -7 "$tmp/case/$dir/$incr"
look "$tmp/case"
found "$incr: ends in the middle of a command: .* last 31 bytes is lost" \
	"what is lost is said"
echo "aof-load-truncated no" >"$tmp/case/redis.conf"
look "$tmp/case"
judged redis DAMAGED "a cut increment and aof-load-truncated no"
is "$(server "$tmp/case" --appendonly yes --aof-load-truncated no)" refuses \
	"the server then refuses"

fresh aof
at=$(grep -obaF 'value 3' "$tmp/case/$dir/$incr" | head -n 1 | cut -d: -f1)
flip "$tmp/case/$dir/$incr" "$at"
aof_case CLEAN 0 "$akeys" "a value changed: nobody sees it"
fresh aof
python3 - "$tmp/case/$dir/$incr" <<-'END'
	import sys
	data = open(sys.argv[1], "rb").read()
	at = data.index(b"value 3") + 8
	open(sys.argv[1], "wb").write(data[:at] + data[at + 1:])
END
aof_case DAMAGED 1 refuses "a line end broken"
fresh aof
head -c 4096 /dev/zero >>"$tmp/case/$dir/$incr"
aof_case DAMAGED 1 refuses "zeros at its end"
look "$tmp/case"
found "only zeros from there on" "are named for what they are"
fresh aof
printf '*1\r\n$5\r\nMULTI\r\n*3\r\n$3\r\nset\r\n$1\r\nx\r\n$1\r\ny\r\n' \
	>>"$tmp/case/$dir/$incr"
aof_case RECOVERABLE 1 "$akeys" "MULTI without EXEC"
fresh aof
python3 - "$tmp/case/$dir/$incr" <<-'END'
	import sys
	data = open(sys.argv[1], "rb").read()
	open(sys.argv[1], "wb").write(data.replace(b"\nset\r", b"\nsgt\r", 1))
END
aof_case SUSPECT 0 refuses "a command's name changed"
for gone in "$incr" "$base"; do
	fresh aof
	rm "$tmp/case/$dir/$gone"
	aof_case DAMAGED 1 refuses "$gone missing"
done
for at in 30 9000; do
	fresh aof
	flip "$tmp/case/$dir/$base" $at
	aof_case DAMAGED 1 refuses "byte $at of the base changed"
done
fresh aof
rm "$tmp/case/$dir/"*.manifest
aof_case DAMAGED "" 0 "the manifest missing"
fresh aof
rm "$tmp/case/$dir/"*.manifest
look "$tmp/case"
said "starts empty and writes over" "which says what will happen"
fresh aof
rm "$tmp/case/$dir/"*
aof_case SUSPECT "" 0 "no file at all"
fresh aof
truncate -s -1 "$tmp/case/$dir/appendonly.aof.manifest"
aof_case DAMAGED "" refuses "the manifest cut"
fresh aof
: >"$tmp/case/$dir/appendonly.aof.manifest"
aof_case DAMAGED "" refuses "the manifest empty"
fresh aof
cp "$tmp/case/$dir/$incr" "$tmp/case/$dir/appendonly.aof.9.incr.aof"
aof_case CLEAN 0 "$akeys" "a file that no manifest names"

# A kind that no server of that version writes is damage; one that a newer
# server may write is not.
for version in 0010 0099; do
	fresh aof
	printf "REDIS$version\\0\\001a\\001b\\036\\001cwhatever" \
		>"$tmp/case/$dir/$base"
	look "$tmp/case"
	case $version in
	0010) judged redis DAMAGED "an unknown kind in version 10" ;;
	*) judged redis UNCHECKED "an unknown kind in version 99" ;;
	esac
done

# A cut is forgiven in the last file only.
fresh aof
cp "$tmp/case/$dir/$incr" "$tmp/case/$dir/appendonly.aof.90.incr.aof"
echo "file appendonly.aof.90.incr.aof seq 90 type i" \
	>>"$tmp/case/$dir/appendonly.aof.manifest"
truncate -s -7 "$tmp/case/$dir/$incr"
aof_case DAMAGED 1 refuses "a cut increment that is not the last"

# ----------------------------------------------- the old append-only file

rm -rf "$tmp/old"
mkdir "$tmp/old"
cat "$tmp/aof/$dir/$base" "$tmp/aof/$dir/$incr" >"$tmp/old/appendonly.aof"
look "$tmp/old"
judged "redis aof" CLEAN "an old append-only file with an RDB before it"
covered "6 commands" "both parts are read"
is "$(server "$tmp/old" --appendonly yes)" "$akeys" "the server takes it"
mkdir "$tmp/old2"
printf '*2\r\n$6\r\nSELECT\r\n$1\r\n0\r\n*3\r\n$3\r\nSET\r\n$1\r\na\r\n$1' \
	>"$tmp/old2/appendonly.aof"
look "$tmp/old2"
judged "redis aof" RECOVERABLE "an old one without, and cut"

# ------------------------------------------------------ killed, and hot

mkdir "$tmp/hot"
start "$tmp/hot" --appendonly yes --auto-aof-rewrite-min-size 16kb \
	--auto-aof-rewrite-percentage 1 || ok 1 "the server starts"
redis-benchmark -s "$tmp/sock" -q -t set,lpush,hset -n 1000000 -r 5000 -d 100 \
	>/dev/null 2>&1 &
load=$!
until [ "$(cli dbsize)" -gt 100 ] 2>/dev/null; do
	sleep 0.05
done
# A copy may have the manifest of one moment and the files of another, while
# rewrites end meanwhile: then it is damaged, and the server says so too.
for i in 1 2 3 4; do
	cli bgrewriteaof >/dev/null
	cp -a "$tmp/hot" "$tmp/hot$i" 2>/dev/null	# files come and go
done
stop
kill $load 2>/dev/null
wait $load 2>/dev/null
for i in 1 2 3 4; do
	look "$tmp/hot$i"
	verdict=$(member redis verdict)
	keys=$(server "$tmp/hot$i" --appendonly yes)
	case $verdict:$keys in
	CLEAN:0|CLEAN:refuses|RECOVERABLE:0|RECOVERABLE:refuses) false ;;
	CLEAN:*|RECOVERABLE:*|DAMAGED:refuses) : ;;
	*) false ;;
	esac
	ok $? "a copy under load, while it rewrites: $verdict, and the server: $keys" ||
		findings | sed 's/^/# /'
done
look "$tmp/hot"
case $(member redis verdict) in CLEAN|RECOVERABLE) : ;; *) false ;; esac
ok $? "killed: $(member redis verdict)"
case $(server "$tmp/hot" --appendonly yes) in refuses|0) false ;; *) : ;; esac
ok $? "and the server takes it"
finish
