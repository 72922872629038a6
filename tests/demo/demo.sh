#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# make demo: a database on a Docker host is lost and comes back from a stick,
# with no daemon running and no network, on this machine.  Everything lives in
# one temporary folder and goes with it; the machine's own Docker is neither
# asked nor touched.
#
# 0 when everything was as it should be, else 1.
set -u
cd "$(dirname "$0")/../.." || exit 1
bin=$(cd "${BIN:-build/musl/bin}" && pwd) || exit 1
. tests/docker/dockerd.sh
. tests/docker/postgres.sh

ROWS=1000000
KEYS=100000
STICK_MB=1000
SPACE_MB=3000

bold= green= red= plain=
if [ -t 1 ] && [ -z "${NO_COLOR:-}" ]; then
	bold=$(printf '\033[1m') green=$(printf '\033[32m')
	red=$(printf '\033[31m') plain=$(printf '\033[0m')
fi

# ---------------------------------------------------------------- telling

tmp= stick_is_mounted=
step=0 failures=0 summary=

now_ms() {
	echo $(($(date +%s%N) / 1000000))
}

seconds() {	# $1: milliseconds
	printf '%d.%d s' $(($1 / 1000)) $(($1 % 1000 / 100))
}

megabytes() {	# $1: file or folder
	du -sm "$1" | awk '{ printf "%d MB", $1 }'
}

give_up() {
	printf '%sdemo: %s%s\n' "$red" "$*" "$plain" >&2
	exit 1
}

step() {
	step=$((step + 1))
	printf '\n%s%2d  %s%s\n' "$bold" $step "$*" "$plain"
}

say() {
	printf '%s\n' "$*" | fold -s -w 74 | sed 's/^/    /'
}

# $1: status of a condition, $2: what it says
must() {
	if [ "$1" = 0 ]; then
		printf '    %sok%s  %s\n' "$green" "$plain" "$2"
	else
		printf '    %sNOT OK%s  %s\n' "$red" "$plain" "$2"
		failures=$((failures + 1))
	fi
}

# A row of the table at the end.
row() {	# $1: what, $2: milliseconds or -, $3: remark
	_time=
	[ "$2" = - ] || _time=$(seconds "$2")
	summary="$summary$(printf '    %-34s %8s  %s' "$1" "$_time" "$3")
"
}

# Run a tool as a person would, and show it.  $1: status it must end with
run() {
	_expected=$1
	shift
	say "\$ $*"
	_start=$(now_ms)
	"$@" >"$tmp/out" 2>&1
	_status=$?
	run_ms=$(($(now_ms) - _start))
	fold -s -w 72 "$tmp/out" | sed 's/^/    | /'
	[ $_status = "$_expected" ]
	must $? "status $_status after $(seconds $run_ms)"
	return 0
}

# ---------------------------------------------------------------- the machine

check_machine() {
	[ "$(id -u)" = 0 ] || give_up "this needs root: it starts a Docker" \
		"daemon of its own and mounts a stick. Try: sudo make demo"
	dockerd_usable || give_up "$dockerd_why"
	database_usable || give_up "$database_why"
	for _tool in snapshot verify restore-volume probe; do
		[ -x "$bin/$_tool" ] || give_up "$bin/$_tool is missing: make"
	done
	tmp=$(mktemp -d "${TMPDIR:-/tmp}/drydock-demo.XXXXXX") || exit 1
	_free=$(df -Pm "$tmp" | awk 'END { print $4 }')
	[ "$_free" -ge $SPACE_MB ] || give_up "needs $SPACE_MB MB in" \
		"${TMPDIR:-/tmp}, there are $_free; set TMPDIR"
}

clean_up() {
	_result=$?
	trap - EXIT HUP INT TERM
	cd /
	dockerd_sweep
	[ -z "$stick_is_mounted" ] || umount "$tmp/stick" ||
		umount -l "$tmp/stick"
	rm -rf "$tmp"
	exit $_result
}

start_engine() {
	dockerd_start "$tmp/host" && return 0
	tail -n 5 "$tmp/host/dockerd.log" | sed 's/^/    | /'
	give_up "Docker does not start on this machine"
}

# ---------------------------------------------------------------- the stick

# The tools need a hint only where FAT would have forced them by itself.
stick_kind= stick_options=

make_stick() {
	mkdir "$tmp/stick"
	truncate -s ${STICK_MB}M "$tmp/stick.img"
	if command -v mkfs.vfat >/dev/null &&
		mkfs.vfat -F 32 -n DRYDOCK "$tmp/stick.img" >/dev/null 2>&1 &&
		plug_in 2>/dev/null; then
		stick_kind="FAT, as sticks come from the shop"
	elif mkfs.ext4 -q -F -L drydock "$tmp/stick.img" >/dev/null 2>&1 &&
		plug_in 2>/dev/null; then
		stick_kind="ext4: this kernel has no FAT"
		# What FAT's 4 GiB do to a big volume, on a small one.
		stick_options="--part-size 64M"
	else
		stick_kind="a plain folder: nothing can be mounted here"
		stick_options="--part-size 64M --any-directory"
	fi
}

