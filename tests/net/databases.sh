#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# probe against real PostgreSQL and Redis servers in every state they have a
# word for, against busybox' httpd, and with names and pings in a network of its
# own.
set -u
. tests/tap.sh
. tests/net/lib.sh

chmod 755 "$tmp"

# -------------------------------------------------------------- PostgreSQL

pg_bin=
for dir in /usr/lib/postgresql/*/bin; do
	[ ! -x "$dir/initdb" ] || pg_bin=$dir
done

# PostgreSQL does not run as root.
as_postgres() {
	if [ "$(id -u)" -eq 0 ]; then
		setpriv --reuid postgres --regid postgres --clear-groups "$@"
	else
		"$@"
	fi
}

# $1: further settings; sets $pg_port
pg_start() {
	pg_port=$(free_port)
	rm -f "$data/postmaster.pid"
	# shellcheck disable=SC2086
	background postgres as_postgres "$pg_bin/postgres" -D "$data" \
		-c listen_addresses=127.0.0.1 -c port="$pg_port" \
		-c unix_socket_directories="$sockets" -c fsync=off $1
}

# $1: what it is to come to, a reason; ten seconds at most
pg_comes_to() {
	_tries=0
	while [ $_tries -lt 100 ]; do
		probe "postgres://127.0.0.1:$pg_port"
		[ "$(said code)" != "$1" ] || return 0
		_tries=$((_tries + 1))
		sleep 0.1
	done
	cat "$tmp/postgres.log" >>"$tmp/err"
	return 1
}

pg_stop() {
	as_postgres "$pg_bin/pg_ctl" -D "$data" -m immediate -w stop \
		>/dev/null 2>&1
	wait "$(cat "$tmp/postgres.pid")" 2>/dev/null
}

# A session that stays until the server ends.
pg_sit() {
	background "$1" as_postgres "$pg_bin/psql" -X -h 127.0.0.1 \
		-p "$pg_port" -U postgres -c 'select pg_sleep(60)' postgres
	_tries=0
	until as_postgres "$pg_bin/psql" -XAt -h "$sockets" -p "$pg_port" \
		-U postgres -c "select 'sits' from pg_stat_activity
		where query like '%pg_sleep(60)%' and pid <> pg_backend_pid()" \
		postgres 2>/dev/null | grep -q sits; do
		[ $_tries -lt 100 ] || return 1
		_tries=$((_tries + 1))
		sleep 0.1
	done
}

test_postgres() {
	data=$tmp/pg/data sockets=$tmp/pg/s
	mkdir -p "$data" "$sockets"
	[ "$(id -u)" -ne 0 ] || chown -R postgres: "$tmp/pg"
	chmod 700 "$data"
	as_postgres "$pg_bin/initdb" -D "$data" -A trust -U postgres -N \
		--locale=C >"$tmp/initdb.log" 2>&1 || {
		cp "$tmp/initdb.log" "$tmp/err"
		ok 1 "a cluster"
		return
	}

	pg_start ""
	pg_comes_to ok
	ok $? "PostgreSQL up"
	probe "postgres:///$sockets"
	code unix-missing "a folder of sockets, another port"
	probe "postgres:///$sockets/.s.PGSQL.$pg_port"
	code ok "through its socket"
	probe "postgres://nobody@127.0.0.1:$pg_port/postgres"
	code ok "a user that it does not know: it is alive"
	probe "postgres://127.0.0.1:$pg_port/nowhere"
	code pg-no-database "a database that is not there"
	probe --set tls=true "postgres://127.0.0.1:$pg_port"
	code pg-no-tls "no TLS"
	probe "redis://127.0.0.1:$pg_port"
	code hung-up "Redis asked for on its port"

	# One session keeps a smart shutdown from ending.
	pg_sit sitter && kill -TERM "$(head -n 1 "$data/postmaster.pid")"
	pg_comes_to pg-stopping
	ok $? "shutting down: code pg-stopping"
	pg_stop
	probe "postgres://127.0.0.1:$pg_port"
	code tcp-refused "stopped"

	# Crashed a moment ago, so it recovers: from an archive that is slow.
	echo "restore_command = 'sleep 30; false'" >>"$data/postgresql.conf"
	as_postgres touch "$data/recovery.signal"
	pg_start ""
	pg_comes_to pg-starting
	ok $? "starting: code pg-starting"
	pg_stop
	rm -f "$data/recovery.signal"
	sed -i '/^restore_command/d' "$data/postgresql.conf"

	as_postgres touch "$data/standby.signal"
	pg_start "-c hot_standby=off"
	pg_comes_to pg-recovering
	ok $? "a standby that takes no one: code pg-recovering"
	pg_stop
	rm -f "$data/standby.signal"

	pg_start "-c max_connections=2 -c superuser_reserved_connections=0 \
		-c max_wal_senders=0"
	pg_comes_to ok && pg_sit first
	background second as_postgres "$pg_bin/psql" -X -h 127.0.0.1 \
		-p "$pg_port" -U postgres -c 'select pg_sleep(60)' postgres
	pg_comes_to pg-full
	ok $? "no connection is left: code pg-full"
	pg_stop
}

# A certificate for 127.0.0.1 that is its own anchor.
own_certificate() {
	openssl req -x509 -newkey rsa:2048 -nodes -keyout "$tmp/own.key" \
		-out "$tmp/own.pem" -days 30 -subj /CN=own \
		-addext subjectAltName=IP:127.0.0.1 >/dev/null 2>&1
}

test_postgres_tls() {
	cp "$tmp/own.key" "$tmp/own.pem" "$tmp/pg"
	[ "$(id -u)" -ne 0 ] || chown postgres: "$tmp/pg/own.key"
	chmod 600 "$tmp/pg/own.key"
	pg_start "-c ssl=on -c ssl_cert_file=$tmp/pg/own.pem \
		-c ssl_key_file=$tmp/pg/own.key"
	pg_comes_to ok
	probe --set tls=true --set ca="$tmp/own.pem" --warn days=1 \
		"postgres://127.0.0.1:$pg_port"
	code ok "PostgreSQL under TLS"
	says '"fact_tls_version":"TLS 1.2"' "which was spoken"
	probe --set tls=true --set ca="$tmp/own.pem" --expect days=60 \
		"postgres://127.0.0.1:$pg_port"
	code cert-expires-soon "its certificate is judged"
	pg_stop
	pg_start "-c ssl=on -c ssl_cert_file=$tmp/pg/own.pem \
		-c ssl_key_file=$tmp/pg/own.key \
		-c ssl_min_protocol_version=TLSv1.3"
	pg_comes_to ok
	probe --set tls=true "postgres://127.0.0.1:$pg_port"
	code tls13-only "TLS 1.3 only"
	pg_stop
}

# ------------------------------------------------------------------- Redis

# $@: further settings; sets $redis_port
redis_start() {
	redis_port=$(free_port)
	background "redis-$redis_port" redis-server --port "$redis_port" \
		--bind 127.0.0.1 --dir "$tmp/redis" --daemonize no "$@"
	answers "$redis_port"
}
redis_stop() { stop "redis-$redis_port"; }
redis_ask() { redis-cli -p "$redis_port" "$@" >/dev/null 2>&1; }

test_redis() {
	mkdir -p "$tmp/redis"
	redis_start --save '' --unixsocket "$tmp/redis/sock"
	probe "redis://127.0.0.1:$redis_port"
	code ok "Redis up"
	probe "redis:///$tmp/redis/sock"
	code ok "through its socket"
	probe "postgres://127.0.0.1:$redis_port"
	says '"code":"(wrong-protocol|hung-up|answer-timeout)"' \
		"PostgreSQL asked on its port"
	redis_ask config set requirepass secret
	printf 'secret\n' >"$tmp/good"
	printf 'guess\n' >"$tmp/bad"
	probe "redis://127.0.0.1:$redis_port"
	code redis-noauth "a password is wanted"
	status warn "which is a warning"
	probe --set password-file="$tmp/good" "redis://127.0.0.1:$redis_port"
	code ok "with the password"
	probe --set password-file="$tmp/bad" "redis://127.0.0.1:$redis_port"
	code redis-wrong-password "with a wrong one"
	grep -q guess "$tmp/out" "$tmp/err"
	[ $? -ne 0 ]
	ok $? "which is shown nowhere"
	redis_ask -a secret config set requirepass ''
	probe --set password-file="$tmp/good" "redis://127.0.0.1:$redis_port"
	code ok "a password that none asked for"
	redis_ask eval 'for i = 1, 20000 do
		redis.call("set", "key:" .. i, string.rep("x", 100)) end' 0
	redis_ask save
	redis_stop

	# A millisecond for each key: twenty seconds to load.
	redis_start --key-load-delay 1000 \
		--loading-process-events-interval-bytes 1024
	probe "redis://127.0.0.1:$redis_port"
	code redis-loading "loading"
	says '"fact_eta_s":"[0-9]+"' "and for how long still"
	kill -KILL "$(cat "$tmp/redis-$redis_port.pid")"
	redis_stop

	rm -f "$tmp/redis/dump.rdb"
	redis_start --save '3600 1'
	redis_ask set key value
	rm -rf "$tmp/redis"
	redis_ask bgsave
	_tries=0
	while probe "redis://127.0.0.1:$redis_port" &&
		[ "$(said code)" = ok ] && [ $_tries -lt 50 ]; do
		_tries=$((_tries + 1))
		sleep 0.1
	done
	code redis-misconf "a folder that is gone"
	kill -KILL "$(cat "$tmp/redis-$redis_port.pid")"
	redis_stop

	mkdir -p "$tmp/redis"
	redis_start --save '' --replicaof "127.0.0.1 $(free_port)" \
		--replica-serve-stale-data no
	probe "redis://127.0.0.1:$redis_port"
	code redis-master-down "a replica without its master"
	redis_stop

	redis_start --save '' --tls-cert-file "$tmp/own.pem" \
		--tls-key-file "$tmp/own.key" --tls-auth-clients no \
		--tls-ca-cert-file "$tmp/own.pem" --tls-port "$(free_port)"
	redis_port=$(redis-cli -p "$redis_port" config get tls-port |
		tail -n 1)
	probe --set tls=true --set ca="$tmp/own.pem" --warn days=1 \
		"redis://127.0.0.1:$redis_port"
	code ok "Redis under TLS"
	probe "redis://127.0.0.1:$redis_port"
	says '"code":"(wrong-protocol|hung-up)"' "not without"
}

# -------------------------------------------------------------------- httpd

test_httpd() {
	mkdir -p "$tmp/www/cgi-bin"
	echo '<html>hello</html>' >"$tmp/www/index.html"
	echo '{"status":"up","parts":[{"name":"db"}]}' >"$tmp/www/health.json"
	cat >"$tmp/www/cgi-bin/slow" <<-'END'
	#!/bin/sh
	sleep 20
	END
	chmod +x "$tmp/www/cgi-bin/slow"
	web=$(free_port)
	background httpd busybox httpd -f -p "127.0.0.1:$web" -h "$tmp/www"
	answers "$web"
	probe "http://127.0.0.1:$web/"
	code ok "busybox httpd"
	probe --expect body=hello --expect content-type=text/html \
		"http://127.0.0.1:$web/"
	code ok "its page"
	probe --expect 'json:$.parts[0].name=db' --expect status=200 \
		"http://127.0.0.1:$web/health.json"
	code ok "a value in JSON"
	probe --expect 'json:$.status=down' "http://127.0.0.1:$web/health.json"
	code json-mismatch "another value"
	probe "http://127.0.0.1:$web/missing"
	code http-status "a page that is not there"
	says '"fact_status":"404"' "is 404"
	probe --limit 1s "http://127.0.0.1:$web/cgi-bin/slow"
	code answer-timeout "one that never comes"
	says '"took_ms":1[0-9]{3},' "within the limit"
	stop httpd
	probe "http://127.0.0.1:$web/"
	code tcp-refused "stopped"
}

# -------------------------------------------------------------------- ping

# $1: commands that run with a network of their own
in_own_net() {
	unshare -n sh -c "busybox ip link set lo up && $1" >"$tmp/out" \
		2>"$tmp/err"
	rc=$?
}

test_ping() {
	if ! unshare -n busybox ip link set lo up 2>/dev/null; then
		skip "pings" "no network of one's own here"
		return
	fi
	_probe="'$bin/probe' --json --no-progress"
	in_own_net "$_probe icmp://127.0.0.1"
	code ok "a ping"
	in_own_net "echo 1 >/proc/sys/net/ipv4/icmp_echo_ignore_all &&
		$_probe --limit 1s icmp://127.0.0.1"
	code icmp-silent "nobody answers"
	in_own_net "$_probe icmp://192.0.2.1"
	code net-unreachable "no route"
	in_own_net "echo 1 0 >/proc/sys/net/ipv4/ping_group_range &&
		setpriv --bounding-set -net_raw --inh-caps -net_raw \
			--ambient-caps -all $_probe icmp://127.0.0.1"
	code icmp-not-permitted "neither group nor capability"
	status unknown "which says nothing about the machine"
}

# ------------------------------------------------------------------- names

# $1: hosts, $2: resolv.conf, $3: target; with a network of its own
with_names() {
	printf '%b' "$1" >"$tmp/hosts"
	printf '%b' "$2" >"$tmp/resolv"
	unshare -n -m sh -c "mount --bind '$tmp/hosts' /etc/hosts &&
		mount --bind '$tmp/resolv' /etc/resolv.conf &&
		busybox ip link set lo up &&
		exec '$bin/probe' --json --no-progress --limit 2s '$3'" \
		>"$tmp/out" 2>"$tmp/err"
	rc=$?
}

test_names() {
	if ! unshare -n -m true 2>/dev/null || [ ! -e /etc/resolv.conf ]; then
		skip "names" "no network and mounts of one's own here"
		return
	fi
	with_names '10.1.2.3 db.test\n' '' dns://db.test
	code ok "the hosts file has it"
	says '"fact_answer":"10.1.2.3"' "its address"
	with_names '127.0.0.1 db.test\n' '' tcp://db.test:9
	code tcp-refused "and it is used to connect"
	with_names '' '# nothing\n' dns://db.test
	code dns-unconfigured "no name server"
	with_names '' 'nameserver 127.0.0.1\noptions timeout:1\n' dns://db.test
	code dns-silent "one that is not there"
}

command -v python3 >/dev/null || { skip "servers" "no python3"; finish; }
if [ -z "$pg_bin" ]; then
	skip "PostgreSQL" "not installed"
else
	own_certificate
	test_postgres
	test_postgres_tls
fi
if command -v redis-server >/dev/null && command -v redis-cli >/dev/null; then
	own_certificate
	test_redis
else
	skip "Redis" "not installed"
fi
if busybox httpd --help >/dev/null 2>&1; then
	test_httpd
else
	skip "httpd" "this busybox has none"
fi
test_ping
test_names

finish
