#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# The docker/ modules against a real engine: what we read is what it wrote,
# what we write is what it reads, and nobody who uses a volume is overlooked.
set -u
. tests/docker/dockerd.sh

driver=$(cd "${BIN:-build/musl/bin}/.." && pwd)/test/docker_driver
points=0 failures=0

ok() {	# $1: status, $2: name
	points=$((points + 1))
	if [ "$1" = 0 ]; then
		echo "ok $points - $2"
	else
		echo "not ok $points - $2"
		sed 's/^/# /' "$tmp/out" "$tmp/err" 2>/dev/null | tail -n 20
		failures=$((failures + 1))
	fi
}

# Run the driver; its output is for has/hasnt.
do_() {
	"$driver" "$@" >"$tmp/out" 2>"$tmp/err"
}

has() {	# $1: pattern in what the driver said, $2: name
	cat "$tmp/out" "$tmp/err" | grep -qE -- "$1"
	ok $? "$2"
}

hasnt() {
	! cat "$tmp/out" "$tmp/err" | grep -qE -- "$1"
	ok $? "$2"
}

label_of() {	# $1: volume, $2: label
	docker_ volume inspect -f "{{index .Labels \"$2\"}}" "$1" 2>"$tmp/err" \
		>"$tmp/out"
	cat "$tmp/out"
}

run_() {	# a container that stays; its name comes first
	_name=$1
	shift
	docker_ run -d --name "$_name" --network none --stop-timeout 1 "$@" \
		>"$tmp/out" 2>"$tmp/err"
}

dockerd_usable || { echo "1..0 # SKIP $dockerd_why"; exit 0; }
tmp=$(mktemp -d "${TMPDIR:-/tmp}/drydock-engine.XXXXXX") || exit 1
DRYDOCK_CATALOG=$tmp/catalog.db
export DRYDOCK_CATALOG
trap 'dockerd_sweep; rm -rf "$tmp"' EXIT
trap 'exit 1' HUP INT TERM
if ! dockerd_start "$tmp/d"; then
	echo "1..0 # SKIP the engine does not start here:" \
		"$(tail -n 1 "$tmp/d/dockerd.log" | tr -d '\n')"
	exit 0
fi
docker_image "$tmp" || { echo "1..0 # SKIP no image can be imported"; exit 0; }
data=$dockerd_root sock=$dockerd_sock

# ------------------------------------------------ a live engine, and its lock
do_ root "$data"
has "^$data/volumes$" "the data-root is found"
do_ lock "$data"
has '^daemon$' "a live daemon is seen by its lock"
do_ engine "$sock"
has '^answers$' "the engine answers"
has '^1\.[0-9]+$' "an API version is agreed on"
has "^$data\$" "the engine names its data-root"
do_ engine "$tmp/nobody.sock"
has '^absent$' "no socket: absent"

do_ create "$sock" made label.a=1 label.b=2
has '^created$' "a volume is created"
do_ create "$sock" made label.a=1 label.b=2
has '^existed$' "the same again exists already"
do_ create "$sock" made label.a=other
has '^differs$' "other labels: the engine keeps the old ones, and we say so"
do_ inspect "$sock" made
has 'driver=local label.a=1 label.b=2$' "inspect shows labels"
do_ inspect "$sock" nobody
has '^not-found: ' "inspect of an unknown volume"
do_ create "$sock" mem opt.type=tmpfs opt.device=tmpfs opt.o=size=1m
has '^created$' "a volume with driver options is created"
docker_ volume create --label 'odd=a "b" ü \ c' --label empty= odd >/dev/null
do_ list "$data"
hasnt PROBLEM "metadata.db of a live daemon is read"
has '^made data=1 recorded=1 .* label.a=1 label.b=2$' "labels on disk"
has '^mem .* opt.type=tmpfs elsewhere=in memory only' "options on disk"
has '^odd .* label.empty= label.odd=a "b" ü \\ c$' "odd values"
do_ record "$data" made label.x=y
has '^busy: .*daemon' "nothing is written beside a live daemon"

# -------------------------------------------------------- read while it writes
(
	i=0
	while [ $i -lt 60 ]; do
		docker_ volume create --label n=$i busy-$i >/dev/null
		i=$((i + 1))
	done
	: >"$tmp/written"
) &
writer=$!
torn=0 reads=0
while [ ! -e "$tmp/written" ]; do
	do_ list "$data" || torn=$((torn + 1))
	grep -q 'PROBLEM\|ERROR' "$tmp/out" && torn=$((torn + 1))
	reads=$((reads + 1))
done
wait $writer
ok "$torn" "$reads reads while the engine wrote, none torn"
do_ list "$data"
has '^busy-59 .* label.n=59$' "the last write is read"

