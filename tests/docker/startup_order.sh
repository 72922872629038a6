#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# startup-order on a real engine, with containers as Compose labels them: a
# stack comes up gate by gate and goes down the other way round; what fails is
# named, and what was started for it stopped again; and the demo stack is
# brought up on an engine that has just come back from the dead.
. tests/docker/scene.sh

scene_open
log=$tmp/log
mkdir "$log"

# A container as Compose makes one: $1 project, $2 service, $3 depends_on as in
# its label, $4 script; the rest: options.  It says in $log/order that it
# starts, and when it is told to end.
compose_create() {
	_project=$1 _service=$2 _needs=$3 _script=$4
	shift 4
	docker_ create --name "$_project-$_service-1" --network none \
		--stop-timeout 3 -v "$log:/log" \
		--label com.docker.compose.project="$_project" \
		--label com.docker.compose.service="$_service" \
		--label com.docker.compose.container-number=1 \
		--label com.docker.compose.oneoff=False \
		--label com.docker.compose.depends_on="$_needs" "$@" \
		box sh -c "echo start $_service >>/log/order
			trap 'echo stop $_service >>/log/order; exit 0' TERM
			busybox rm -f /tmp/ready /tmp/told
			$_script" >/dev/null || return 1
}

# What a server does; $1: seconds until it is ready.
serves() {
	echo "sleep $1 & wait; echo >/tmp/ready; while :; do sleep 1000 & wait; done"
}

# A check that notes its first success; $1: service
checked() {
	echo "[ -e /tmp/ready ] || { echo not yet; exit 1; }
		[ -e /tmp/told ] || echo healthy $1 >>/log/order; echo >/tmp/told"
}

quick='--health-interval 300ms --health-timeout 2s --health-retries 20'

up() {
	_project=$1
	shift
	try startup-order --from-host --data-root "$data" \
		--project "$_project" --record "$tmp/runs.jsonl" --up "$@"
}

in_order() {	# $1, $2: lines of $log/order
	awk -v a="$1" -v b="$2" '$0 == a && !x { x = NR }
		$0 == b && !y { y = NR } END { exit !(x && y && x < y) }' \
		"$log/order" 2>"$tmp/err"
	_order=$?
	[ $_order = 0 ] || cp "$log/order" "$tmp/out"
	ok $_order "'$1' comes before '$2'"
}

runs() {	# $1: project; the services that run, in one line
	docker_ ps --filter "label=com.docker.compose.project=$1" \
		--format '{{.Label "com.docker.compose.service"}}' | sort |
		tr '\n' ' '
}

# ------------------------------------------------------------ nine containers
compose_create shop db "" "$(serves 2)" $quick --health-cmd "$(checked db)"
compose_create shop cache "" "$(serves 0)" $quick \
	--health-cmd "$(checked cache)"
compose_create shop migrate db:service_healthy:false \
	'sleep 1; echo migrated >>/log/order'
compose_create shop api \
	migrate:service_completed_successfully:false,cache:service_healthy:true \
	"$(serves 1)" $quick --health-cmd "$(checked api)"
compose_create shop worker api:service_started:true "$(serves 0)"
compose_create shop web api:service_healthy:true "$(serves 0)" $quick \
	--health-cmd "$(checked web)"
compose_create shop proxy web:service_healthy:true "$(serves 0)"
compose_create shop metrics "" "$(serves 0)"
compose_create shop grafana metrics:service_started:false "$(serves 0)"
# Neither of these is a service: a one-off run, and another project.
docker_ create --name shop-run --network none \
	--label com.docker.compose.project=shop \
	--label com.docker.compose.service=api \
	--label com.docker.compose.oneoff=True box sleep 1000 >/dev/null
compose_create other db "" "$(serves 0)"

up shop --plan
gives 0 "a plan"
says '^layer 5$' "it has five layers"
says '^  POST /containers/shop-migrate-1/wait\?condition=next-exit$' \
	"the wait for the one-shot"
says '^      db: until healthy, at most [0-9]+ s$' "a gate and its limit"
same "$(runs shop)$(cat "$log/order" 2>/dev/null)" "" "nothing was started"

up shop --json
gives 0 "nine containers come up"
in_order 'healthy db' 'start migrate'
in_order 'migrated' 'start api'
in_order 'healthy cache' 'start api'
in_order 'healthy api' 'start web'
in_order 'healthy web' 'start proxy'
in_order 'start cache' 'healthy db'
in_order 'start grafana' 'healthy db'
same "$(runs shop)" "api cache db grafana metrics proxy web worker " \
	"all servers run, the one-shot has ended"
