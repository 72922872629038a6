#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Models of Ollama, whose layout is exact: blobs named by their SHA-256 and
# manifests that name them; and model files by themselves.
. tests/check/lib.sh

require python3

cat >"$tmp/make.py" <<'END'
import hashlib, json, os, struct, sys

root = sys.argv[1]
os.makedirs(root + "/blobs")

def blob(data):
    h = hashlib.sha256(data).hexdigest()
    with open(root + "/blobs/sha256-" + h, "wb") as f:
        f.write(data)
    return {"mediaType": "x", "digest": "sha256:" + h, "size": len(data)}

def text(s):
    return struct.pack("<Q", len(s)) + s

def gguf():
    head = b"GGUF" + struct.pack("<IQQ", 3, 2, 3)
    head += text(b"general.architecture") + struct.pack("<I", 8) + text(b"x")
    head += text(b"general.alignment") + struct.pack("<II", 4, 64)
    head += text(b"tokens") + struct.pack("<IIQ", 9, 8, 2) + text(b"a") + text(b"bc")
    head += text(b"t.0") + struct.pack("<IQIQ", 1, 1000, 0, 0)
    head += text(b"t.1") + struct.pack("<IQQIQ", 2, 64, 32, 2, 4032)
    head += bytes(-len(head) % 64)
    return head + bytes(range(256)) * 15 + bytes(192) + bytes(64 * 18)

def model(name, *layers):
    path = root + "/manifests/registry.ollama.ai/library/" + name
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w") as f:
        json.dump({"schemaVersion": 2, "config": blob(b'{"of": "%s"}' % name.encode()),
                   "layers": list(layers)}, f)

data = gguf()
open(sys.argv[2], "wb").write(data)
weights = blob(data)
model("one/latest", weights, blob(b"template"))
model("two/7b", weights)
END
python3 "$tmp/make.py" "$tmp/models" "$tmp/model.gguf" || ok 1 "models are made"
weights=sha256-$(sha256sum <"$tmp/model.gguf" | cut -d' ' -f1)
fresh() { rm -rf "$tmp/case"; cp -a "$tmp/models" "$tmp/case"; }
case_is() {
	look "$tmp/case"
	judged ollama "$1" "$2: $1"
}
old() { find "$tmp/case" -type f -exec touch -d '2 hours ago' {} +; }

fresh
case_is CLEAN "two models"
covered "2 models by their manifests; 4 blobs .* by SHA-256" "and all is counted"
fresh
flip "$tmp/case/blobs/$weights" 3000
case_is DAMAGED "a byte of a blob changed"
found "blobs/$weights: not the content that its name says" "by its name"
fresh
truncate -s 4000 "$tmp/case/blobs/$weights"
case_is DAMAGED "a blob cut"
found "one/latest: this model does not load: .* has 4000 bytes instead of" \
	"by its size"
found "cut: its tensors need [0-9]+ bytes" "and by its tensors"
fresh
rm "$tmp/case/blobs/$weights"
case_is DAMAGED "a blob missing"
found "two/7b: this model does not load: blobs/$weights is missing" \
	"for each model"
fresh
truncate -s 20 "$tmp/case/manifests/registry.ollama.ai/library/one/latest"
case_is DAMAGED "a manifest cut"
found "one/latest: not JSON.*the model is not listed" "by itself"

fresh
rm -r "$tmp/case/manifests"
case_is CLEAN "no manifests, but all is new"
found "4 blobs .* belong to no model; .* for they are new" "is said"
old
case_is DAMAGED "no manifests, and all is as old as it was"
said "deletes 4 blobs that no manifest names.*OLLAMA_NOPRUNE=1" \
	"what happens is said"
fresh
rm -r "$tmp/case/manifests/registry.ollama.ai/library/one"
old
case_is CLEAN "one manifest missing"
said "deletes 2 blobs" "its own blobs go"
fresh
rm -r "$tmp/case/blobs"
case_is DAMAGED "no blobs"
fresh
echo x >"$tmp/case/blobs/$weights-partial-0"
case_is CLEAN "half a download"

mkdir "$tmp/plain"
cp "$tmp/model.gguf" "$tmp/plain"
look "$tmp/plain"
judged gguf CLEAN "a model by itself"
covered "2 tensors are inside of the file; it has no checksum" "and what that means"
truncate -s -1 "$tmp/plain/model.gguf"
look "$tmp/plain"
judged gguf DAMAGED "one that is a byte short"
truncate -s 100 "$tmp/plain/model.gguf"
look "$tmp/plain"
judged gguf DAMAGED "one that is cut in its head"
finish