# ------------------------------------------------------------------ who uses it
do_ users "$data" made
has '^FREE ' "nobody uses a volume without containers"
run_ web -v made:/data:ro box sleep 1000
do_ users "$data" made
has '^IN_USE container web, process [0-9]+ \(sleep\) has it mounted at /data, read-only' \
	"a running container, named, with its mount point"
do_ users "$data" odd
has '^FREE ' "another volume is still free"
do_ users "$data" made "$sock"
has '^IN_USE' "with the engine's word as well"
do_ remove "$sock" made
has '^busy: .*in use' "a volume in use is not removed"
docker_ pause web >/dev/null
do_ users "$data" made
has '^IN_USE' "a paused container"
docker_ unpause web >/dev/null
docker_ stop -t 0 web >/dev/null
do_ users "$data" made "$sock"
has '^FREE ' "a stopped container leaves it free"
has '^used by a stopped container: .* name=web ' "but it is listed"
do_ containers "$data"
has ' web image=box running=0 .*volume:made:/data:ro' "its record is read"

run_ bound -v "$data/volumes/odd/_data:/bound" box sleep 1000
do_ users "$data" odd "$sock"
has '^IN_USE .*bound.* at /bound' \
	"a bind of the path, which the engine does not report"
docker_ rm -f bound >/dev/null
mkdir -p "$data/volumes/odd/_data/sub"
sh -c 'exec 9>"$1"; exec sleep 1000' sh "$data/volumes/odd/_data/sub/f" &
holder=$!
i=0
while [ "$(cat /proc/$holder/comm)" != sleep ] && [ $i -lt 500 ]; do
	sleep 0.01
	i=$((i + 1))
done
do_ users "$data" odd
has "^IN_USE process $holder \(sleep\) has $data/volumes/odd/_data/sub/f open" \
	"a process of the host with an open file"
kill $holder
wait $holder 2>/dev/null
mount --bind "$data/volumes/odd/_data" "$tmp/d/exec" 2>/dev/null && {
	do_ users "$data" odd
	has "^mounted elsewhere on the host: .* path=$tmp/d/exec" \
		"a bind mount on the host"
	umount "$tmp/d/exec"
}

# ---------------------------------------------------- from the rescue container
run_rescue() {	# $1...: docker run options, then -- and the driver's words
	_options=
	while [ "$1" != -- ]; do
		_options="$_options $1"
		shift
	done
	shift
	# shellcheck disable=SC2086
	docker_ run --rm --network none $_options -v "$data/volumes:/volumes" \
		-v "$driver:/driver" box /driver "$@" >"$tmp/out" 2>"$tmp/err"
}
docker_ start web >/dev/null
run_rescue -- users /volumes made
has '^UNKNOWN .*--pid host' "without --pid host: unknown, never free"
run_rescue --pid host -- users /volumes made
has '^IN_USE .* at /data' "with --pid host: the other container is seen"
run_rescue --pid host --cap-add SYS_PTRACE -- users /volumes odd
has '^FREE ' "with --pid host and SYS_PTRACE: free is said"
run_rescue --pid host --cap-drop ALL -- users /volumes odd
has '^UNKNOWN .*open files of [0-9]+ processes cannot.*SYS_PTRACE' \
	"without capabilities: open files are unknown, never free"
run_rescue --cap-drop ALL -- lock /volumes
has '^daemon$' "the lock is seen through the bind"

# ------------------------------------------------------------------ half dead
kill -STOP "$dockerd_pid"
do_ engine "$sock"
has '^refused$' "an engine that says nothing: refused"
has '^io: .*no answer' "in words, after a limited time"
do_ users "$data" made
has '^IN_USE container web' "its containers are seen all the same"
kill -CONT "$dockerd_pid"
dockerd_wait

# ------------------------------------------------------ mounted driver options
run_ mem -v mem:/m box sleep 1000
do_ list "$data"
has '^mem .* mounted=1 ' "a mounted tmpfs volume is seen as mounted"
do_ users "$data" mem
has '^IN_USE container mem.* at /m' "and its container as its user"
docker_ rm -f mem >/dev/null
do_ users "$data" mem
has '^FREE ' "and nobody, when that is gone"

# ------------------------------------------------------------------- it is killed
dockerd_kill9
do_ lock "$data"
has '^held$' "after kill -9 the lock is free"
do_ users "$data" made
has '^IN_USE container web' "but the container that survived is seen"
do_ users "$data" odd
has '^FREE ' "and only that"
dockerd_start "$tmp/d" || ok 1 "starts after kill -9"
docker_ rm -f web >/dev/null
dockerd_stop

