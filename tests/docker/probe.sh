#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# probe against a real engine, with containers in each state, and against the
# same host when its engine has been killed.
. tests/docker/scene.sh
scene_open

# $1: code, $2: name; of the first check that the last run tells
code() {
	_code=$(sed -n 's/.*"message_type":"check".*"code":"\([a-z0-9-]*\)".*/\1/p' \
		"$tmp/out" | head -n 1)
	same "$_code" "$1" "$2"
}

# Until the engine says so of a container: $1 format, $2 name, $3 pattern.
until_is() {
	_tries=0
	while [ $_tries -lt 300 ]; do
		docker_ inspect -f "$1" "$2" 2>/dev/null | grep -qE "$3" && return 0
		sleep 0.1
		_tries=$((_tries + 1))
	done
	return 1
}

start() { docker_ run -d --network none "$@" >"$tmp/out" 2>"$tmp/err"; }
# Every test's disk may be full by its own standards.
roomy="--warn free-percent=0 --warn inodes-percent=0"

start --name plain box sleep 1000
start --name good --health-cmd true --health-interval 1s box sleep 1000
start --name bad --health-cmd 'echo no such table; exit 1' \
	--health-interval 1s --health-retries 1 box sleep 1000
start --name nocurl --health-cmd 'curl -f http://localhost' \
	--health-interval 1s --health-retries 1 box sleep 1000
start --name slow --health-cmd false --health-interval 1s \
	--health-start-period 600s box sleep 1000
start --name ended box sh -c 'exit 3'
start --name done box true
start --name paused box sleep 1000
start --name loop --restart always box sh -c 'exit 1'
docker_ create --name made --network none box sleep 1 >/dev/null 2>&1
start --name nocommand box nonesuch
mkdir -p "$tmp/conf.d"
start --name folder -v "$tmp/gone/app.conf:/etc/app.conf" \
	-v "$tmp/conf.d:/etc/conf.d" box sleep 1000
start --name data -v shop_data:/data box sh -c 'echo 15 >/data/PG_VERSION; sleep 1000'
docker_ volume create shop_empty >/dev/null
docker_ pause paused >/dev/null

until_is '{{.State.Health.Status}}' good '^healthy' &&
	until_is '{{.State.Health.Status}}' bad '^unhealthy' &&
	until_is '{{.State.Health.Status}}' nocurl '^unhealthy' &&
	until_is '{{.State.Status}}' ended '^exited' &&
	until_is '{{.State.Status}}' done '^exited' &&
	until_is '{{.RestartCount}}' loop '^[1-9]'
ok $? "containers in each state"

# ---------------------------------------------------------------- containers

# $1: status, $2: code, the rest: arguments; the first check told has it
finds() {
	_status=$1 _wanted=$2
	shift 2
	try probe --json "$@"
	code "$_wanted" "$_wanted: $*"
	gives "$_status" "status $_status"
}
finds 0 ok docker://
says '"fact_version":"[0-9]' "the engine's version is told"
finds 0 ok docker://plain
finds 0 ok --expect health=healthy docker://good
finds 1 health-no-healthcheck --expect health=healthy docker://plain
finds 1 unhealthy docker://bad
says 'no such table' "with what the check printed"
finds 1 health-binary-missing docker://nocurl
finds 1 health-starting docker://slow
finds 1 container-exited docker://ended
says 'status 3' "with its exit status"
finds 1 container-exited docker://done
finds 0 ok --expect state=completed docker://done
finds 1 still-runs --expect state=completed docker://plain
finds 1 container-paused docker://paused
finds 1 container-created docker://made
finds 1 exit-127 docker://nocommand
finds 1 container-missing docker://nonesuch
finds 1 mount-missing --expect mount=/none docker://data
finds 0 ok --expect mount=/data docker://data
finds 1 socket-not-mounted --expect mount=/var/run/docker.sock docker://plain
finds 1 bind-became-directory docker://folder
rmdir "$tmp/gone/app.conf"
finds 1 bind-missing docker://folder
mkdir "$tmp/gone/app.conf"
# It runs for a moment now and then.
finds 1 restart-loop --tries 20 --limit 1s docker://loop ||
	try probe --json docker://loop
# shellcheck disable=SC2086
finds 0 ok $roomy --expect marker=PG_VERSION volume://shop_data
# shellcheck disable=SC2086
finds 1 volume-empty $roomy volume://shop_empty
finds 1 volume-missing volume://empty
says 'there is shop_empty' "and which one it may be"

# --------------------------------------------------------------------- host

try probe --json --host
gives 1 "--host with failing containers"
says '"name":"plain".*"status":"ok"' "containers are asked of the engine"
says '"name":"loop".*"status":"(fail|warn)"' "one that is to stay up fails"
says '"name":"ended".*"status":"warn"' "one that nothing restarts only warns"
says '"name":"volume://shop_empty".*"status":"warn".*"volume-empty"' \
	"an empty volume warns"
"$bin/probe" --init >"$tmp/host.yml" 2>/dev/null
try probe -n -f "$tmp/host.yml"
gives 0 "and --init writes it down"

# A container that comes up while one waits.
docker_ create --name late --network none box sleep 1000 >/dev/null
(
	while ! grep -qs 'container-created' "$tmp/err"; do sleep 0.05; done
	docker_ start late >/dev/null
) &
try probe --wait 60s docker://late
wait $!
gives 0 "--wait, until a container runs"

# ------------------------------------------------------------ without engine

dockerd_kill9
finds 1 engine-down docker:// docker://plain
says '"target":"docker://plain".*"code":"need-failed"' \
	"containers are skipped"
try probe --json --host
gives 1 "--host with a dead engine"
code engine-down "which is what it says first"
says '"name":"plain \(record\)".*"code":"ok"' "records are looked at"
says '"name":"folder \(record\)".*"code":"bind-became-directory"' \
	"and what they mount"
# shellcheck disable=SC2086
finds 0 ok $roomy --expect marker=PG_VERSION volume://shop_data
mv "$data/volumes/shop_data" "$tmp/away"
finds 1 volume-missing --set offline=true docker://data
mv "$tmp/away" "$data/volumes/shop_data"
rm -f "$dockerd_sock"
finds 1 socket-missing docker://

# It comes back, and so does all that was up.
dockerd_end_orphans
dockerd_start "$tmp/d"
try probe --json --wait 60s docker://loop docker://
says '"target":"docker://","status":"ok"' "the engine is back"
scene_close