plug_in() {
	mount -o loop "$tmp/stick.img" "$tmp/stick" && stick_is_mounted=1
}

# So that what is read next comes from the medium.
replug() {
	[ -n "$stick_is_mounted" ] || return 0
	umount "$tmp/stick" && stick_is_mounted= && plug_in
}

# ---------------------------------------------------------------- the stack

compose=

find_compose() {
	if docker compose version >/dev/null 2>&1; then
		compose="docker compose"
	elif command -v docker-compose >/dev/null; then
		compose=docker-compose
	fi
	[ -n "$compose" ] || return 0
	mkdir "$tmp/shop"
	cat >"$tmp/shop/docker-compose.yml" <<-END
	services:
	  db:
	    image: database
	    container_name: db
	    command: /start-postgres
	    user: postgres
	    network_mode: none
	    stop_signal: SIGINT
	    volumes: ["dbdata:/var/lib/postgresql/data"]
	volumes:
	  dbdata:
	END
}

# The database comes up: by Compose where there is a client, else with the
# labels that Compose would give.
stack_up() {
	if [ -n "$compose" ]; then
		(cd "$tmp/shop" && $compose -p shop up -d) >"$tmp/up" 2>&1 &&
			postgres_wait db
	else
		docker_ volume inspect shop_dbdata >/dev/null 2>&1 ||
			docker_ volume create \
			--label com.docker.compose.project=shop \
			--label com.docker.compose.volume=dbdata \
			--label com.docker.compose.version=2.40.3 \
			--label com.docker.compose.config-hash=6f1d34c8 \
			shop_dbdata >/dev/null
		postgres_start db shop_dbdata \
			--label com.docker.compose.project=shop \
			--label com.docker.compose.service=db
	fi
	_up=$?
	[ -z "$has_redis" ] || redis_start cache shop_cache || _up=1
	return $_up
}

# Without config-hash, which is left out on purpose: where it does not match,
# Compose deletes the volume.
labels_of() {
	docker_ volume inspect -f '{{range $k, $v := .Labels}}{{$k}}={{$v}}
{{end}}' "$1" | grep -v -e config-hash -e '^$' | sort
}

# $1: database | cache
contents_of() {
	case $1 in
	database) postgres_sum db ;;
	cache) [ -z "$has_redis" ] || redis_sum cache ;;
	esac
}

# ---------------------------------------------------------------- the story

take_stock() {
	start_engine
	docker_ volume create --label demo=1 unrelated >/dev/null
	say "Docker $(docker_ version -f '{{.Server.Version}}'), data-root" \
		"$dockerd_root; its own socket, no bridge, no firewall rules"
}

build_image() {
	database_image "$tmp" || give_up "no image could be imported"
	_what=PostgreSQL
	[ -z "$has_redis" ] || _what="PostgreSQL and Redis"
	say "$_what, $(docker_ image inspect -f '{{.Size}}' database |
		awk '{ printf "%d MB", $1 / 1000000 }'), by docker import"
}

load() {
	stack_up || give_up "the database does not start"
	postgres_load db $ROWS || give_up "the rows cannot be loaded"
	[ -z "$has_redis" ] || redis_load cache $KEYS
	database_before=$(contents_of database)
	cache_before=$(contents_of cache)
	labels_before=$(labels_of shop_dbdata)
	say "${compose:-no Compose client here; volume labels as Compose's}"
	say "volume shop_dbdata: $database_before (rows, MD5 over all)"
	[ -z "$has_redis" ] ||
		say "volume shop_cache: $cache_before (keys, digest)"
	[ "${database_before%% *}" -ge $ROWS ]
	must $? "$ROWS rows are in the database"
}

take_snapshot() {
	database_stop $containers
	volumes_size=$(megabytes "$dockerd_root/volumes")
	run 0 snapshot --new-key key
	# shellcheck disable=SC2086
	run 0 snapshot --to stick --with-tools --key key $stick_options \
		$volumes
	row "snapshot, read back from the stick" $run_ms "$volumes_size -> \
$(megabytes stick/drydock/snapshots) on the stick"
}

# A daemon that died is not a database that stopped.
survive_the_daemon() {
	docker_ start db >/dev/null
	dockerd_kill9
	run 11 restore-volume --from stick latest shop_dbdata
	dockerd_end_orphans
	start_engine
}

destroy() {
	docker_ rm -f $containers >/dev/null
	docker_ volume rm $volumes >/dev/null
	[ "$(docker_ volume ls -q)" = unrelated ]
	must $? "the volumes are gone"
	dockerd_stop
	! docker_ version >/dev/null 2>&1
	must $? "and so is the daemon"
}

