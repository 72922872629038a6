#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# A drive of MinIO, made by a small program of our own (there is no package of
# the server): objects inline and in parts, versions, delete markers; and each
# damage.  The hash that guards it is held against MinIO's published value in
# tests/unit/test_codec_hashes.c.
. tests/check/lib.sh

require python3

cat >"$tmp/make.py" <<'END'
import json, os, struct, sys

M = (1 << 64) - 1
KEY = bytes.fromhex("4be734fa8e238acd263e83e6bb968552"
                    "040f935da39f441497e09d1322de36a0")
MUL0 = [0xdbe6d5d5fe4cce2f, 0xa4093822299f31d0,
        0x13198a2e03707344, 0x243f6a8885a308d3]
MUL1 = [0x3bd39e10cb0ef593, 0xc0acf169b5f18a8c,
        0xbe5466cf34e90c6c, 0x452821e638d01377]

def swap(x):
    return (x >> 32 | x << 32) & M

def merge(a, b):
    """What is added for the odd and the even lane of a pair."""
    x, y = a.to_bytes(8, "little"), b.to_bytes(8, "little")
    even = bytes([y[3], x[4], y[2], y[5], x[6], y[1], x[7], y[0]])
    odd = bytes([x[3], y[4], x[2], x[5], x[1], y[6], x[0], y[7]])
    return int.from_bytes(odd, "little"), int.from_bytes(even, "little")

class Highway:
    def __init__(self):
        k = struct.unpack("<4Q", KEY)
        self.m0, self.m1 = MUL0[:], MUL1[:]
        self.v0 = [m ^ x for m, x in zip(MUL0, k)]
        self.v1 = [m ^ swap(x) for m, x in zip(MUL1, k)]

    def lanes(self, lane):
        v0, v1, m0, m1 = self.v0, self.v1, self.m0, self.m1
        for i in range(4):
            v1[i] = v1[i] + m0[i] + lane[i] & M
            m0[i] ^= (v1[i] & 0xffffffff) * (v0[i] >> 32)
            v0[i] = v0[i] + m1[i] & M
            m1[i] ^= (v0[i] & 0xffffffff) * (v1[i] >> 32)
        for to, of in ((v0, v1), (v1, v0)):
            for i in (0, 2):
                odd, even = merge(of[i + 1], of[i])
                to[i], to[i + 1] = to[i] + even & M, to[i + 1] + odd & M

    def rest(self, tail):
        n, odd, block = len(tail), len(tail) & 3, bytearray(32)
        for i in range(4):
            self.v0[i] = self.v0[i] + (n << 32) + n & M
            lo, hi = self.v1[i] & 0xffffffff, self.v1[i] >> 32
            lo, hi = ((x << n | x >> (32 - n)) & 0xffffffff for x in (lo, hi))
            self.v1[i] = hi << 32 | lo
        block[:n - odd] = tail[:n - odd]
        if n & 16:
            block[28:] = tail[n - 4:]
        elif odd:
            end = tail[n - odd:]
            block[16], block[17], block[18] = end[0], end[odd >> 1], end[odd - 1]
        self.lanes(struct.unpack("<4Q", block))

def highway(data):
    h = Highway()
    whole = len(data) // 32 * 32
    for at in range(0, whole, 32):
        h.lanes(struct.unpack_from("<4Q", data, at))
    if len(data) > whole:
        h.rest(data[whole:])
    for _ in range(10):
        h.lanes([swap(h.v0[i]) for i in (2, 3, 0, 1)])
    out = []
    for i in (0, 2):
        a0, a1 = h.v0[i] + h.m0[i] & M, h.v0[i + 1] + h.m0[i + 1] & M
        a2 = h.v1[i] + h.m1[i] & M
        a3 = (h.v1[i + 1] + h.m1[i + 1] & M) & (M >> 2)
        out.append((a0 ^ a2 << 1 ^ a2 << 2) & M)
        out.append((a1 ^ (a3 << 1 | a2 >> 63) ^ (a3 << 2 | a2 >> 62)) & M)
    return struct.pack("<4Q", *out)

