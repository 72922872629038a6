#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Thirty services on a real engine (tests/data/probe/stack.yml): judged within
# two seconds while all is well; and faults, each with the right root cause in
# the first line.
. tests/docker/scene.sh
scene_open
busybox httpd --help 2>&1 | grep -q Usage || skip_all "busybox has no httpd"

stack=tests/data/probe/stack.yml
DIR=$tmp/conf
mkdir -p "$DIR"
echo 'events {}' >"$DIR/nginx.conf"
(umask 077; echo secret >"$DIR/db_password")
ln -s "$dockerd_sock" "$DIR/docker.sock"
export DIR

# A hundred ports that nobody has.
PORTS=$((200 + $$ % 100))
for _ in 1 2 3 4 5 6; do
	"$bin/probe" --json $(seq -f "tcp://127.0.0.1:$PORTS%02g" 4 24) \
		>"$tmp/out" 2>/dev/null
	[ "$(grep -c '"code":"tcp-refused"' "$tmp/out")" != 21 ] || break
	PORTS=$((PORTS + 37))
done
export PORTS
sed "s/@PORTS@/$PORTS/" tests/data/probe/endpoints.yml >"$tmp/endpoints.yml"

# A page for each that serves one, in each container by a mount of its own.
mkdir -p "$tmp/www"
echo '<html>Welcome</html>' >"$tmp/www/index.html"
echo '{"database": "up"}' >"$tmp/www/health.json"
echo 'node_load1 0.5' >"$tmp/www/metrics"

# $1: service, $2: port or -, the rest: options.  As Compose labels them.
up() {
	_name=$1 _port=$2
	shift 2
	_serve=
	[ "$_port" = - ] ||
		_serve="busybox httpd -f -p 127.0.0.1:$PORTS$_port -h /www &
			echo \$! >/tmp/pid;"
	docker_ run -d --name "shop-$_name-1" --network host \
		--restart unless-stopped \
		--label com.docker.compose.project=shop \
		--label com.docker.compose.service="$_name" \
		--label com.docker.compose.container-number=1 \
		-v "$tmp/www:/www" "$@" box sh -c \
		"$_serve echo >/tmp/healthy; while :; do sleep 1000; done" \
		>/dev/null 2>>"$tmp/err" &
	_ups="$_ups $!"
}
# Those that come up: not the engine, which is a child of ours as well.
all_up() {
	# shellcheck disable=SC2086
	wait $_ups
	_ups=
}
_ups=

health="--health-interval 1s --health-retries 1"
data_of() { echo "-v shop_$1:$2"; }
: >"$tmp/err"
for _volume in pgdata redis rabbitmq minio vault metrics grafana loki registry; do
	docker_ volume create "shop_$_volume" >/dev/null
	echo data >"$data/volumes/shop_$_volume/_data/data"
done
# shellcheck disable=SC2086,SC2046
{
	up postgres - $(data_of pgdata /var/lib/postgresql/data) \
		--health-cmd '[ -e /tmp/healthy ]' $health
	up redis - $(data_of redis /data) \
		--health-cmd '[ -e /tmp/healthy ]' $health
	up rabbitmq - $(data_of rabbitmq /var/lib/rabbitmq)
	up minio 04 $(data_of minio /data)
	up vault - $(data_of vault /vault)
	docker_ run --name shop-migrate-1 --network host \
		--label com.docker.compose.project=shop \
		--label com.docker.compose.service=migrate \
		--label com.docker.compose.container-number=1 \
		box sh -c '[ ! -e /tmp/fails ]' >/dev/null
	up api 07 --health-cmd '[ -e /tmp/healthy ]' $health
	up auth 11
	up web 14
	up admin 15
	up docs 16
	up proxy 17 -v "$DIR/nginx.conf:/etc/nginx/nginx.conf"
	up prometheus 18 $(data_of metrics /prometheus)
	up grafana 20 $(data_of grafana /var/lib/grafana) \
		--health-cmd '[ -e /tmp/healthy ]' $health
	up loki - $(data_of loki /loki)
	up promtail - -v "$DIR/docker.sock:/var/run/docker.sock"
	up node-exporter 24
	up backup - -v shop_pgdata:/pgdata:ro
	up registry - $(data_of registry /var/lib/registry)
	for _name in worker mailer scheduler search media alertmanager \
		cadvisor postgres-exporter redis-exporter blackbox cron; do
		up $_name -
	done
	all_up
}
same "$(docker_ ps -aq | wc -l)" 30 "thirty containers"

roomy=
stack_is() { try probe --compose $stack -f "$tmp/endpoints.yml" "$@"; }
# A disk of the machine's own may be nearly full, which is no matter here.
without_space() { grep -v -e space-low -e inodes-low "$1"; }

