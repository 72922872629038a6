#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Restoring beside a daemon that runs: new volumes through the engine, old ones
# by exchange, and hands off what is in use.
. tests/docker/scene.sh

scene_open

before_trees() {	# $1: volume
	ls -A "$data/volumes/$1" | grep -c '^_data\.before-'
}

# ------------------------------------------------------- deleted, then restored
docker_ volume create --label shop=1 --label 'odd=a "b" ü = c' \
	--label com.docker.compose.project=shop \
	--label com.docker.compose.volume=files \
	--label com.docker.compose.config-hash=0123 files >/dev/null
in_box files 'mkdir /v/sub && echo one >/v/sub/file && ln -s sub /v/link
	touch -d "2020-02-03 04:05:06" /v/sub/file
	chmod 750 /v && chown 1234:4321 /v /v/sub/file'
original=$(tree_of "$data/volumes/files/_data")
labels=$(labels_of files)
try snapshot --to "$stick" files
gives 0 "a volume that nobody uses is taken"
says 'took files: .*stopped' "and recorded as stopped"
docker_ volume rm files >/dev/null
try restore-volume -n --from "$stick" latest files
gives 0 "a dry run"
[ ! -e "$data/volumes/files" ]
ok $? "makes nothing"
try restore-volume --from "$stick" latest files
gives 0 "a deleted volume is restored beside the daemon"
same "$(tree_of "$data/volumes/files/_data")" "$original" \
	"the same tree, its root with owner and mode"
same "$(labels_of files)" "$(echo "$labels" | grep -v config-hash)" \
	"the engine has its labels, but for config-hash"
same "$(in_box files 'cat /v/link/file')" one "a container sees it"
same "$(before_trees files)" 0 "no tree from before is kept: there was none"

# ---------------------------------------------------------- exchange, and back
in_box files 'echo two >/v/sub/file; echo new >/v/later'
changed=$(tree_of "$data/volumes/files/_data")
docker_ create --name idle -v files:/v box true >/dev/null
try restore-volume --from "$stick" latest files
gives 0 "an existing volume, with a stopped container"
same "$(tree_of "$data/volumes/files/_data")" "$original" "is as it was taken"
same "$(before_trees files)" 1 "the tree from before is kept"
same "$(docker_ volume ls -q | grep -c .)" 1 "the engine sees no new volume"
try restore-volume --rollback files
gives 0 "--rollback"
same "$(tree_of "$data/volumes/files/_data")" "$changed" "puts it back"
try restore-volume --rollback files
same "$(tree_of "$data/volumes/files/_data")" "$original" \
	"--rollback once more undoes that"
try restore-volume --forget files
gives 2 "--forget without --yes and without a terminal"
same "$(before_trees files)" 1 "deletes nothing"
try restore-volume --forget --yes files
gives 0 "--forget --yes"
same "$(before_trees files)" 0 "deletes the tree from before"
try restore-volume --rollback files
gives 10 "after it there is nothing to go back to"
same "$(tree_of "$data/volumes/files/_data")" "$original" \
	"and nothing changes"
docker_ rm idle >/dev/null
docker_ volume rm files >/dev/null 2>"$tmp/err"
ok $? "the engine can remove the volume"
[ ! -e "$data/volumes/files" ]
ok $? "with everything that we kept in it"

# ---------------------------------------------------------------------- in use
try restore-volume --from "$stick" latest files
refused() {	# $1: how it is used
	_tree=$(tree_of "$data/volumes/files/_data")
	try restore-volume --from "$stick" 1 files
	gives 11 "$1: refused"
	try restore-volume --assume-unused --from "$stick" 1 files
	gives 11 "$1: refused with --assume-unused as well"
	same "$(tree_of "$data/volumes/files/_data")" "$_tree" "$1: unchanged"
	same "$(ls -A "$data/volumes/files" | grep -v '^_data')" "" \
		"$1: no litter"
}
docker_ run -d --name busy --network none -v files:/v box sleep 1000 \
	>/dev/null