same "$(docker_ inspect -f '{{.State.Status}}' shop-run other-db-1 |
	tr '\n' ' ')" "created created " "nothing else was started"
says '"event":"arrived","service":"migrate","text":"ended with status 0"' \
	"JSON: the one-shot ended"
says '"message_type":"summary","operation":"up","done":true' "JSON: summary"
grep -q '"operation":"up","project":"shop","outcome":"done".*"uid":0,' \
	"$tmp/runs.jsonl"
ok $? "the run is on record"

up shop
gives 0 "up once more"
says 'left +db: runs already, healthy' "what runs is left alone"
says 'left +migrate: has ended with status 0 before' "the one-shot too"
says '^up: 0 services started, 9 ran or had' "nothing was started"
same "$(awk 'length > 80' "$tmp/out" "$tmp/err")" "" "80 columns"

: >"$log/order"
try startup-order --from-host --data-root "$data" --project shop --down \
	--record "$tmp/runs.jsonl"
gives 0 "down"
in_order 'stop proxy' 'stop web'
in_order 'stop web' 'stop api'
in_order 'stop worker' 'stop api'
in_order 'stop api' 'stop db'
in_order 'stop grafana' 'stop metrics'
same "$(runs shop)" "" "nothing runs"

# --------------------------------------------------- engine dead, engine back
dockerd_kill9
dockerd_end_orphans
dockerd_start "$tmp/d" || skip_all "the engine does not come back"
: >"$log/order"
up shop --again
gives 0 "up after the engine died"
in_order 'healthy db' 'start migrate'
in_order 'migrated' 'start api'
docker_ stop -t 1 $(docker_ ps -q) >/dev/null

# ------------------------------------------------------------------- failures
# $1: project, $2: the failing service's script, the rest: its options.  A
# server that runs already, one that is started for it, and one that waits.
failing() {
	_p=$1 _s=$2
	shift 2
	compose_create "$_p" old "" "$(serves 0)"
	compose_create "$_p" db old:service_started:false "$(serves 0)"
	compose_create "$_p" bad db:service_started:false "$_s" "$@"
	compose_create "$_p" last bad:service_healthy:false "$(serves 0)"
	docker_ start "$_p-old-1" >/dev/null
	: >"$log/order"
}

rolled_back() {	# $1: project
	same "$(runs "$1")" "old " "$1: only what ran before runs"
	! grep -q '^start last$' "$log/order"
	ok $? "$1: its dependent was never started"
	says 'rolled back: [0-9]+ services stopped again' "$1: and says so"
}

failing sick "$(serves 0)" --health-interval 300ms --health-retries 2 \
	--health-cmd 'echo cannot reach the database; exit 1'
up sick
gives 1 "an unhealthy service"
says "service 'bad' is unhealthy" "is named"
says 'probe ended with status 1: cannot reach the database' \
	"with its health log"
rolled_back sick
grep -q '"project":"sick","outcome":"failed","rolled_back":true' \
	"$tmp/runs.jsonl"
ok $? "the failure is on record"

failing loop 'sleep 0.2; exit 5' --restart always --health-interval 1h \
	--health-cmd true
up loop
gives 1 "a restart loop"
says 'restart loop: restarted [0-9]+ times, each time it ended with status 5' \
	"is seen"
rolled_back loop
docker_ rm -f loop-bad-1 >/dev/null	# or each engine starts it again

failing slow "$(serves 1000)" --health-interval 300ms --health-retries 1000 \
	--health-cmd "$(checked bad)"
up slow --timeout 3
gives 1 "a service that is never ready"
says 'was not healthy within 3\.0 s' "is given up in time"
rolled_back slow

failing ends 'exit 3' $quick --health-cmd true
up ends
gives 1 "a service that ends"
says 'ended with status 3 before it was healthy' "is named with its status"
rolled_back ends

compose_create lost db "" "$(serves 0)"
docker_ create --name lost-bad-1 --network none \
	--label com.docker.compose.project=lost \
	--label com.docker.compose.service=bad \
	--label com.docker.compose.depends_on=db:service_started:false \
	box /no/such/program >/dev/null
up lost
gives 1 "a missing program"
tr '\n' ' ' <"$tmp/err" | tr -s ' ' >"$tmp/out"
says 'is missing.* exec: "/no/such/program"' "is named"
same "$(runs lost)" "" "lost: rolled back"
: >"$tmp/err"
up lost --keep
gives 1 "the same with --keep"
says 'not rolled back' "says what it leaves"
same "$(runs lost)" "db " "lost: db was kept"

