#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# What is in the image's tar: every digest and size right, both indices the
# same, nothing in the tree but what image/rootfs.list names.
. tests/image/image.sh

mkdir "$tmp/image" "$tmp/root"
tar -C "$tmp/image" -xf "$image_tar"
blobs=$tmp/image/blobs/sha256
index=$tmp/image/index.json

# The value of key $1 in JSON file $2, which our own writer made: the first,
# without blanks around it.
value() {
	sed -n "s/.*\"$1\":\"\{0,1\}\([^\",}]*\).*/\1/p" "$2"
}

# Digest and size in file $2 of what has the media type $1.
described() {
	sed -n "s/.*image[.]$1\",\"digest\":\"sha256:\([0-9a-f]*\)\",\"size\":\([0-9]*\).*/\1 \2/p" "$2"
}

# $1: "digest size"
is_blob() {
	[ -n "$1" ] && [ "$(wc -c <"$blobs/${1% *}")" = "${1#* }" ]
}

(cd "$blobs" && for sum in *; do echo "$sum  $sum"; done | sha256sum -c) \
	>"$tmp/out" 2>&1
ok $? "each blob has the digest it is called by"

manifest=$(described manifest.v1+json "$index")
is_blob "$manifest"
ok $? "index.json: the manifest's digest and size"
manifest=$blobs/${manifest% *}
config=$(described config.v1+json "$manifest")
is_blob "$config"
ok $? "manifest: the config's digest and size"
layer=$(described layer.v1.tar "$manifest")
is_blob "$layer"
ok $? "manifest: the layer's digest and size"
[ "$(find "$blobs" -type f | wc -l)" = 3 ]
ok $? "no other blob"

[ "$(cat "$tmp/image/manifest.json")" = "[{\"Config\":\"blobs/sha256/${config% *}\",\"RepoTags\":[\"$image\"],\"Layers\":[\"blobs/sha256/${layer% *}\"]}]" ]
ok $? "manifest.json names the same config and layer, and $image"
[ "$(value io.containerd.image.name "$index")" = "$image" ]
ok $? "index.json: full name for containerd"
[ "$(value org.opencontainers.image.ref.name "$index")" = "$version" ]
ok $? "index.json: tag for OCI"
[ "$(cat "$tmp/image/oci-layout")" = '{"imageLayoutVersion":"1.0.0"}' ]
ok $? "oci-layout"

config=$blobs/${config% *}
layer=$blobs/${layer% *}
case $arch in x86_64) engine_arch=amd64 ;; *) engine_arch=arm64 ;; esac
[ "$(value architecture "$config")" = $engine_arch ] &&
	[ "$(value architecture "$index")" = $engine_arch ]
ok $? "architecture $engine_arch in config and index"
grep -qF "\"diff_ids\":[\"sha256:${layer##*/}\"]" "$config"
ok $? "config: the layer's digest"
grep -qF '"Entrypoint":["/bin/rescue"]' "$config"
ok $? "config: the entrypoint"
! grep -qE '"(Volumes|User|ExposedPorts|Healthcheck|Cmd)"' "$config"
ok $? "config: no volumes, user, ports, health check"

# ---- the tree

tar --numeric-owner --full-time -tvf "$layer" >"$tmp/list"
awk '$2 != "0/0"' "$tmp/list" >"$tmp/out"
[ ! -s "$tmp/out" ]
ok $? "everything belongs to root"
grep -v '^[-dl]' "$tmp/list" >"$tmp/out"
[ ! -s "$tmp/out" ]
ok $? "only files, folders and symbolic links"
[ "$(awk '{ print $4, $5 }' "$tmp/list" | sort -u | wc -l)" = 1 ]
ok $? "one time on everything"
# With s and t in the mode only what the list says.
awk '$1 ~ /[st]/ || $1 ~ /^[^l].......w/ { print $1, $6 }' "$tmp/list" \
	>"$tmp/out"
[ "$(cat "$tmp/out")" = 'drwxrwxrwt tmp/' ]
ok $? "nothing but /tmp is writable for all or has special bits"

