#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# The entrypoint: what its page prints is run, word by word, against a real
# engine, until a lost volume is back; the menu is used from a terminal.
. tests/image/image.sh
. tests/docker/dockerd.sh

dockerd_usable || skip_all "$dockerd_why"
medium=$tmp/stick
cleanup() {
	chattr -R -i "$tmp/engine/data/volumes" 2>/dev/null
	dockerd_sweep
	if mountpoint -q "$medium"; then umount -l "$medium"; fi
	rm -rf "$tmp"
}
dockerd_start "$tmp/engine" || {
	tail -n 5 "$tmp/engine/dockerd.log" >&2
	skip_all "dockerd does not start here"
}
docker_ load -q -i "$image_tar" >/dev/null
mkdir "$medium"
mount -t tmpfs -o size=64m none "$medium" || skip_all "cannot mount a tmpfs"

bare() {
	docker_ run --rm --pull never --network none --read-only \
		--cap-drop ALL "$@" >"$tmp/out" 2>"$tmp/err"
}

# ---- the page

bare "$image"
ok $? "without a terminal: a page, and status 0"
cp "$tmp/out" "$tmp/page"
expand "$tmp/page" | awk 'length > 80' >"$tmp/out"
[ ! -s "$tmp/out" ]
ok $? "the page fits 80 columns"
cp "$tmp/page" "$tmp/out"
has '^  verify +has its capabilities' "verify needs no capability"
has '^  snapshot +lacks capabilities' "snapshot does"
for cap in CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID LINUX_IMMUTABLE \
	MKNOD SETFCAP SYS_PTRACE; do
	has "^    $cap +to [a-z]" "without $cap the page says what for"
done
has 'no volumes: -v ' "no volumes mounted is told"
has 'no medium: -v ' "no medium mounted is told"
has 'are not seen: --pid host' "no host processes is told"
bare --cap-add MKNOD "$image"
! grep -q '^    MKNOD ' "$tmp/out"
ok $? "a capability that is there is not asked for"
bare "$image" --help
ok $? "--help: status 0"
bare "$image" mount
[ $? = 2 ] && grep -q 'no tool is called "mount"' "$tmp/err"
ok $? "another word: status 2, and what there is"
bare "$image" verify --no-such-option
[ $? = 2 ]
ok $? "a tool's own status comes through"

# The page's command for job $1, for this engine and medium, volume db; with
# the options that the page says to add where it applies.
command_of() {
	awk -v job="$1" '
	/^  docker run/ { text = ""; on = 1 }
	on { line = $0; sub(/ *\\$/, "", line); text = text " " line }
	on && !/\\$/ { on = 0; if (text ~ " " job " ") print text }' "$tmp/page" |
		sed -e "s,^ *docker ,docker_ ," -e 's, -it , ,' \
			-e "s,/var/lib/docker/volumes,$dockerd_root/volumes," \
			-e "s,STICK,$medium,;s,VOLUME\$,db," \
			-e "s,$image,${2-} $image,"
}

page_runs() {
	command=$(command_of "$@")
	[ -n "$command" ] && eval "$command" >"$tmp/out" 2>"$tmp/err"
}

# ---- there and back

# What a tree is: types, modes, owners, times, contents, capabilities, flags.
state() {
	(
		cd "$1" || exit
		find . -printf '%p %y %m %U:%G %T@ %l\n'
		find . -type f -exec sha256sum {} +
		getcap -r . 2>/dev/null
		lsattr -d fixed 2>/dev/null
	) | sort
}

docker_ volume create --label keep=me db >/dev/null
data=$dockerd_root/volumes/db/_data
mkdir "$data/private"
echo secret >"$data/private/key"
head -c 3000000 /dev/urandom >"$data/table"
mkfifo "$data/pipe"
mknod "$data/null" c 1 3
ln -s table "$data/link"
chown -hR 999:998 "$data"
chmod 0700 "$data/private" "$data"
chmod 0600 "$data/private/key"
chmod 2755 "$data/table"
carried='CHOWN FOWNER FSETID MKNOD'
echo fixed >"$data/fixed"
# The name space must allow it, and the file system have it.
if setcap cap_net_raw+ep "$data/table" 2>/dev/null; then
	carried="$carried SETFCAP"
fi
if chattr +i "$data/fixed" 2>/dev/null; then
	carried="$carried LINUX_IMMUTABLE"
fi
state "$data" >"$tmp/before"

page_runs snapshot
case $? in 0|3) ;; *) false ;; esac
ok $? "the page's snapshot command"
has '^took db: ' "it took the volume"
page_runs verify
ok $? "the page's verify command"

