#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# The same from the rescue image, beside a running daemon, with the very
# commands that the image prints: PostgreSQL lost and brought back; labels
# through the socket; hands off what is in use, also where it cannot be seen.
. tests/docker/scene.sh

image_tar=build/image/drydock-image-$(uname -m).tar
[ -e "$image_tar" ] || skip_all "no image: make image"
scene_open databases
database_image "$tmp" || skip_all "no database image can be imported"
image=$(docker_ load -q -i "$image_tar" | sed -n 's/^Loaded image: //p')
[ -n "$image" ]
ok $? "the image is loaded"
docker_ run --rm --network none "$image" >"$tmp/page" 2>"$tmp/err"
socket="-v $dockerd_sock:/var/run/docker.sock"

# The page's command for tool $1 with our folders and volume $2; $3: options
# more for docker run.
command_of() {
	awk -v tool="$1" '
	/^  docker run/ { text = ""; on = 1 }
	on { line = $0; sub(/ *\\$/, "", line); text = text " " line }
	on && !/\\$/ { on = 0; if (text ~ " " tool " ") print text }' \
		"$tmp/page" | sed -e 's,^ *docker ,docker_ ,' \
		-e 's, -it , ,' -e "s,VOLUME\$,$2," -e "s,--all\$,$2," \
		-e "s,/var/lib/docker/volumes,$data/volumes," \
		-e "s,STICK,$stick," \
		-e "s,$image,-e DRYDOCK_ANY_DIRECTORY=1 ${3-} $image,"
}

page_runs() {
	_command=$(command_of "$@")
	echo "# $_command"
	eval "${_command:-false}" >"$tmp/out" 2>"$tmp/err" </dev/null
	status=$?
}

# ---------------------------------------------------------------- PostgreSQL
docker_ volume create --label com.docker.compose.project=shop \
	--label com.docker.compose.volume=dbdata \
	--label com.docker.compose.config-hash=6f1d34c8 shop_dbdata >/dev/null
postgres_start db shop_dbdata
ok $? "PostgreSQL runs in a container"
postgres_load db 1000000
before=$(postgres_sum db)
labels=$(labels_of shop_dbdata)
database_stop db
original=$(tree_of "$data/volumes/shop_dbdata/_data")
page_runs snapshot shop_dbdata "$socket"
gives 0 "a snapshot by the image"
says 'took shop_dbdata: .*stopped' "that sees that nobody uses the volume"
page_runs verify shop_dbdata
gives 0 "verify by the image"
docker_ rm db >/dev/null
docker_ volume rm shop_dbdata >/dev/null
page_runs restore-volume shop_dbdata "$socket"
gives 0 "the deleted volume is restored by the image"
same "$(tree_of "$data/volumes/shop_dbdata/_data")" "$original" \
	"the same tree"
same "$(labels_of shop_dbdata)" "$(echo "$labels" | grep -v config-hash)" \
	"the labels came through the socket"
postgres_start db shop_dbdata
ok $? "PostgreSQL runs again"
same "$(postgres_sum db)" "$before" "as many rows, the same checksum"

# --------------------------------------------------------------------- in use
for option in "$socket" ""; do
	page_runs restore-volume shop_dbdata "$option"
	gives 11 "while it runs: refused (${option:-no socket})"
done
says 'postgres' "the process that uses it is named"
_command=$(command_of restore-volume shop_dbdata "" | sed 's/--pid host //')
eval "$_command" >"$tmp/out" 2>"$tmp/err" </dev/null
status=$?
gives 11 "where processes and engine cannot be seen: refused as well"
says 'cannot tell|--pid' "and it says so"
docker_ pause db >/dev/null
page_runs restore-volume shop_dbdata "$socket"
gives 11 "while it is paused: refused"
docker_ unpause db >/dev/null
same "$(postgres_sum db)" "$before" "the database did not notice"

# --------------------------------------------- stopped, exchanged, and back again
postgres_ask db "delete from orders where id % 2 = 0" >/dev/null
changed=$(postgres_sum db)
database_stop db
page_runs restore-volume shop_dbdata ""
gives 0 "stopped: restored, also without the socket"
docker_ start db >/dev/null && postgres_wait db
same "$(postgres_sum db)" "$before" "the rows of the snapshot"
database_stop db
_command=$(command_of restore-volume shop_dbdata |
	sed 's/ restore-volume .*/ restore-volume --rollback shop_dbdata/')
eval "$_command" >"$tmp/out" 2>"$tmp/err" </dev/null
status=$?
gives 0 "--rollback by the image"
docker_ start db >/dev/null && postgres_wait db
same "$(postgres_sum db)" "$changed" "the rows from before the restore"

# ------------------------------------------- a new volume, and no socket to say so
page_runs restore-volume "shop_dbdata --as unseen" ""
gives 3 "a new volume without the socket: restored, with a warning"
says 'restart it' "that says how the daemon will see it"

scene_close
