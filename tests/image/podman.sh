#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# The image in Podman and skopeo, with storage of their own.
. tests/image/image.sh

if [ "$(id -u)" != 0 ]; then
	skip_all "needs root: rootless storage is no folder one can just delete"
fi

# vfs: no mounts to leave behind.
podman_() {
	podman --root "$tmp/storage" --runroot "$tmp/run" --tmpdir "$tmp/libpod" \
		--storage-driver vfs --cgroup-manager cgroupfs --events-backend none \
		"$@"
}
cleanup() {
	if [ -d "$tmp/storage" ]; then
		podman_ rm -fa >/dev/null 2>&1
	fi
	awk -v d="$tmp/" 'index($5, d) == 1 { print $5 }' /proc/self/mountinfo |
		sort -r | while read -r point; do umount -l "$point"; done
	rm -rf "$tmp"
}

# runc and the limits: machines without the right to raise limits, and those
# with both kinds of control groups, cannot run crun.  The image needs neither.
bare() {
	podman_ run --rm --pull never --network none --read-only \
		--cap-drop ALL --security-opt no-new-privileges \
		--runtime runc --ulimit nofile=1024:1024 \
		--ulimit nproc=1024:1024 "$@" >"$tmp/out" 2>"$tmp/err"
}

config_digest() {
	tar -xOf "$image_tar" manifest.json |
		sed 's,.*"Config":"blobs/sha256/\([0-9a-f]*\)".*,\1,'
}

if ! command -v podman >/dev/null; then
	skip "podman" "podman is not installed"
else
	podman_ load -i "$image_tar" >"$tmp/out" 2>"$tmp/err"
	has "^Loaded image: $image\$" "podman load"
	podman_ image inspect -f '{{.Id}}' "$image" >"$tmp/out" 2>"$tmp/err"
	has "^$(config_digest)\$" "its id is the digest of the config"
	if ! command -v runc >/dev/null; then
		skip "podman run" "runc is not installed"
	else
		for tool in snapshot verify restore-volume probe startup-order; do
			bare "$image" "$tool" --version
			has "^$tool .*$version\$" "$tool --version in podman"
		done
		bare "drydock-rescue:$version"
		has '^Drydock rescue' "the short name works; the entrypoint"
	fi
fi

if ! command -v skopeo >/dev/null; then
	skip "skopeo" "skopeo is not installed"
else
	for from in "oci-archive:$image_tar:$version" "oci-archive:$image_tar" \
		"docker-archive:$image_tar:$image" "docker-archive:$image_tar"
	do
		rm -rf "$tmp/dir"
		skopeo --insecure-policy --tmpdir "$tmp" copy "$from" "dir:$tmp/dir" \
			>"$tmp/out" 2>"$tmp/err" &&
			[ -s "$tmp/dir/$(config_digest)" ]
		ok $? "skopeo copy ${from%%:*}:${from#*.tar}"
	done
	skopeo --tmpdir "$tmp" inspect "oci-archive:$image_tar" \
		>"$tmp/out" 2>"$tmp/err"
	has '"Architecture": "(amd64|arm64)"' "skopeo inspect"
fi
finish
