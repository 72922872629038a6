# SPDX-License-Identifier: BSD-2-Clause
#
# What the end-to-end scripts beside it share: TAP points, a private engine, a
# medium, and our shipped tools run on both.  To be sourced first.
#
#	scene_open NEED...		engine up, folder $tmp, $data, $stick;
#					NEED is "databases"; SKIPs the whole
#					script where the machine has it not
#	try TOOL ARGUMENT...		output in $tmp/out, $tmp/err; $status
#	gives STATUS "name"		a point: that is how it ended
#	says REGEX "name"		a point: out or err has such a line
#	silent REGEX "name"		a point: neither has
#	ok $? "name"			a point of any other kind
#	same A B "name"			two texts
#	skip "name" "why"
#	in_box VOLUME SCRIPT		sh in a container, volume at /v
#	tree_of FOLDER			what is in it, as text: types, modes,
#					owners, times, contents
#	labels_of VOLUME		as the engine says, sorted
#	scene_close			the plan; the status

set -u
LC_ALL=C TZ=UTC
export LC_ALL TZ
. tests/docker/dockerd.sh
. tests/docker/postgres.sh

bin=$(cd "${BIN:-build/musl/bin}" && pwd) || exit 1
points=0 failures=0 status=0 tmp= data= stick=

ok() {
	points=$((points + 1))
	if [ "$1" = 0 ]; then
		echo "ok $points - $2"
	else
		echo "not ok $points - $2"
		tail -qn 12 "$tmp/out" "$tmp/err" 2>/dev/null | sed 's/^/# /'
		failures=$((failures + 1))
	fi
}

skip() {
	points=$((points + 1))
	echo "ok $points - $1 # SKIP $2"
}

skip_all() {
	echo "1..0 # SKIP $*"
	exit 0
}

same() {
	[ "$1" = "$2" ]
	_same=$?
	[ $_same = 0 ] || printf 'one: %s\nother: %s\n' "$1" "$2" >"$tmp/out"
	ok $_same "$3"
}

try() {
	_tool=$1
	shift
	"$bin/$_tool" "$@" >"$tmp/out" 2>"$tmp/err" </dev/null
	status=$?
}

gives() {
	[ "$status" = "$1" ] || echo "status $status, not $1" >>"$tmp/err"
	[ "$status" = "$1" ]
	ok $? "$2"
}

says() {
	cat "$tmp/out" "$tmp/err" | grep -qE -e "$1"
	ok $? "$2"
}

silent() {
	! cat "$tmp/out" "$tmp/err" | grep -qE -e "$1"
	ok $? "$2"
}

in_box() {
	docker_ run --rm --network none -v "$1:/v" box sh -c "$2"
}

tree_of() {
	(
		cd "$1" 2>/dev/null || { echo "no $1"; exit; }
		find . -printf '%p %y %m %U:%G %n %T@ %l\n' | sort
		find . -type f -print0 | sort -z | xargs -0r sha256sum
	)
}

labels_of() {
	docker_ volume inspect -f '{{range $k, $v := .Labels}}{{$k}}={{$v}}
{{end}}' "$1" 2>&1 | grep -v '^$' | sort
}

scene_clean() {
	dockerd_sweep
	[ -z "$tmp" ] || rm -rf "$tmp"
}

scene_open() {
	dockerd_usable || skip_all "$dockerd_why"
	for _need; do
		database_usable || skip_all "$database_why"
		[ "$_need" != redis ] || redis_usable ||
			skip_all "no Redis server installed"
	done
	tmp=$(mktemp -d "${TMPDIR:-/tmp}/drydock-scene.XXXXXX") || exit 1
	trap scene_clean EXIT
	trap 'exit 1' HUP INT TERM
	dockerd_start "$tmp/d" || {
		tail -n 5 "$tmp/d/dockerd.log" >&2
		skip_all "the engine does not start here"
	}
	docker_image "$tmp" || skip_all "no image can be imported"
	data=$dockerd_root
	stick=$tmp/stick
	mkdir "$stick"
	DRYDOCK_DATA_ROOT=$data
	DOCKER_HOST=unix://$dockerd_sock
	# The medium is a plain folder here; that a mount point is asked for
	# otherwise is tested elsewhere.
	DRYDOCK_ANY_DIRECTORY=1
	DRYDOCK_CATALOG=$tmp/catalog.db
	export DRYDOCK_DATA_ROOT DOCKER_HOST DRYDOCK_ANY_DIRECTORY DRYDOCK_CATALOG
}

scene_close() {
	echo "1..$points"
	[ $failures = 0 ]
}