def xxh64(data):
    p1, p2, p3, p4, p5 = (11400714785074694791, 14029467366897019727,
        1609587929392839161, 9650029242287828579, 2870177450012600261)
    rot = lambda x, n: (x << n | x >> (64 - n)) & M
    step = lambda a, w: rot(a + w * p2 & M, 31) * p1 & M
    at, h = 0, p5
    if len(data) >= 32:
        lane = [p1 + p2 & M, p2, 0, -p1 & M]
        while at + 32 <= len(data):
            for i in range(4):
                w, = struct.unpack_from("<Q", data, at + 8 * i)
                lane[i] = step(lane[i], w)
            at += 32
        h = sum(rot(x, n) for x, n in zip(lane, (1, 7, 12, 18))) & M
        for x in lane:
            h = ((h ^ step(0, x)) * p1 + p4) & M
    h = h + len(data) & M
    while at + 8 <= len(data):
        w, = struct.unpack_from("<Q", data, at)
        h = (rot(h ^ step(0, w), 27) * p1 + p4) & M
        at += 8
    if at + 4 <= len(data):
        w, = struct.unpack_from("<I", data, at)
        h = (rot(h ^ w * p1 & M, 23) * p2 + p3) & M
        at += 4
    for b in data[at:]:
        h = rot(h ^ b * p5 & M, 11) * p1 & M
    h = (h ^ h >> 33) * p2 & M
    h = (h ^ h >> 29) * p3 & M
    return h ^ h >> 32

def pack(x):
    if isinstance(x, bytes):
        return b"\xc5" + struct.pack(">H", len(x)) + x if len(x) < 65536 \
            else b"\xc6" + struct.pack(">I", len(x)) + x
    if isinstance(x, str):
        return b"\xd9" + bytes([len(x)]) + x.encode()
    if isinstance(x, dict):
        return b"\xde" + struct.pack(">H", len(x)) + \
            b"".join(pack(k) + pack(v) for k, v in x.items())
    if isinstance(x, list):
        return bytes([0x90 + len(x)]) + b"".join(map(pack, x))
    return b"\xd3" + struct.pack(">q", x) if x > 127 else bytes([x])

root = sys.argv[1]
drives = int(sys.argv[2]) if len(sys.argv) > 2 else 1
serial = 0

def new_id():
    global serial
    serial += 1
    return bytes(14) + struct.pack(">H", serial + 256)

def text(i):
    h = i.hex()
    return "-".join((h[:8], h[8:12], h[12:16], h[16:20], h[20:]))

