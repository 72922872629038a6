#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# The image built twice, in trees with other names, times, modes and a hostile
# environment: the same bytes, and those of the image that ships.
. tests/image/image.sh

cache=$(cd "${CACHE:-build/cache}" && pwd)
third_party=build/third-party/musl-$arch
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-1767225600}
export SOURCE_DATE_EPOCH

# The sources of the manual pages that the image holds.
pages() {
	git ls-files '*.1' '*.5' | while read -r page; do
		[ ! -e "build/image/made/man/${page##*/}.txt" ] || echo "$page"
	done
}

# $1: folder, $2: time of all its files, $3: umask, $4: zone, $5: modes
build() {
	mkdir -p "$1/out" "$1/bin" "$1/tp/bin"
	{
		git ls-files image tools/third-party
		echo tools/lib/cli/cli.h
		echo LICENSE
		pages
	} | cpio -pdm "$1" 2>/dev/null
	cp "$BIN"/* "$1/bin"
	cp "$third_party/bin/busybox" "$1/tp/bin"
	chmod -R "$5" "$1"
	find "$1" -exec touch -d "$2" {} +
	(
		umask "$3"
		TZ=$4 OFFLINE=1 CACHE=$cache
		export TZ OFFLINE CACHE
		# In the order of the page that the first build made.
		libraries=$(sed -n '/^drydock/,/^$/s/^\([^ ]*\) .*/\1/p' \
			build/image/made/licenses/README | sed 1d)
		pages=$(pages)
		cd "$1" || exit
		# shellcheck disable=SC2086  # lists
		image/render-man made/man $pages &&
		image/collect-licenses made/licenses $libraries &&
		image/make-image "$arch" "$version" bin tp made out
	) >"$tmp/out" 2>&1
}

build "$tmp/one" 2001-01-01 022 UTC u+w
ok $? "a first build"
build "$tmp/a/rather/longer/name" 2037-12-31T23:59:59 077 Asia/Kathmandu go-rwx
ok $? "a second one, elsewhere and at another time"
one=$tmp/one/out/drydock-image-$arch.tar
two=$tmp/a/rather/longer/name/out/drydock-image-$arch.tar
cmp "$one" "$two" >"$tmp/out" 2>&1
ok $? "both have the same bytes"
cmp "$one" "$image_tar" >"$tmp/out" 2>&1
ok $? "and those of the image that ships"

# A check that cannot fail is none: other inputs give other bytes.
echo >>"$tmp/one/image/passwd"
(cd "$tmp/one" && image/make-image "$arch" "$version" bin tp made out) \
	>"$tmp/out" 2>&1
! cmp -s "$one" "$two"
ok $? "another input gives another image"
finish