tar -C "$tmp/root" -xf "$layer"
(cd "$tmp/root" && find . -mindepth 1 | sed 's,^\./,,') | sort >"$tmp/there"
{
	awk '!/^#/ && NF { print $3 }' image/rootfs.list
	"$BIN/busybox" --list | sed 's,^,bin/,'
	awk '!/^#/ && $1 == "tree" { print $3 }' image/rootfs.list |
		while read -r tree; do
			grep "^$tree/" "$tmp/there"
		done
} | sort -u >"$tmp/want"
diff "$tmp/want" "$tmp/there" >"$tmp/out"
ok $? "the tree is what image/rootfs.list names, no more and no less"

(cd "$tmp/root" && find . -type l) | while read -r link; do
	target=$(readlink "$tmp/root/$link")
	case $target in
	/proc/*) ;;
	/*)	[ -e "$tmp/root$target" ] || echo "$link" ;;
	*)	[ -e "$tmp/root/$link" ] || echo "$link" ;;
	esac
done >"$tmp/out"
[ ! -s "$tmp/out" ]
ok $? "every link leads somewhere"

for file in "$BIN"/*; do
	name=${file##*/}
	case $name in *.tar) continue ;; esac
	cmp "$file" "$tmp/root/bin/$name" >"$tmp/out" 2>&1
	ok $? "/bin/$name is the one that was built"
done
cmp "$BIN/${image_tar##*/}" "$image_tar" >"$tmp/out" 2>&1
ok $? "the tar lies beside the tools, for snapshot --with-tools"

# ---- another architecture: what engines are told of it

mkdir "$tmp/bin"
cp "$BIN"/* "$tmp/bin"
cp -R build/image/made "$tmp/made"
image/make-image aarch64 "$version" "$tmp/bin" \
	"build/third-party/musl-$arch" "$tmp/made" "$tmp/other" \
	>"$tmp/out" 2>&1 &&
	tar -xOf "$tmp/other/drydock-image-aarch64.tar" index.json >"$tmp/out" &&
	grep -qF '"platform":{"architecture":"arm64","os":"linux","variant":"v8"}' \
		"$tmp/out"
ok $? "aarch64 is arm64 v8 to an engine"
image/make-image sparc "$version" "$tmp/bin" x y "$tmp/other" 2>"$tmp/out"
[ $? = 1 ] && grep -q "no engine's name is known for 'sparc'" "$tmp/out"
ok $? "an architecture without a name is refused"

# ---- the documents

licenses=$tmp/root/usr/share/licenses
for name in drydock musl bearssl libarchive libzstd zlib xz-utils bzip2 \
	jansson busybox; do
	grep -q "^$name " "$licenses/README" &&
		[ -n "$(find "$licenses/$name" -type f -size +500c)" ]
	ok $? "the licence of $name is there, and its text"
done
cp "$licenses/README" "$tmp/out"
has '^busybox is free software' "the terms of busybox are told"
has 'make dist-sources' "and where its source is"

man=$tmp/root/usr/share/man
for tool in snapshot verify restore-volume probe startup-order; do
	grep -s -A3 '^EXIT STATUS' "$man/$tool.1.txt" >"$tmp/out"
	has '[a-z]' "the manual of $tool is there, as text"
done
grep -l "$(printf '\b')" "$man"/* >"$tmp/out"
[ ! -s "$tmp/out" ]
ok $? "no overstrikes in the manual"
for page in "$man"/*.1.txt; do
	expand "$page" | grep -nE '^.{81}'
done >"$tmp/out"
[ ! -s "$tmp/out" ]
ok $? "the tools' pages fit 80 columns"

# ---- the size

if command -v zstd >/dev/null; then
	bytes=$(zstd -q -19 -c "$image_tar" | wc -c)
	echo "# $(wc -c <"$image_tar") bytes, $bytes as zstd -19"
	[ "$bytes" -lt $((6 << 20)) ]
	ok $? "under 6 MiB compressed"
else
	skip "under 6 MiB compressed" "zstd is not installed"
fi
finish