restore() {
	replug || give_up "the stick cannot be plugged in again"
	on_stick=stick/drydock/bin/$(uname -m)
	run 0 $on_stick/verify --deep --data --key key.pub stick
	row "verify --deep --data" $run_ms \
		"every byte, member and database page"
	# shellcheck disable=SC2086
	run 0 $on_stick/restore-volume --from stick --key key.pub latest \
		$volumes
	row "restore-volume, no daemon" $run_ms "every hash and attribute"
}

compare() {
	start_engine
	[ "$(labels_of shop_dbdata)" = "$labels_before" ]
	must $? "the volume's labels are back"
	stack_up
	must $? "the containers run"
	[ -z "$compose" ] || ! grep -i -e 'not created by' -e recreat \
		-e warn "$tmp/up"
	must $? "Compose takes the volume for its own, without a word"
	_after=$(contents_of database)
	say "volume shop_dbdata: $_after"
	[ "$_after" = "$database_before" ]
	must $? "all rows are back, and equal"
	[ "$(contents_of cache)" = "$cache_before" ]
	must $? "all keys are back, and equal"
	row "rows before, and after" - "${database_before%% *}, ${_after%% *}"
	# shellcheck disable=SC2046
	run 0 probe docker:// $(printf 'docker://%s ' $containers) \
		$(printf 'volume://%s ' $volumes)
	row "probe" $run_ms "engine, containers and volumes work"
}

# One bit in the middle of the largest file.
rot() {
	cp -a stick second
	_victim=$(find stick/drydock/snapshots -type f -name '*.tar.zst*' \
		-printf '%s %p\n' | sort -n | awk 'END { print $2 }')
	_at=$(($(stat -c %s "$_victim") / 2))
	_byte=$(od -An -tu1 -j$_at -N1 "$_victim")
	# shellcheck disable=SC2059
	printf "\\$(printf %o $((_byte ^ 4)))" |
		dd of="$_victim" bs=1 seek=$_at conv=notrunc status=none
	sync "$_victim"
	say "one bit at byte $_at of $(basename "$_victim")"
	replug
	run 5 verify stick
	grep -q "$(basename "$_victim")" "$tmp/out"
	must $? "the damaged file is named"
	row "verify finds one flipped bit" $run_ms "status 5, the file named"
	run 5 restore-volume --from stick --to new latest shop_dbdata
	[ ! -e new ]
	must $? "nothing was restored from it"
}

# The same stick's twin, from the drawer.
mend() {
	run 4 verify --with second stick
	row "verify --with a second stick" $run_ms "status 4: it can be mended"
	run 3 verify --with second --repair stick
	row "verify --repair" $run_ms "the bit is right again; a warning stays"
	replug
	run 0 verify --html state.html stick
	[ -s state.html ]
	must $? "the state of every stick is a page to be filed"
}

tell_end() {
	printf '\n%s    %-34s %8s%s\n%s' "$bold" "summary" "" "$plain" \
		"$summary"
	if [ $failures = 0 ]; then
		printf '\n    %sall as it should be%s\n' "$green" "$plain"
	else
		printf '\n    %s%d things are NOT as they should be%s\n' \
			"$red" $failures "$plain"
	fi
}

trap clean_up EXIT
trap 'exit 1' HUP INT TERM
check_machine
begun=$(now_ms)
volumes=shop_dbdata containers=db has_redis=
if redis_usable; then
	volumes="$volumes shop_cache" containers="$containers cache"
	has_redis=1
fi
cd "$tmp" || exit 1
PATH=$bin:$PATH
DOCKER_HOST=unix://$tmp/host/docker.sock
DRYDOCK_DATA_ROOT=$tmp/host/data
DRYDOCK_CATALOG=$tmp/catalog.db
export PATH DOCKER_HOST DRYDOCK_DATA_ROOT DRYDOCK_CATALOG
find_compose

printf '%sDrydock: a Docker host dies, a stick brings its data back%s\n' \
	"$bold" "$plain"
step "A private Docker engine; the machine's own is not touched"
take_stock
step "An image, made of the packages on this machine"
build_image
step "A database with a million rows in a named volume"
load
make_stick
step "Stopped and taken onto a stick ($stick_kind)"
take_snapshot
step "The daemon dies by kill -9: its container lives on, hands off"
survive_the_daemon
step "The disaster: volumes deleted, Docker dead"
destroy
step "From the stick alone, with no Docker: prove it, bring it back"
restore
step "Docker starts again; the containers are none the wiser"
compare
step "A bit rots on the stick: nothing pretends to be well"
rot
step "A second stick mends the first"
mend
row "all of this" $(($(now_ms) - begun)) ""
tell_end
[ $failures = 0 ]
