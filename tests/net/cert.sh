#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# probe cert://: files of certificates and keys that openssl made, on the host
# and in a volume.
set -u
. tests/tap.sh
. tests/net/lib.sh

if ! command -v openssl >/dev/null; then
	skip "certificate files" "no openssl"
	finish
fi

umask 077
d=$tmp/tls
mkdir "$d"
openssl_() { openssl "$@" >>"$tmp/openssl.log" 2>&1; }

# $1: name, $2: issuer (or its own name), $3: days, then extensions
certificate() {
	_name=$1 _by=$2 _days=$3
	shift 3
	[ -s "$d/$_name.key" ] ||
		openssl_ genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 \
			-out "$d/$_name.key"
	openssl_ req -new -key "$d/$_name.key" -subj "/CN=$_name" -out "$tmp/csr"
	printf '%s\n' "$@" >"$tmp/ext"
	if [ "$_name" = "$_by" ]; then
		set -- -signkey "$d/$_name.key"
	else
		set -- -CA "$d/$_by.crt" -CAkey "$d/$_by.key"
	fi
	openssl_ x509 -req -in "$tmp/csr" "$@" -days "$_days" -set_serial 7 \
		-extfile "$tmp/ext" -out "$d/$_name.crt"
}
authority='basicConstraints=critical,CA:TRUE'
certificate root root 3000 $authority
certificate inter root 2000 $authority
certificate site inter 400 'subjectAltName=DNS:site.test,DNS:*.site.test,IP:192.0.2.1' \
	extendedKeyUsage=serverAuth
certificate other other 400 subjectAltName=DNS:other.test
cat "$d/site.crt" "$d/inter.crt" >"$d/chain.pem"
[ -s "$d/site.crt" ] || { cat "$tmp/openssl.log"; ok 1 "certificates"; finish; }

cert() { # $1: file below $d, then options
	_file=$1
	shift
	probe -v "$@" "cert://$d/$_file"
}

cert chain.pem
exits 0 "a chain"
code ok "is good"
says '"fact_names":"site.test \*.site.test 192.0.2.1"' "its names"
says '"fact_cert_days_left":"(399|400)"' "and days"
says 'no key was compared' "an OK says what it does not cover"
cert chain.pem --set key="$d/site.key" --expect name=site.test \
	--expect name=a.site.test --expect name=192.0.2.1
code ok "its key and each of its names"
says '"fact_key":"belongs"' "the key was compared"
cert chain.pem --set ca="$d/root.crt"
code ok "verified against its authority"
says '"fact_cert_verdict":"ok"' "which is said"

cert chain.pem --set key="$d/other.key"
code key-mismatch "the key of another certificate"
exits 1 "is a failure"
cert chain.pem --set key="$d/inter.crt"
code key-missing "a file without a key"
head -c 100 "$d/site.key" >"$d/cut.key"
cert chain.pem --set key="$d/cut.key"
code key-broken "a key cut short"
openssl_ ec -in "$d/site.key" -aes128 -passout pass:x -out "$d/locked.key"
cert chain.pem --set key="$d/locked.key"
code key-unchecked "an encrypted key is not known to be bad"
openssl_ genpkey -algorithm ED25519 -out "$d/ed.key"
cert chain.pem --set key="$d/ed.key"
code key-unchecked "nor is Ed25519"
cert chain.pem --set key="$d/none.key"
code path-missing "no such key"
cat "$d/chain.pem" "$d/site.key" >"$d/both.pem"
cert both.pem
says '"fact_key":"belongs"' "a key in the same file is compared unasked"
! grep -qF "$(sed -n 2p "$d/site.key")" "$tmp/out"
ok $? "and not shown"
chmod 644 "$d/both.pem"
cert both.pem
code world-readable "and may not be read by everybody"
status warn "which is a warning"

cert chain.pem --expect name=site.test --expect name=other.test
code cert-wrong-name "a name that it does not have"
cert chain.pem --warn name=other.test
status warn "which may be a warning"
cert chain.pem --expect days=500
code cert-expires-soon "fewer days than expected"
status fail "is a failure"
cert chain.pem --warn days=500
status warn "or a warning"
cert chain.pem --set ca="$d/other.crt"
code cert-unknown-issuer "an authority that did not issue it"

cat "$d/site.crt" "$d/root.crt" >"$d/gap.pem"
cert gap.pem
code cert-incomplete "an authority left out between the two"
cp "$d/inter.crt" "$tmp/old"
rm "$d/inter.key"
certificate inter root 2000 $authority
cat "$d/site.crt" "$d/inter.crt" >"$d/anew.pem"
cert anew.pem
code cert-bad "an authority made anew under its name"
openssl_ x509 -in "$d/other.crt" -signkey "$d/other.key" -days -1 -out "$d/past.crt"
cert past.crt
code cert-expired "one that has expired"
cat "$d/other.crt" "$d/past.crt" >"$d/two.pem"
cert two.pem
code cert-expired "or whose second has"
openssl_ x509 -in "$d/site.crt" -outform DER -out "$d/site.der"
cert site.der --set key="$d/site.key"
code ok "one in DER"
head -c 200 "$d/site.der" >"$d/cut.der"
cert cut.der
code cert-bad "and that cut short"
head -n 4 "$d/site.crt" >"$d/cut.crt"
cert cut.crt
code cert-bad "PEM cut short"
cert site.key
code cert-missing "a key is no certificate"
: >"$d/empty"
cert empty
code cert-missing "nor is an empty file"
cert none
code path-missing "nor is none"
mkfifo "$d/fifo"
cert fifo
code wrong-kind "a fifo does not hang us"
cert ''
code wrong-kind "and a folder is no file"
for i in $(seq 101); do cat "$d/other.crt"; done >"$d/bundle"
cert bundle
code cannot-read "a bundle is no server's"

# In a volume, with the links of certbot; one that leads out.
data=$tmp/root/volumes/certs/_data
mkdir -p "$data/live/site" "$data/archive/site"
cp "$d/chain.pem" "$data/archive/site/fullchain1.pem"
cp "$d/site.key" "$data/archive/site/privkey1.pem"
for name in fullchain privkey; do
	ln -s "../../archive/site/${name}1.pem" "$data/live/site/$name.pem"
done
ln -s "$d/chain.pem" "$data/out.pem"
in_volume() {
	_path=$1
	shift
	probe --data-root "$tmp/root" --set volume=certs "$@" "cert://$_path"
}
in_volume /archive/site/fullchain1.pem --set key=/archive/site/privkey1.pem
code ok "a certificate in a volume, and its key"
in_volume /live/site/fullchain.pem --set key=/live/site/privkey.pem
code ok "through the links of certbot"
in_volume /out.pem
code cannot-read "a link that leads out of the volume is not followed"
in_volume /none
code path-missing "no such file in it"
probe --data-root "$tmp/root" --set volume=other "cert:///x"
code volume-missing "no such volume"

probe --set volume=.. "cert:///x"
exits 2 "a volume name that is none"
probe --expect 'name=a b' "cert:///x"
exits 2 "a host name that is none"
finish