damage() {
	chattr -i "$data/fixed" 2>/dev/null
	for old in "$data"/*; do rm -rf "$old"; done
	echo wrong >"$data/table"
}
damage
state "$data" >"$tmp/damaged"

# Every right on the page is there for a reason: without it the volume does
# not come back in silence.
for cap in $carried; do
	command=$(command_of restore-volume \
		"-v $dockerd_sock:/var/run/docker.sock" |
		sed "s/--cap-add $cap //")
	eval "$command" >"$tmp/out" 2>"$tmp/err"
	case $? in
	3)	grep -q 'warning: .*differs' "$tmp/err" ;;
	12)	state "$data" | cmp -s - "$tmp/damaged" ;;
	*)	false ;;
	esac
	ok $? "without $cap: refused with the volume as it was, or named"
	damage
	state "$data" >"$tmp/damaged"
done

page_runs restore-volume \
	"-v $dockerd_sock:/var/run/docker.sock"
case $? in 0|3) ;; *) false ;; esac
ok $? "the page's restore command"
state "$data" >"$tmp/after"
diff "$tmp/before" "$tmp/after" >"$tmp/out"
ok $? "the volume is what it was: owners, modes, times, contents"
case $carried in
*SETFCAP*)
	getcap "$data/table" >"$tmp/out"
	has 'cap_net_raw' "with its file capability" ;;
*)	skip "with its file capability" "setcap does not work here" ;;
esac
case $carried in
*IMMUTABLE*)
	lsattr -d "$data/fixed" >"$tmp/out"
	has '^....i' "with its immutable flag" ;;
*)	skip "with its immutable flag" "chattr does not work here" ;;
esac

# ---- the menu

# Type $1 at a container's terminal; the rest are options for the engine.
type_at() {
	typed=$1
	shift
	# shellcheck disable=SC2059  # escapes are wanted
	printf "$typed" | timeout 60 script -qec "$docker -H unix://$dockerd_sock \
		run --rm -it --pull never --network none --read-only \
		--cap-drop ALL $* $image" /dev/null 2>"$tmp/err" |
		tr -d '\r' >"$tmp/out"
}

# Until the menu has asked, for 20 seconds at most.
prompted() {
	tries=0
	until grep -q 'Your choice' "$tmp/screen" || [ $tries = 200 ]; do
		sleep 0.1
		tries=$((tries + 1))
	done
}

docker=$(command -v docker)
if ! command -v script >/dev/null; then
	skip "the menu" "script is not installed"
else
	rights="--cap-add CHOWN --cap-add DAC_OVERRIDE --cap-add FOWNER \
		--cap-add DAC_READ_SEARCH --cap-add FSETID --cap-add MKNOD \
		--cap-add SETFCAP --cap-add SYS_PTRACE --cap-add LINUX_IMMUTABLE"
	mounts="--pid host -v $medium:/media -v $dockerd_root/volumes:/volumes"
	type_at '2\n\n0\n' "$mounts"
	has '^[+] snapshot --list --to /media$' "the menu prints what it runs"
	has '^ +db +' "and lists the medium"
	type_at '3\n\n0\n' "$mounts"
	has '^[+] verify --deep /media$' "verify from the menu"
	has '^\(exit status 0;' "with its status"
	damage
	type_at '4\n\n\ndb\nno\n0\n' "$mounts $rights"
	has '^[+] restore-volume --from /media latest db --dry-run$' \
		"restore from the menu first tries"
	has 'Nothing was changed' "no yes: nothing is done"
	[ "$(cat "$data/table")" = wrong ]
	ok $? "and the volume stays"
	type_at '4\n\n\n--forget db\n0\n' "$mounts $rights"
	has 'No volume is called that' "an option is no volume"
	type_at '4\n\n\ndb\nyes\n0\n' "$mounts $rights"
	state "$data" >"$tmp/after"
	diff "$tmp/before" "$tmp/after" >>"$tmp/out"
	ok $? "a typed yes: the volume is back"
	type_at '3\n/no/such\n9\n0\n' "$mounts"
	has 'One of the numbers' "after a mistake the menu goes on"

	: >"$tmp/screen"
	{
		prompted
		printf '\003'
	} | timeout 60 script -qefc "$docker -H unix://$dockerd_sock \
		run --rm -it --network none $image" "$tmp/screen" \
		>/dev/null 2>"$tmp/err"
	[ $? = 130 ]
	ok $? "Ctrl-C at the prompt ends the menu"
fi

docker_ run -d -it --name waits --network none "$image" >/dev/null
tries=0
until docker_ logs waits 2>&1 | grep -q '4 restore' || [ $tries = 100 ]; do
	sleep 0.1
	tries=$((tries + 1))
done
docker_ stop -t 20 waits >/dev/null 2>&1
docker_ inspect -f '{{.State.ExitCode}}' waits >"$tmp/out"
has '^143$' "docker stop ends the waiting menu without force"
docker_ rm -f waits >/dev/null 2>&1
finish
