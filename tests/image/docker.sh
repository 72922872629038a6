#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# The image in a real Docker engine: loaded, run with no rights at all, built
# from the Dockerfile with no network.
. tests/image/image.sh
. tests/docker/dockerd.sh

dockerd_usable || skip_all "$dockerd_why"
cleanup() {
	dockerd_sweep
	rm -rf "$tmp"
}
dockerd_start "$tmp/engine" || {
	tail -n 5 "$tmp/engine/dockerd.log" >&2
	skip_all "dockerd does not start here"
}

# As little as can be given.
bare() {
	docker_ run --rm --pull never --network none --read-only \
		--cap-drop ALL --security-opt no-new-privileges "$@" \
		>"$tmp/out" 2>"$tmp/err"
}

docker_ load -i "$image_tar" >"$tmp/out" 2>"$tmp/err"
has "^Loaded image: $image\$" "docker load"
docker_ image inspect -f '{{.Id}}' "$image" >"$tmp/out"
grep -qF "blobs/$(sed 's,:,/,' "$tmp/out")" <<-END
	$(tar -xOf "$image_tar" manifest.json)
END
ok $? "its id is the digest of the config, as make image prints it"

for tool in snapshot verify restore-volume probe startup-order; do
	bare "$image" "$tool" --version
	has "^$tool .*$version\$" "$tool --version, without any right"
done
bare --user nobody "$image" sh -c 'id -un; touch /bin/x || echo sealed'
has '^nobody$' "a user by name"
has '^sealed$' "nothing can be written"
bare --entrypoint sha256sum "$image" /bin/verify
has "^$(sha256sum <"$BIN/verify" | cut -c1-64)  /bin/verify" \
	"an applet as entrypoint; the tool inside has the digest of ours"
docker_ run --name left "$image" verify --version >"$tmp/out" 2>"$tmp/err" &&
	[ -z "$(docker_ volume ls -q)" ]
ok $? "a run without --rm leaves no anonymous volume"

# ---- the Dockerfile

DOCKER_BUILDKIT=0 docker_ build --network none -t rebuilt \
	-f image/Dockerfile --build-arg "ARCH=$arch" build/image/context \
	>"$tmp/out" 2>"$tmp/err"
ok $? "docker build with no network"

# What a container of an image consists of, less what the engine makes in it.
listing() {
	docker_ create --name "list-$1" "$2" >/dev/null &&
		docker_ export "list-$1" |
		tar --numeric-owner --full-time -tvf - | sort -k6 |
		grep -v -e ' dev/' -e ' proc/$' -e ' sys/$' -e '[.]dockerenv' \
			-e ' etc/\(hosts\|hostname\|resolv[.]conf\|\)$' \
			-e ' etc/mtab ' >"$tmp/$1"
}
listing loaded "$image" && listing built rebuilt
ok $? "both trees can be listed"
[ "$(wc -l <"$tmp/loaded")" -gt 100 ] &&
	diff "$tmp/loaded" "$tmp/built" >"$tmp/out"
ok $? "the same tree as the loaded image"
config='{{.Config.Env}} {{.Config.Entrypoint}} {{.Config.Cmd}} {{.Config.WorkingDir}} {{.Config.User}}'
docker_ image inspect -f "$config" "$image" >"$tmp/out"
[ "$(docker_ image inspect -f "$config" rebuilt)" = "$(cat "$tmp/out")" ]
ok $? "the same entrypoint, path and folder"
finish
