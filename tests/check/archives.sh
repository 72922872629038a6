#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Archives in every packing, whole and with one bit changed at many places;
# images of containers; what a backup that failed leaves.
. tests/check/lib.sh
require python3 zstd gzip xz bzip2 tar

mkdir -p "$tmp/src" "$tmp/d"
for i in 1 2 3 4 5 6; do
	head -c 30000 /dev/urandom | od -An -tx1 >"$tmp/src/file$i"
done
tar -cf "$tmp/plain.tar" -C "$tmp/src" .

only() { rm -rf "$tmp/d"; mkdir "$tmp/d"; cp "$1" "$tmp/d/$2"; look "$tmp/d"; }

only "$tmp/plain.tar" a.tar
judged tar CLEAN "a plain tar"
covered 'to the end marker; no other checksum' "and that no more vouches for it"
for packer in 'gzip -c' 'xz -c' 'bzip2 -c' 'zstd -qc'; do
	name=${packer%% *}
	$packer "$tmp/plain.tar" >"$tmp/packed"
	only "$tmp/packed" a.tar
	judged tar CLEAN "a tar packed by $name, whatever its name"
	covered "$name's checksums over" "by its checksums"
	head -c -1 "$tmp/packed" >"$tmp/cut"
	only "$tmp/cut" a.tar
	judged tar DAMAGED "$name: its last byte missing"
	(cat "$tmp/packed"; echo x) >"$tmp/more"
	only "$tmp/more" a.tar
	judged tar DAMAGED "$name: bytes behind its end"
done

# 40 single bits in each: every one is seen.
cat >"$tmp/flips.py" <<'E2'
import random, sys
data = open(sys.argv[1], "rb").read()
random.seed(7)
for i in range(40):
    bit = random.randrange(80, 8 * len(data))
    changed = bytearray(data)
    changed[bit // 8] ^= 1 << bit % 8
    open("%s/%02d" % (sys.argv[2], i), "wb").write(changed)
E2
for packer in 'gzip -c' 'xz -c' 'bzip2 -c' 'zstd -qc'; do
	$packer "$tmp/plain.tar" >"$tmp/packed"
	rm -rf "$tmp/d"
	mkdir "$tmp/d"
	python3 "$tmp/flips.py" "$tmp/packed" "$tmp/d"
	look "$tmp/d"
	is "$(grep -c '"message_type":"data".*"verdict":"DAMAGED"' "$tmp/json")" \
		40 "${packer%% *}: 40 of 40 changed bits are seen"
done

zstd -qc --no-check "$tmp/plain.tar" >"$tmp/packed"
only "$tmp/packed" a.tar.zst
judged tar CLEAN "zstd without a checksum"
covered 'packed without a checksum' "is said to have none"

# GNU tar itself says nothing of this one.
python3 - "$tmp/plain.tar" "$tmp/cut" <<'E2'
import sys, tarfile
data = open(sys.argv[1], "rb").read()
at = tarfile.open(sys.argv[1]).getmembers()[4].offset
open(sys.argv[2], "wb").write(data[:at])
E2
only "$tmp/cut" a.tar
judged tar DAMAGED "a tar cut between two members"
gzip -c </dev/null >"$tmp/empty"
only "$tmp/empty" dump.sql.gz
judged gzip SUSPECT "a whole gzip file with nothing in it"

# An image as docker save writes it, both layouts in one.
cat >"$tmp/image.py" <<'E2'
import hashlib, io, json, sys, tarfile
out, fault = sys.argv[1], sys.argv[2]
def sha(data): return hashlib.sha256(data).hexdigest()
layer, config = b"layer" * 5000, json.dumps({"os": "linux"}).encode()
manifest = json.dumps({"schemaVersion": 2,
    "config": {"digest": "sha256:" + sha(config)},
    "layers": [{"digest": "sha256:" + sha(layer)}]}).encode()
index = json.dumps({"manifests": [{"digest": "sha256:" + sha(manifest)}]}).encode()
save = json.dumps([{"Config": "blobs/sha256/" + sha(config),
    "Layers": ["blobs/sha256/" + sha(layer)]}]).encode()
files = [("blobs/sha256/" + sha(b), b) for b in (layer, config, manifest)]
files += [("index.json", index), ("manifest.json", save),
    ("oci-layout", b'{"imageLayoutVersion":"1.0.0"}')]
if fault == "changed": files[0] = (files[0][0], b"Layer" + layer[5:])
if fault == "missing": del files[0]
if fault == "json": files[4] = (files[4][0], save[:-2])
with tarfile.open(out, "w") as t:
    for name, data in files:
        info = tarfile.TarInfo(name)
        info.size = len(data)
        t.addfile(info, io.BytesIO(data))
E2
python3 "$tmp/image.py" "$tmp/image" none
only "$tmp/image" image.tar
judged 'OCI image' CLEAN "an image"
covered '3 image blobs by SHA-256, 2 references' "blob by blob"
for fault in changed missing json; do
	python3 "$tmp/image.py" "$tmp/image" $fault
	only "$tmp/image" image.tar
	judged 'OCI image' DAMAGED "an image with something $fault"
done

# And from a medium, where the archive is in an archive.
mkdir "$tmp/m"
"$bin/snapshot" -q --to "$tmp/m" --any-directory --path dumps="$tmp/d" \
	>/dev/null
look "$tmp/m"
judged 'OCI image' DAMAGED "the same, in place on a medium"
run "$bin/restore-volume" --check --from "$tmp/m" latest dumps --to "$tmp/back"
exits 5 "restore-volume --check refuses it"
[ ! -e "$tmp/back/image.tar" ]
ok $? "and swaps nothing in"
finish