refused "a running container"
says 'busy' "it is named"
try restore-volume --rollback files
gives 11 "--rollback is refused too"
try snapshot --to "$stick" files
gives 3 "a snapshot of it is taken with a warning"
says 'took files: .*hot' "and recorded as hot"
docker_ pause busy >/dev/null
refused "a paused container"
docker_ unpause busy >/dev/null
docker_ rm -f busy >/dev/null
docker_ run -d --name busy --network none -v files:/v:ro box sleep 1000 \
	>/dev/null
refused "a container that only reads"
docker_ rm -f busy >/dev/null
# It reaches each volume by its path, so it sees the new tree.
docker_ run -d --name busy --network none -v "$data/volumes:/all" box \
	sleep 1000 >/dev/null
try restore-volume --from "$stick" 1 files
gives 0 "a container with all volumes mounted is no hindrance"
same "$(docker_ exec busy cat /all/files/_data/sub/file)" one \
	"and sees the restored tree"
docker_ rm -f busy >/dev/null
docker_ run -d --name busy --network none \
	-v "$data/volumes/files/_data/sub:/v" box sleep 1000 >/dev/null
refused "a bind mount of a folder in it"
docker_ rm -f busy >/dev/null
(cd "$data/volumes/files/_data/sub" && exec sleep 1000) &
sleeper=$!
try restore-volume --from "$stick" 1 files
gives 11 "a process of the host that works in it: refused"
kill $sleeper
wait $sleeper 2>/dev/null
try restore-volume --from "$stick" 1 files
gives 0 "nobody any more: restored"

# ------------------------------------------------- several, one of them in use
for name in a1 a2 a3; do
	in_box $name "echo $name >/v/file"
done
try snapshot --to "$stick" a1 a2 a3
for name in a1 a2 a3; do
	in_box $name "echo changed >/v/file"
done
docker_ run -d --name busy --network none -v a2:/v box sleep 1000 >/dev/null
try restore-volume --from "$stick" latest --all
gives 11 "--all with one volume in use"
same "$(cat "$data"/volumes/a?/_data/file | tr '\n' ' ')" "a1 changed a3 " \
	"the others are restored, that one is left alone"
docker_ rm -f busy >/dev/null

# ------------------------------------------------------------ another name, dir
try restore-volume --from "$stick" latest a1 --as copy
gives 0 "--as a new name"
same "$(in_box copy 'cat /v/file')" a1 "is a volume that the engine knows"
try restore-volume --from "$stick" 1 files --as copy2
same "$(labels_of copy2 | grep -c compose)" 0 \
	"a copy is not Compose's: its labels stay behind"
try restore-volume --from "$stick" 1 files --to "$tmp/plain"
gives 0 "--to a plain folder"
same "$(tree_of "$tmp/plain")" "$original" "the same tree"

# -------------------------------------------- a daemon that cannot be asked
DOCKER_HOST=unix://$tmp/nobody.sock
try restore-volume --from "$stick" latest a1
gives 0 "an existing volume, the socket out of reach"
try restore-volume --from "$stick" latest a1 --as unseen
gives 3 "a new one: done, with a warning"
says 'restart' "that says what to do"
DOCKER_HOST=unix://$dockerd_sock
dockerd_stop
dockerd_start "$tmp/d"
same "$(in_box unseen 'cat /v/file')" a1 "after a restart the engine sees it"

# ----------------------------------------- the daemon dies, its containers live
docker_ run -d --name left --network none -v files:/v box sleep 1000 \
	>/dev/null
dockerd_kill9
refused "a container that outlived its daemon"
dockerd_end_orphans
try restore-volume --from "$stick" 1 files
gives 0 "once it has ended: restored"
same "$(tree_of "$data/volumes/files/_data")" "$original" "the same tree"

scene_close