# ------------------------------------------------------------ labels, offline
do_ lock "$data"
has '^held$' "after a clean stop the lock is free"
"$driver" lock "$data" sh -c "timeout 20 dockerd --data-root $data \
	--exec-root $tmp/d/exec --pidfile $tmp/d/second.pid \
	-H unix://$tmp/d/second.sock --bridge none --iptables=false \
	>$tmp/out 2>&1; test \$? != 0" >"$tmp/state" 2>"$tmp/err"
ok $? "no daemon starts while we hold the lock"
has 'metadata database: timeout' "because of the lock"

mkdir -p "$data/volumes/made-offline/_data" "$data/volumes/mem-offline/_data"
echo kept >"$data/volumes/made-offline/_data/file"
do_ record "$data" made-offline label.k=v 'label.odd=a "b" ü \ c' \
	label.com.docker.compose.project=p \
	label.com.docker.compose.config-hash=0123
ok $? "labels are recorded"
do_ record "$data" mem-offline opt.type=tmpfs opt.device=tmpfs opt.o=size=1m
ok $? "options are recorded"
[ "$(stat -c '%a %u %g' "$data/volumes/metadata.db" \
	"$data/volumes/mem-offline/opts.json" | sort -u)" = "600 0 0" ]
ok $? "both files are root's alone"
do_ list "$data"
has '^made-offline .* label.k=v label.odd=a "b" ü \\ c$' "we read them back"
dockerd_start "$tmp/d"
ok $? "the daemon takes our metadata.db"
[ "$(label_of made-offline k)" = v ]
ok $? "the label is there"
[ "$(label_of made-offline odd)" = 'a "b" ü \ c' ]
ok $? "the odd one too"
[ "$(label_of made-offline com.docker.compose.project)" = p ] &&
	[ -z "$(label_of made-offline com.docker.compose.config-hash)" ]
ok $? "Compose's labels, but for config-hash"
[ "$(label_of made a)" = 1 ] && [ "$(label_of busy-33 n)" = 33 ]
ok $? "labels of other volumes are kept"
docker_ run --rm --network none -v made-offline:/d box cat /d/file \
	>"$tmp/out" 2>"$tmp/err"
has '^kept$' "its data is where a container sees it"
docker_ run --rm --network none -v mem-offline:/m box cat /proc/mounts \
	>"$tmp/out" 2>"$tmp/err"
has ' /m tmpfs .*size=1024k' "the options mount what they say"

# --------------------------------------------------------------- many, offline
dockerd_stop
i=0
while [ $i -lt 400 ]; do
	mkdir -p "$data/volumes/many-$i/_data"
	i=$((i + 1))
done
do_ record-many "$data" 400
ok $? "400 volumes are recorded"
dockerd_start "$tmp/d"
ok $? "the daemon takes that metadata.db"
[ "$(docker_ volume ls -q --filter label=n | grep -c '^many-')" = 400 ] &&
	[ "$(label_of many-399 n)" = 399 ] && [ "$(label_of made a)" = 1 ]
ok $? "all have their labels, the older ones as well"
i=0
while [ $i -lt 20 ]; do
	docker_ volume create --label later=$i later-$i >/dev/null
	docker_ volume rm many-$i >/dev/null
	i=$((i + 1))
done
do_ list "$data"
hasnt 'PROBLEM|ERROR' "its own later writes are read"
has '^later-19 .* label.later=19$' "its new volumes"
has '^many-399 .* label.n=399$' "beside ours"
dockerd_stop
dockerd_start "$tmp/d"
[ "$(label_of later-7 later)" = 7 ] && [ "$(label_of many-20 n)" = 20 ]
ok $? "and it reads them after another start"
dockerd_stop

# ------------------------------------------------------------- a broken database
head -c 20000 /dev/urandom >"$data/volumes/metadata.db"
do_ list "$data"
has '^PROBLEM .*metadata.db' "a destroyed metadata.db is named"
has '^made-offline data=1 recorded=0' "volumes are listed all the same"
do_ record "$data" made-offline label.k=v
has '^damaged: .*metadata.db' "nothing is written over it"
dockerd_start "$tmp/d" && dockerd_stop
grep -q 'invalid database' "$tmp/d/dockerd.log"
ok $? "the daemon does not start with it either"
do_ discard "$data"
ok $? "it is put aside"
ls "$data/volumes" | grep -q '^metadata.db.broken-'
ok $? "and kept"
do_ record "$data" made-offline label.k=again
ok $? "a new one is begun"
dockerd_start "$tmp/d"
ok $? "the daemon takes it"
[ "$(label_of made-offline k)" = again ]
ok $? "with the label"
[ "$(docker_ volume ls -q | grep -c 'metadata')" = 0 ]
ok $? "the file put aside is no volume"
dockerd_stop

echo "1..$points"
[ $failures = 0 ]