compose_create unchecked db "" "$(serves 0)"
compose_create unchecked web db:service_healthy:true "$(serves 0)"
up unchecked
gives 12 "health is asked of what has no check"
says "service 'db' has no health check" "said before anything is started"
same "$(runs unchecked)" "" "and nothing was"

# --------------------------------------------------------------- interruption
failing wait "$(serves 1000)" --health-interval 300ms --health-retries 1000 \
	--health-cmd "$(checked bad)"
# In a shell of its own: one in the background would ignore the signal.
"$bin/startup-order" --from-host --data-root "$data" --project wait --up \
	--record /dev/null/no >"$tmp/out" 2>"$tmp/err" &
tool=$!
tries=0
until [ "$(runs wait)" = "bad db old " ] || [ $tries = 200 ]; do
	sleep 0.1
	tries=$((tries + 1))
done
kill -TERM $tool
wait $tool
status=$?
gives 143 "SIGTERM"
rolled_back wait
says 'warning: this run is not recorded' "a record that cannot be kept"

# -------------------------------------------------------------- the demo stack
# As tests/data/startup-order/demo-stack.yml says; the first words are service
# and seconds until ready, the rest what it waits for to be healthy.
demo() {
	_service=$1 _after=$2
	shift 2
	_needs=
	for _need; do
		_needs="$_needs${_needs:+,}$_need:service_healthy:true"
	done
	compose_create demo "$_service" "$_needs" "$(serves "$_after")" \
		--health-interval 500ms --health-timeout 2s \
		--health-retries 10 --health-start-period 5s \
		--restart unless-stopped --health-cmd "$(checked "$_service")"
}
demo postgres 2
demo redis 0
demo api 1 postgres redis
demo web 0 api
demo proxy 0 web
demo prometheus 1 proxy
demo grafana 1 prometheus
docker_ stop -t 1 $(docker_ ps -q) >/dev/null
dockerd_stop
dockerd_start "$tmp/d" || skip_all "the engine does not come back"
same "$(docker_ ps -q)" "" "a fresh engine, nothing runs"
: >"$log/order"
file=tests/data/startup-order/demo-stack.yml
try startup-order -f $file --format mermaid
cp "$tmp/out" "$tmp/of_file"
try startup-order --from-host --data-root "$data" --project demo \
	--format mermaid
cmp "$tmp/out" "$tmp/of_file" >/dev/null
ok $? "the file and the containers' labels give one order"
try startup-order -f $file --record "$tmp/runs.jsonl" --up
gives 0 "the demo stack comes up"
cp "$tmp/err" "$tmp/demo"
sed 's/^/# /' "$tmp/demo"
same "$(runs demo)" "api grafana postgres prometheus proxy redis web " \
	"all seven run"
for pair in postgres:api redis:api api:web web:proxy proxy:prometheus \
	prometheus:grafana; do
	in_order "healthy ${pair%:*}" "start ${pair#*:}"
done
same "$(awk 'length > 80' "$tmp/demo")" "" "80 columns"
docker_ pause demo-redis-1 >/dev/null
try startup-order -f $file --record "$tmp/runs.jsonl" --up
gives 0 "up with one that is paused"
says 'start +redis: was paused' "it is unpaused"
says 'up +redis: healthy' "and healthy by a probe made since"
: >"$log/order"
try startup-order -f $file --record "$tmp/runs.jsonl" --down --stop-timeout 5
gives 0 "the demo stack goes down"
says '^down: 7 services stopped' "all of it"
says '^7 containers that were stopped have restart: unless-stopped' \
	"what that means is said"
in_order 'stop grafana' 'stop prometheus'
in_order 'stop api' 'stop postgres'
try startup-order -f $file --record "$tmp/runs.jsonl" --down
gives 0 "down once more"
says '^down: 0 services stopped' "there is nothing to stop"

# ------------------------------------------------ the engine dies in the middle
"$bin/startup-order" --from-host --data-root "$data" --project wait --up \
	--record "$tmp/runs.jsonl" >"$tmp/out" 2>"$tmp/err" &
tool=$!
tries=0
until [ "$(runs wait)" = "bad db old " ] || [ $tries = 200 ]; do
	sleep 0.1
	tries=$((tries + 1))
done
dockerd_kill9
wait $tool
status=$?
gives 1 "the engine dies in the middle"
tr '\n' ' ' <"$tmp/err" | tr -s ' ' >"$tmp/out"
says 'cannot be looked at: engine at .*: cannot connect' "that is said"
says 'NOT stopped.*: bad, db' "and what may run on"
dockerd_end_orphans
scene_close
