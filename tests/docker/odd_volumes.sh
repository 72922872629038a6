#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Volumes that are not a folder of files: with driver options, empty, missing,
# hundreds at once, names that differ in case; and a metadata.db that is gone
# or broken.
. tests/docker/scene.sh

scene_open

# --------------------------------------------------------------- driver options
docker_ volume create -o type=tmpfs -o device=tmpfs -o o=size=1m mem >/dev/null
docker_ volume create -o type=nfs -o device=:/export \
	-o o=addr=192.0.2.1,rw,nfsvers=4 share >/dev/null
mkdir "$tmp/srv"
echo bound >"$tmp/srv/file"
docker_ volume create -o type=none -o o=bind -o "device=$tmp/srv" bound \
	>/dev/null
in_box plain 'echo plain >/v/file'
for name in mem share bound; do
	try snapshot --to "$stick" $name
	gives 12 "$name: refused"
	says "volume '$name': its data is not in the data-root" "$name: named"
done
says "$tmp/srv" "for a bind it says where the data is"
[ ! -e "$stick/drydock/snapshots" ] ||
	[ "$(ls "$stick/drydock/snapshots" | grep -c .)" = 0 ]
ok $? "nothing was written to the medium"
try snapshot --to "$stick" --all
gives 3 "--all leaves them out, with warnings"
for name in mem share bound; do
	says "warning: left out $name: " "$name is named"
done
says 'took plain' "and takes the others"
try snapshot --to "$stick" --path "bound=$tmp/srv"
gives 0 "a bind is taken by its path"

docker_ run -d --name user --network none -v bound:/v box sleep 1000 >/dev/null
try snapshot --to "$stick" bound
gives 3 "a bind that is mounted now is taken, hot"
says 'took bound: 1 file' "with its data"
docker_ rm -f user >/dev/null
try restore-volume --from "$stick" latest bound
gives 12 "but not restored into the data-root"
same "$(cat "$tmp/srv/file")" bound "what it points to is untouched"

# ------------------------------------------------------------- empty and missing
docker_ volume create empty >/dev/null
try snapshot --to "$stick" empty
gives 12 "an empty volume is refused"
says "'empty'.*--allow-empty" "with the way to mean it"
try snapshot --to "$stick" --allow-empty empty
gives 0 "--allow-empty takes it"
try restore-volume --from "$stick" latest empty
gives 0 "and it can be restored"
try snapshot --to "$stick" nobody
gives 10 "a volume that is not there"
says "'nobody'" "is named"
try restore-volume --from "$stick" latest nobody
gives 10 "one that the snapshot does not hold"
[ ! -e "$data/volumes/nobody" ]
ok $? "is not made"
try snapshot --to "$stick" plain nobody
gives 10 "one missing among others: nothing is taken"
try snapshot --list --to "$stick"
silent 'nobody' "and nothing is on the medium"

# ------------------------------------------------------------------- only case
in_box Case 'echo upper >/v/file'
in_box case 'echo lower >/v/file'
in_box CASE 'echo capitals >/v/file'
try snapshot --to "$stick" Case case CASE
gives 0 "names that differ in case only"
same "$(ls "$stick"/drydock/snapshots/*/*.mtree | tail -n 3 |
	tr A-Z a-z | sort -u | grep -c .)" 3 \
	"have different names on the medium, also for FAT"
docker_ volume rm Case case CASE >/dev/null
try restore-volume --from "$stick" latest Case case CASE
gives 0 "are restored"
same "$(in_box Case 'cat /v/file') $(in_box case 'cat /v/file') \
$(in_box CASE 'cat /v/file')" "upper lower capitals" "each with its own data"
docker_ volume rm Case case CASE bound mem share empty >/dev/null

# ------------------------------------------------------------------ 300 volumes
i=0
while [ $i -lt 300 ]; do
	echo "docker_volume $i"
	mkdir -p "$data/volumes/many-$i/_data/sub"
	echo $i >"$data/volumes/many-$i/_data/sub/file"
	chown -R $i:$i "$data/volumes/many-$i/_data"
	docker_ volume create --label n=$i many-$i >/dev/null
	i=$((i + 1))
done >/dev/null
# Creating resets the root of what was there.
i=0
while [ $i -lt 300 ]; do
	chown $i:$i "$data/volumes/many-$i/_data"
	i=$((i + 1))
done
original=$(tree_of "$data/volumes")
labels=$(docker_ volume ls --format '{{.Name}} {{.Labels}}' | sort)
try snapshot --to "$stick" --all
gives 0 "hundreds of volumes at once"
same "$(grep -c '^took ' "$tmp/out")" 301 "all are taken"
many=$(ls "$stick/drydock/snapshots" | tail -n 1)
try verify --deep "$stick"
gives 0 "the medium is good"

# All of it is lost, and Docker is dead.
dockerd_stop
cp "$data/volumes/metadata.db" "$tmp/metadata.db"
rm -rf "$data/volumes"
mkdir -m 701 "$data/volumes"
try restore-volume --from "$stick" latest --all
gives 0 "restored without a daemon, into an empty volumes folder"
same "$(stat -c '%a %u:%g' "$data/volumes/many-7")" "701 0:0" \
	"a volume's folder has Docker's mode"
dockerd_start "$tmp/d"
ok $? "the daemon takes our metadata.db"
same "$(docker_ volume ls --format '{{.Name}} {{.Labels}}' | sort)" \
	"$labels" "all labels are back"
trees() {	# of the volumes alone, without what the daemon keeps beside
	tree_of "$1" | grep -e '[ /]many-[0-9]*/_data' -e '[ /]plain/_data'
}
same "$(trees "$data/volumes")" "$(printf '%s\n' "$original" |
	grep -e '[ /]many-[0-9]*/_data' -e '[ /]plain/_data')" \
	"and all trees, owners and times"
same "$(in_box many-42 'cat /v/sub/file')" 42 "a container sees its data"

# --------------------------------------------------------- a broken metadata.db
docker_ volume rm many-1 >/dev/null
dockerd_stop
head -c 20000 /dev/urandom >"$data/volumes/metadata.db"
broken=$(sha256sum <"$data/volumes/metadata.db")
try restore-volume --from "$stick" latest many-1
gives 3 "a broken metadata.db: the data is restored, with a warning"
says 'metadata.db' "the file is named"
same "$(cat "$data/volumes/many-1/_data/sub/file")" 1 "the data is there"
same "$(sha256sum <"$data/volumes/metadata.db")" "$broken" \
	"what is broken is left for the person to judge"
try snapshot --to "$stick" many-2
gives 3 "a snapshot goes on too, with a warning about labels"
rm "$data/volumes/metadata.db"
try restore-volume --from "$stick" latest many-2
gives 0 "a missing metadata.db"
dockerd_start "$tmp/d"
ok $? "the daemon starts"
docker_ volume inspect many-1 many-2 >/dev/null 2>"$tmp/err"
ok $? "and sees the volumes"

# ------------------------------------------- a half-written volume from a crash
dockerd_stop
mkdir "$data/volumes/many-3/._data.drydock-stage"
echo litter >"$data/volumes/many-3/._data.drydock-stage/file"
rm -rf "$data/volumes/many-4"
mkdir -p "$data/volumes/many-4/._data.drydock-stage"
try restore-volume --from "$stick" "$many" many-3 many-4
gives 0 "over what an interrupted restore left"
same "$(ls -A "$data/volumes/many-3" "$data/volumes/many-4" |
	grep -c '^\._data')" 0 "which is swept"

scene_close