def guarded(data, block):
    shard = -(-block // drives)
    out = b""
    for at in range(0, len(data), block):
        part = data[at:at + block]
        part = part[:-(-len(part) // drives)]
        out += highway(part) + part
    return out

def content(name, parts, inline=False, system={}, version=bytes(16), block=4096):
    """One version: its map, and what stands inline for it."""
    ddir = new_id()
    system, data = dict(system), {}
    if inline:
        system["x-minio-internal-inline-data"] = b"true"
        data[text(version) if any(version) else "null"] = \
            guarded(parts[0], block)
    else:
        d = os.path.join(root, name, text(ddir))
        os.makedirs(d)
        for i, part in enumerate(parts):
            with open("%s/part.%d" % (d, i + 1), "wb") as f:
                f.write(guarded(part, block))
    obj = {"ID": version, "DDir": ddir, "EcAlgo": 1, "EcM": drives, "EcN": 0,
           "EcBSize": block, "EcIndex": 1, "EcDist": [1], "CSumAlgo": 1,
           "PartNums": list(range(1, len(parts) + 1)),
           "PartETags": [], "PartSizes": [len(p) for p in parts],
           "PartASizes": [len(p) for p in parts],
           "Size": sum(map(len, parts)), "MTime": 1700000000000000000,
           "MetaSys": system, "MetaUsr": {"etag": "x"}}
    return {"Type": 1, "V2Obj": obj, "v": 1}, data

def put(name, versions, minor=3):
    inline = {}
    for _, data in versions:
        inline.update(data)
    maps = [v for v, _ in versions]
    if minor == 3:
        meta = pack(3) + pack(2) + pack(len(maps)) + b"".join(
            pack(pack([bytes(16), 1, bytes(4), 1, 0, 0, 1])) + pack(pack(v))
            for v in maps)
    else:
        meta = pack({"Versions": maps})
    out = b"XL2 \1\0" + bytes([minor, 0]) + pack(meta)
    if minor >= 2:
        out += b"\xce" + struct.pack(">I", xxh64(meta) & 0xffffffff)
        if inline:
            out += b"\1" + pack(inline)
    os.makedirs(os.path.join(root, name), exist_ok=True)
    with open(os.path.join(root, name, "xl.meta"), "wb") as f:
        f.write(out)

noise = bytes(i * i * 7 >> 3 & 255 for i in range(70001))
marker = {"Type": 2, "DelObj": {"ID": new_id(), "MTime": 1}, "v": 1}, {}
os.makedirs(root + "/.minio.sys/tmp/x")
os.makedirs(root + "/.minio.sys/multipart")
open(root + "/.minio.sys/tmp/x/xl.meta", "w").write("half written")
json.dump({"version": "1", "format": "xl-single" if drives == 1 else "xl",
           "id": "x"}, open(root + "/.minio.sys/format.json", "w"))
put(".minio.sys/buckets/b/.metadata.bin",
    [content("", [b"settings"], inline=True)])
put("b/small", [content("", [b"hello"], inline=True)])
put("b/empty", [content("", [b""], inline=True)])
put("b/large", [content("b/large", [noise])])
put("b/a folder/multi", [content("b/a folder/multi", [noise[:9000], noise[:77]])])
put("b/million", [content("b/million", [noise * 15], block=1 << 20)])
put("b/versions", [content("", [b"new"], inline=True, version=new_id()), marker,
    content("b/versions", [noise[:5000]], version=new_id())], minor=2)
put("b/old", [content("b/old", [noise[:100]])], minor=1)
# Names of objects that look like folders of data, and like parts.
odd = "b/12345678-1234-1234-1234-123456789abc"
put(odd + "/inner", [content(odd + "/inner", [noise[:300]])])
put(odd + "/part.1", [content("", [b"named so"], inline=True)])
put("b/sealed", [content("", [b"?"], inline=True, system={
    "X-Minio-Internal-Server-Side-Encryption-Iv": b"iv"})])
put("b/packed", [content("", [b"?"], inline=True, system={
    "X-Minio-Internal-compression": b"klauspost/compress/s2"})])
END
python3 "$tmp/make.py" "$tmp/drive" || ok 1 "a drive is made"
fresh() { rm -rf "$tmp/case"; cp -a "$tmp/drive" "$tmp/case"; }
part() { (cd "$tmp/case" && find $1 -type f -name "part.${2:-1}"); }
case_is() {
	look "$tmp/case"
	judged minio "$1" "$2: $1"
}

fresh
case_is CLEAN "a drive"
covered "12 objects with 14 versions, 1 of them delete markers, 1 compressed" \
	"objects and versions are counted"
covered "1.1 MB of content by HighwayHash" "and their content"
covered "1 xl.meta have no checksum" "an old xl.meta has none"
said "1 versions are encrypted" "encrypted ones are named"

fresh
flip "$tmp/case/$(part b/large)" 40
case_is DAMAGED "a byte of a part changed"
found "b/large/.*part.1: block 0: wrong hash" "with file and block"
fresh
flip "$tmp/case/$(part b/large)" 30000
case_is DAMAGED "a byte of a later block changed"
found "block 7: wrong hash .*that are: 1" "with its number"
fresh
flip "$tmp/case/$(part b/large)" 3
case_is DAMAGED "a hash itself changed"
fresh
truncate -s -1 "$tmp/case/$(part b/large)"
case_is DAMAGED "a part cut"
found "bytes instead of 70577" "by its size"
fresh
printf x >>"$tmp/case/$(part b/large)"
case_is DAMAGED "a part too long"
fresh
rm "$tmp/case/$(part 'b/a*/multi' 2)"
case_is DAMAGED "a part missing"
found "part.2: missing" "with its number"
fresh
flip "$tmp/case/b/small/xl.meta" 60
case_is DAMAGED "a byte of an xl.meta changed"
found "b/small/xl.meta: the checksum of the metadata is wrong" "by its checksum"
fresh
flip "$tmp/case/b/small/xl.meta" $(($(stat -c %s "$tmp/drive/b/small/xl.meta") - 2))
case_is DAMAGED "a byte of an inline content changed"
found "b/small: block 0: wrong hash" "by its hash"
fresh
truncate -s 50 "$tmp/case/b/small/xl.meta"
case_is DAMAGED "an xl.meta cut"
fresh
: >"$tmp/case/b/small/xl.meta"
case_is DAMAGED "an xl.meta emptied"
fresh
flip "$tmp/case/$(part 'b/12345678*/inner')" 40
case_is DAMAGED "a byte of an object below a name like a data folder's"
fresh
rm "$tmp/case/b/large/xl.meta"
case_is SUSPECT "data without an xl.meta"
fresh
cp -a "$tmp/case/$(dirname "$(part b/large)")" \
	"$tmp/case/b/large/00000000-0000-0000-0000-00000000ffff"
case_is CLEAN "data that no version names"
found "1 folders of data that no version names" "is said"
fresh
rm "$tmp/case/.minio.sys/format.json"
case_is DAMAGED "format.json missing"
fresh
echo '{"format":"fs"}' >"$tmp/case/.minio.sys/format.json"
case_is UNCHECKED "the layout of before 2022"

python3 "$tmp/make.py" "$tmp/shards" 3 || ok 1 "one drive of three is made"
look "$tmp/shards"
judged minio CLEAN "one drive of three"
said "one drive of several" "is no whole object, and that is said"
finish