stack_is --wait 60s
stack_is --json
code=$status
without_space "$tmp/out" | grep -q '"status":"\(fail\|unknown\|skip\)"' && code=bad
[ "$code" = 0 ] || [ "$code" = 3 ]
ok $? "all is well"
took=$(sed -n 's/.*"message_type":"summary".*"took_ms":\([0-9]*\).*/\1/p' "$tmp/out")
echo "# $(grep -c '"message_type":"check"' "$tmp/out") checks in $took ms"
[ "${took:-9999}" -lt 2000 ]
ok $? "thirty services within two seconds"
[ "$(grep -c '"message_type":"check"' "$tmp/out")" -ge 55 ]
ok $? "and nothing left out"

# $1: pattern for the first line, $2: the fault; the file's checks come after.
first() {
	stack_is
	# A long name leaves its reason to the next line.
	head -n 2 "$tmp/out" | tr '\n' ' ' | tr -s ' ' |
		grep -qE "^FAIL $1( |\$)" || {
		echo "the first line is: $(head -n 1 "$tmp/out")" >>"$tmp/err"
		false
	}
	ok $? "$2: $1"
}
well() {
	try probe --wait 30s --json --compose $stack -f "$tmp/endpoints.yml"
	! without_space "$tmp/out" | grep -q '"status":"\(fail\|unknown\|skip\)"' ||
		ok 1 "all is well again"
}

docker_ stop -t 0 shop-postgres-1 >/dev/null
first 'postgres - container-exited' "the database was stopped"
says 'skipped because of it' "what needs it is skipped"
docker_ start shop-postgres-1 >/dev/null
well

# One without a health check: frozen in the middle of one, the engine itself
# may not answer for it.
docker_ pause shop-rabbitmq-1 >/dev/null
first 'rabbitmq - container-paused' "the queue is frozen"
docker_ unpause shop-rabbitmq-1 >/dev/null
well

mv "$data/volumes/shop_minio" "$tmp/away"
first 'volume://shop_minio - volume-missing' "a volume was not restored"
mv "$tmp/away" "$data/volumes/shop_minio"

mv "$DIR/nginx.conf" "$tmp/away.conf"
mkdir "$DIR/nginx.conf"
first "path://$DIR/nginx.conf - bind-became-directory" \
	"the proxy's configuration was not restored"
rmdir "$DIR/nginx.conf"
mv "$tmp/away.conf" "$DIR/nginx.conf"

mv "$DIR/db_password" "$tmp/away.key"
first "path://$DIR/db_password - path-missing" "a secret was not restored"
mv "$tmp/away.key" "$DIR/db_password"

docker_ exec shop-grafana-1 busybox rm /tmp/healthy
_tries=0
until docker_ inspect -f '{{.State.Health.Status}}' shop-grafana-1 |
	grep -q ^unhealthy || [ $_tries -gt 100 ]; do
	sleep 0.1
	_tries=$((_tries + 1))
done
first 'grafana - unhealthy' "a health check fails"
docker_ exec shop-grafana-1 touch /tmp/healthy
well

docker_ exec shop-docs-1 sh -c 'kill -9 "$(cat /tmp/pid)"'
first 'docs port [0-9]+ - port-dead' "a port is published, nobody listens"
docker_ restart -t 0 shop-docs-1 >/dev/null
well

docker_ exec shop-api-1 sh -c 'kill -9 "$(cat /tmp/pid)"'
first 'api port [0-9]+ - healthy-unreachable' \
	"its health check does not see what its clients see"
docker_ restart -t 0 shop-api-1 >/dev/null
well

rm "$tmp/www/metrics"
mkdir "$tmp/www/metrics"
echo '<html>log in</html>' >"$tmp/www/metrics/index.html"
first 'node metrics - html-instead' "a page where metrics were expected"
rm -r "$tmp/www/metrics"
echo 'node_load1 0.5' >"$tmp/www/metrics"

echo '{"database": "down"}' >"$tmp/www/health.json"
first 'api health - json-mismatch' "it runs, but says that it does not work"
echo '{"database": "up"}' >"$tmp/www/health.json"

docker_ rm -f shop-promtail-1 >/dev/null
up promtail -
all_up
first 'promtail - socket-not-mounted' "the engine's socket is not mounted"
docker_ rm -f shop-promtail-1 >/dev/null
up promtail - -v "$DIR/docker.sock:/var/run/docker.sock"
all_up

docker_ rm -f shop-vault-1 >/dev/null
first 'vault - container-missing' "a container was removed"
# shellcheck disable=SC2046
up vault - $(data_of vault /vault)
all_up

docker_ update --restart no shop-auth-1 >/dev/null
docker_ kill -s KILL shop-auth-1 >/dev/null
first 'auth - container-exited' "a service was killed"
docker_ start shop-auth-1 >/dev/null
well

# shellcheck disable=SC2046
docker_ kill $(docker_ ps -q) >/dev/null 2>&1
dockerd_kill9
first 'docker-engine - engine-down' "the engine was killed"
scene_close
