#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Storage of Qdrant, laid out by hand (there is no package of the server), with
# what may be missing or not fit; and snapshots with and without checksum.
. tests/check/lib.sh

require python3

python3 - "$tmp/storage" <<'END' || ok 1 "a storage is made"
import json, os, struct, sys

root = sys.argv[1]

def put(path, data):
    os.makedirs(os.path.dirname(root + "/" + path), exist_ok=True)
    with open(root + "/" + path, "wb") as f:
        f.write(data if isinstance(data, bytes) else json.dumps(data).encode())

put("raft_state.json", {"state": {}})
put("aliases/data.json", {})
for name, vectors, data in (
        ("one", {"size": 4, "distance": "Dot"}, {"": {"size": 4}}),
        ("two", {"a": {"size": 8}, "b": {"size": 2}},
         {"a": {"size": 8}, "b": {"size": 2}})):
    c = "collections/" + name
    put(c + "/config.json", {"params": {"vectors": vectors}})
    put(c + "/version.info", b"1.9.2")
    put(c + "/0/shard_config.json", {"type": "Local"})
    put(c + "/0/replica_state.json", {"peers": {}})
    put(c + "/0/wal/open-1", b"wal\0" + bytes(4) + bytes(1000))
    for i in ("11111111-2222-3333-4444-555555555555", "6"):
        s = c + "/0/segments/" + i
        put(s + "/version.info", b"1.10.0\n")
        put(s + "/segment.json", {"version": 3, "config": {"vector_data": data}})
        for v in data:
            put(s + "/vector_storage" + ("-" + v if v else "") + "/matrix.dat",
                b"data" + bytes(4 * data[v]["size"] * 10))
        put(s + "/mutable_id_tracker.versions", bytes(80))
END
fresh() { rm -rf "$tmp/case"; cp -a "$tmp/storage" "$tmp/case"; }
case_is() {
	look "$tmp/case"
	judged qdrant "$1" "$2: $1"
}
seg=collections/one/0/segments/6

fresh
case_is CLEAN "a storage"
covered "2 collections and 4 segments by their settings, 6 files of vectors" \
	"what was looked at is counted"
covered "have no checksum and were not read" "and what was not is said"
said "written by Qdrant 1.10.0" "who can read it is said"

fresh
rm "$tmp/case/$seg/version.info"
case_is DAMAGED "a segment without version.info"
found "$seg: .*deletes it at its first start" "and what comes of it"
fresh
rm "$tmp/case/$seg/segment.json"
case_is DAMAGED "a segment without segment.json"
fresh
: >"$tmp/case/$seg/segment.json"
case_is DAMAGED "an empty segment.json"
fresh
rm "$tmp/case/collections/two/config.json"
case_is DAMAGED "a collection without config.json"
fresh
rm "$tmp/case/collections/two/version.info"
case_is SUSPECT "a collection without version.info"
fresh
echo '{"params":{"vectors":{"size":5}}}' >"$tmp/case/collections/one/config.json"
case_is SUSPECT "vectors of another size"
found "vectors '' of 4 numbers, where the collection has 5" "are named"
fresh
truncate -s -3 "$tmp/case/$seg/vector_storage/matrix.dat"
case_is SUSPECT "vectors cut"
fresh
flip "$tmp/case/$seg/vector_storage/matrix.dat" 0
case_is SUSPECT "the head of a file of vectors changed"
fresh
truncate -s -3 "$tmp/case/$seg/mutable_id_tracker.versions"
case_is UNCHECKED "versions of points cut"
fresh
flip "$tmp/case/collections/one/0/wal/open-1" 0
case_is SUSPECT "the head of the log changed"
fresh
printf '\5' | dd of="$tmp/case/collections/one/0/wal/open-1" bs=1 seek=8 \
	conv=notrunc 2>/dev/null
case_is UNCHECKED "a log with entries"
found "entries of the log .* were not checked" "is not called good"
fresh
mkdir "$tmp/case/collections/one/0/segments/9.deleted"
case_is CLEAN "a segment that was given up"
fresh
: >"$tmp/case/collections/one/shard_0_initializing"
case_is SUSPECT "a transfer that did not end"
fresh
: >"$tmp/case/raft_state.json"
case_is SUSPECT "the state emptied"

mkdir "$tmp/snap"
tar -C "$tmp/storage" -cf "$tmp/snap/one-1.snapshot" .
look "$tmp/snap"
judged "qdrant snapshot" CLEAN "a snapshot without a checksum"
found "no checksum beside it" "which is said"
sha256sum "$tmp/snap/one-1.snapshot" | cut -d' ' -f1 | tr -d '\n' \
	>"$tmp/snap/one-1.snapshot.checksum"
look "$tmp/snap"
judged "qdrant snapshot" CLEAN "a snapshot with its checksum"
covered "by the SHA-256 beside it" "which was used"
flip "$tmp/snap/one-1.snapshot" 5000
look "$tmp/snap"
judged "qdrant snapshot" DAMAGED "a byte of it changed"
rm "$tmp/snap/one-1.snapshot.checksum"
truncate -s 3000 "$tmp/snap/one-1.snapshot"
look "$tmp/snap"
judged "qdrant snapshot" DAMAGED "cut, without a checksum"
finish
