# SPDX-License-Identifier: BSD-2-Clause
#
# PostgreSQL and Redis in containers, from the machine's own packages: no
# registry, no network.  To be sourced after dockerd.sh.
#
#	database_usable || ...			says why not in $database_why
#	database_image DIR			image "database"; DIR is for work
#	postgres_start NAME VOLUME [OPTION...]	options of docker run
#	postgres_wait NAME			until it answers
#	postgres_load NAME ROWS
#	postgres_sum NAME			"<rows> <md5 over all rows>"
#	redis_usable
#	redis_start NAME VOLUME [OPTION...]
#	redis_wait NAME
#	redis_load NAME KEYS
#	redis_sum NAME				"<keys> <digest of all of them>"
#	database_stop NAME...			as a person would: docker stop
#
# The volume's folder in the container is /var/lib/postgresql/data, /data for
# Redis; both belong to users that the image brings.

database_bin=
database_why=

database_usable() {
	database_why=
	for _bin in /usr/lib/postgresql/*/bin; do
		[ ! -x "$_bin/initdb" ] || database_bin=$_bin
	done
	[ -n "$database_bin" ] || database_why="no PostgreSQL server installed"
	[ -z "$database_why" ]
}

redis_usable() {
	command -v redis-server >/dev/null && command -v redis-cli >/dev/null
}

# The programs of the image, and the libraries that they ask for.
_database_files() {
	set -- "$database_bin/postgres" "$database_bin/initdb" \
		"$database_bin/psql" "$database_bin/pg_isready" \
		"$database_bin/pg_checksums" \
		/bin/sh /bin/cat /bin/sleep /bin/mkdir
	! redis_usable || set -- "$@" "$(command -v redis-server)" \
		"$(command -v redis-cli)"
	printf '%s\n' "$@"
	# Modules that the server loads by itself.
	for _module in plpgsql dict_snowball utf8_and_latin1; do
		set -- "$@" "$database_bin/../lib/$_module.so"
	done
	ldd "$@" 2>/dev/null | sed -n 's/^.*=> \(\/[^ ]*\) (.*/\1/p
		s/^[[:space:]]*\(\/[^ ]*ld[^ ]*\) (.*/\1/p' | sort -u
}

# $1: the image's root
_database_root() {
	mkdir -p "$1/usr/bin" "$1/usr/lib" "$1/usr/lib64" "$1/etc" \
		"$1/tmp" "$1/data" "$1/var/lib/postgresql/data" || return 1
	for _name in bin lib lib64; do
		ln -s "usr/$_name" "$1/$_name"
	done
	_database_files | while read -r _file; do
		cp -L --parents "$_file" "$1" || exit 1
	done || return 1
	_version=${database_bin%/bin} _version=${_version##*/}
	# Without bitcode and the compiler for it: 100 MB that nobody calls.
	tar -c -C / --exclude=bitcode --exclude='llvmjit*' \
		"usr/lib/postgresql/$_version/lib" \
		"usr/share/postgresql/$_version" usr/share/zoneinfo \
		usr/lib/locale/C.utf8 | tar -x -C "$1" || return 1
	cat >"$1/etc/passwd" <<-END
	root:x:0:0:root:/:/bin/sh
	postgres:x:999:999:PostgreSQL:/var/lib/postgresql:/bin/sh
	redis:x:998:998:Redis:/data:/bin/sh
	END
	printf 'root:x:0:\npostgres:x:999:\nredis:x:998:\n' >"$1/etc/group"
	cat >"$1/start-postgres" <<-END
	#!/bin/sh
	set -e
	data=/var/lib/postgresql/data
	[ -s \$data/PG_VERSION ] ||
		$database_bin/initdb -D \$data -k --locale=C.UTF-8
	exec $database_bin/postgres -D \$data -c listen_addresses= \\
		-c unix_socket_directories=/tmp -c jit=off \\
		-c max_wal_size=256MB
	END
	chmod 755 "$1/start-postgres"
	chmod 1777 "$1/tmp"
	chmod 700 "$1/var/lib/postgresql/data"
	chown 999:999 "$1/var/lib/postgresql/data"
	chown 998:998 "$1/data"
}

database_image() {
	docker_ image inspect database >/dev/null 2>&1 && return 0
	rm -rf "$1/database"
	mkdir -p "$1/database" || return 1
	_database_root "$1/database" &&
		tar -C "$1/database" -c . | docker_ import - database >/dev/null
	_result=$?
	rm -rf "$1/database"
	return $_result
}

# $1: container; what follows is run in it until it succeeds, for a minute
_database_wait() {
	_name=$1
	shift
	_tries=0
	until docker_ exec "$_name" "$@" >/dev/null 2>&1; do
		[ "$(docker_ inspect -f '{{.State.Running}}' "$_name" \
			2>/dev/null)" = true ] || break
		[ $_tries -lt 300 ] || break
		sleep 0.2
		_tries=$((_tries + 1))
	done
	docker_ exec "$_name" "$@" >/dev/null && return 0
	docker_ logs --tail 20 "$_name" >&2
	return 1
}

postgres_wait() {
	_database_wait "$1" "$database_bin/psql" -h /tmp -U postgres -qAtX \
		-c 'select 1'
}

postgres_start() {
	_name=$1 _volume=$2
	shift 2
	docker_ run -d --name "$_name" --network none --user postgres \
		--stop-signal SIGINT --stop-timeout 60 \
		-v "$_volume:/var/lib/postgresql/data" "$@" \
		database /start-postgres >/dev/null &&
		postgres_wait "$_name"
}

# $1: container, $2: statements; values come one row a line
postgres_ask() {
	docker_ exec "$1" "$database_bin/psql" -h /tmp -U postgres -qAtX \
		-F ' ' -v ON_ERROR_STOP=1 -c "$2"
}

postgres_load() {
	postgres_ask "$1" "
	create table orders (
		id bigint primary key,
		customer text not null,
		amount numeric(10,2) not null,
		placed timestamptz not null);
	insert into orders select n, md5(n::text), (n::bigint * 7919 % 99991) / 100.0,
		timestamptz '2026-01-01' + n * interval '7 seconds'
		from generate_series(1, $2) n;
	create index on orders (customer);
	analyze orders"
}

postgres_sum() {
	postgres_ask "$1" "select count(*),
		md5(string_agg(md5(orders::text), '' order by id)) from orders"
}

redis_ask() {
	_name=$1
	shift
	docker_ exec "$_name" redis-cli -s /tmp/redis.sock "$@"
}

redis_start() {
	_name=$1 _volume=$2
	shift 2
	docker_ run -d --name "$_name" --network none --user redis \
		--stop-timeout 30 -v "$_volume:/data" "$@" \
		database redis-server --port 0 --unixsocket /tmp/redis.sock \
		--dir /data --appendonly yes --enable-debug-command yes \
		>/dev/null && redis_wait "$_name"
}

redis_wait() {
	_database_wait "$1" redis-cli -s /tmp/redis.sock exists nothing
}

redis_load() {
	redis_ask "$1" eval 'for i = 1, tonumber(ARGV[1]) do
		redis.call("set", "session:" .. i, redis.sha1hex(i))
	end return redis.call("dbsize")' 0 "$2" >/dev/null
}

redis_sum() {
	echo "$(redis_ask "$1" dbsize) $(redis_ask "$1" debug digest)"
}

database_stop() {
	docker_ stop "$@" >/dev/null
}
