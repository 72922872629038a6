#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# The issue's own case: PostgreSQL with a million rows in a named volume, the
# volume deleted, the daemon dead; back from the stick, with the stick's own
# tools.
. tests/docker/scene.sh

scene_open databases
database_image "$tmp" || skip_all "no database image can be imported"
ROWS=1000000

# ------------------------------------------------------------------- before
docker_ volume create --label com.docker.compose.project=shop \
	--label com.docker.compose.volume=dbdata \
	--label com.docker.compose.version=2.40.3 \
	--label com.docker.compose.config-hash=6f1d34c8 \
	--label team=orders shop_dbdata >/dev/null
postgres_start db shop_dbdata
ok $? "PostgreSQL runs in a container"
postgres_load db $ROWS
before=$(postgres_sum db 2>"$tmp/err")
same "${before%% *}" $ROWS "a million rows are loaded"
labels=$(labels_of shop_dbdata)
database_stop db
original=$(tree_of "$data/volumes/shop_dbdata/_data")
"$bin/snapshot" --new-key "$tmp/key" >/dev/null
try snapshot --to "$stick" --with-tools --key "$tmp/key" --part-size 64M \
	shop_dbdata
gives 0 "the stopped database is taken, signed, with the tools"
says 'took shop_dbdata: .*stopped' "and recorded as stopped"

# ------------------------------------------------------------------ disaster
docker_ rm db >/dev/null
docker_ volume rm shop_dbdata >/dev/null
dockerd_stop
[ ! -e "$data/volumes/shop_dbdata" ]
ok $? "the volume is gone, and so is the daemon"

# ---------------------------------------------- from the stick, in a bare shell
tools=$stick/drydock/bin/$(uname -m)
bare() {
	env -i "$@" >"$tmp/out" 2>"$tmp/err"
	status=$?
}
(cd "$tools" && sha256sum --quiet -c SHA256SUMS >"$tmp/out" 2>&1)
ok $? "the tools on the stick are what SHA256SUMS says"
bare "$tools/verify" --deep --key "$tmp/key.pub" "$stick"
gives 0 "verify --deep"
bare "$tools/restore-volume" --data-root "$data" --from "$stick" \
	--key "$tmp/key.pub" latest shop_dbdata
gives 0 "restore-volume without a daemon"
same "$(tree_of "$data/volumes/shop_dbdata/_data")" "$original" \
	"the same tree: modes, owners, times, contents"
same "$(ls -A "$data/volumes/shop_dbdata")" _data "and nothing beside it"

# --------------------------------------------------------------------- after
dockerd_start "$tmp/d"
ok $? "the daemon starts"
same "$(labels_of shop_dbdata)" \
	"$(echo "$labels" | grep -v config-hash)" "the labels are back"
docker_ run --rm --network none --user postgres \
	-v shop_dbdata:/data database \
	"$database_bin/pg_checksums" --check -D /data >"$tmp/out" 2>"$tmp/err"
ok $? "every page's checksum is right"
postgres_start db shop_dbdata
ok $? "PostgreSQL runs again"
same "$(postgres_sum db)" "$before" "as many rows, the same checksum"
docker_ logs db 2>&1 | grep -q 'not properly shut down\|PANIC\|FATAL' &&
	docker_ logs db >"$tmp/out" 2>&1
! docker_ logs db 2>&1 | grep -q 'not properly shut down\|PANIC\|FATAL'
ok $? "it found a cleanly stopped database"

# ------------------------------ the container kept, its volume's folder is gone
database_stop db
dockerd_stop
rm -rf "$data/volumes/shop_dbdata"
bare "$tools/restore-volume" --data-root "$data" --from "$stick" latest \
	shop_dbdata
gives 0 "restored under a container that still exists"
dockerd_start "$tmp/d"
docker_ start db >/dev/null && postgres_wait db
ok $? "that very container starts"
same "$(postgres_sum db)" "$before" "with its rows"

# ------------------------------------------ Compose takes the volume for its own
docker_ rm -f db >/dev/null
compose=
if docker compose version >/dev/null 2>&1; then
	compose="docker compose"
elif command -v docker-compose >/dev/null; then
	compose=docker-compose
fi
if [ -n "$compose" ]; then
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
	    labels:
	      team: orders
	END
	(cd "$tmp/shop" && $compose -p shop up -d) >"$tmp/out" 2>"$tmp/err"
	ok $? "$compose up"
	silent 'not created by|[Rr]ecreat|WARN|has changed' "without a warning"
	postgres_wait db
	same "$(postgres_sum db)" "$before" "on the restored rows"
	(cd "$tmp/shop" && $compose -p shop down -v) >"$tmp/out" 2>"$tmp/err"
	! docker_ volume inspect shop_dbdata >/dev/null 2>&1
	ok $? "down -v removes the volume: it is Compose's own"
else
	skip "no warning of Compose's" "no Compose client installed"
fi

scene_close
