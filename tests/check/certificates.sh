#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Certificates, keys and secrets that openssl made, whole and with each damage
# there is.
. tests/check/lib.sh

require openssl python3

umask 077
d=$tmp/tls
exec 3>"$tmp/openssl.log"
# $1: name, $2: days, then options
self_signed() {
	_name=$1 _days=$2
	shift 2
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
		-subj "/CN=$_name" -days "$_days" -keyout "$d/$_name.key" \
		-out "$d/$_name.crt" "$@" 2>&3
}
# Empty, then one pair "a" in it.
fresh() {
	rm -rf "$d"
	mkdir "$d"
	self_signed a 3650
}
flip_inside() { # a character in the middle of the base64 of a file
	python3 - "$1" <<-'END'
	import sys
	with open(sys.argv[1]) as f:
	    lines = f.read().split("\n")
	n = len(lines) // 2
	old = lines[n][10]
	lines[n] = lines[n][:10] + ("A" if old != "A" else "B") + lines[n][11:]
	with open(sys.argv[1], "w") as f:
	    f.write("\n".join(lines))
	END
}

fresh
look "$d"
judged certificates "CLEAN CLEAN" "a certificate and its key"
covered '1 private key; it belongs to the certificate in a.crt' "which are compared"
! grep -q 'BEGIN\|MHc' "$tmp/json"
ok $? "and not shown"

fresh
self_signed b 3650
mv "$d/b.key" "$d/a.key"
look "$d"
found 'SUSPECT a.key: the private key does not belong to .* a.crt' "a key of another certificate"

fresh
self_signed b 1
mv "$d/b.crt" "$d/b.pem"
cat "$d/b.key" >>"$d/b.pem"
rm "$d/b.key"
look "$d"
covered '1 certificate; 1 private key; they belong together' "both in one file"
found 'CLEAN b.pem: valid until .* only' "and valid for a day"

for names in 'privkey.pem fullchain.pem' 'privkey3.pem cert3.pem' 'key.pem cert.pem' \
	'x-key.pem x.pem' 'tls.key tls.crt' 'x_key.pem x_cert.pem'; do
	fresh
	mv "$d/a.key" "$d/${names% *}"
	mv "$d/a.crt" "$d/${names#* }"
	look "$d"
	covered "it belongs to the certificate in ${names#* }" "$names"
done

fresh
openssl req -x509 -key "$d/a.key" -subj /CN=old -out "$d/a.crt" -days 1 \
	-set_serial 1 -addext subjectAltName=DNS:a.test 2>&3
openssl x509 -in "$d/a.crt" -signkey "$d/a.key" -days -1 -out "$d/old.crt" 2>&3 || :
if [ -s "$d/old.crt" ]; then
	mv "$d/old.crt" "$d/a.crt"
	look "$d"
	found 'SUSPECT a.crt: the certificate was valid until' "an expired one"
	rm "$d"/*
	self_signed ca 1
	openssl x509 -in "$d/ca.crt" -signkey "$d/ca.key" -days -1 -out "$tmp/ca" 2>&3
	rm "$d"/*
	mv "$tmp/ca" "$d/ca.crt"
	look "$d"
	found 'CLEAN ca.crt: the certificate was valid until' "an authority by itself is only remarked"
else
	skip "expired ones" "openssl makes none"
fi

fresh
flip_inside "$d/a.key"
look "$d"
found 'DAMAGED a.key: line 1: the private key is broken' "a changed character in a key"
fresh
head -n 4 "$d/a.crt" >"$d/b" && mv "$d/b" "$d/a.crt"
look "$d"
found 'DAMAGED a.crt: line 1: the PEM block has no end' "a certificate cut short"
fresh
: >"$d/a.crt"
look "$d"
found 'SUSPECT a.crt: is empty' "an empty one"
fresh
head -c 4096 /dev/zero >"$d/a.crt"
look "$d"
found 'SUSPECT a.crt: holds nothing in PEM form' "one of zeros"
fresh
sed '/-----/d' "$d/a.crt" >"$d/b" && mv "$d/b" "$d/a.crt"
look "$d"
found 'SUSPECT a.crt: holds nothing in PEM form' "one without its first and last line"
fresh
echo 'This file is a place for root certificates. Add yours to it.' >"$d/b.crt"
look "$d"
found 'UNCHECKED b.crt: plain text' "words where a certificate may go"
judged certificates "CLEAN CLEAN UNCHECKED" "are no damage"
fresh
openssl x509 -in "$d/a.crt" -outform DER -out "$d/a.der"
look "$d"
judged certificates "CLEAN CLEAN CLEAN" "one in DER"
head -c 200 "$d/a.der" >"$d/b" && mv "$d/b" "$d/a.der"
look "$d"
found 'DAMAGED a.der: .*not well-formed' "and that one cut short"
fresh
openssl ec -in "$d/a.key" -outform DER -out "$d/a.cer" 2>&3
look "$d"
found 'UNCHECKED a.cer: DER, but no certificate' "and DER of another kind is not called bad"
fresh
openssl x509 -in "$d/a.crt" -signkey "$d/a.key" -set_serial 0 -out "$d/zero.crt" 2>&3
look "$d"
found 'CLEAN zero.crt: line 1: against the rules: its serial number' "what its issuer did wrong is remarked"

fresh
chmod 644 "$d/a.key" "$d/a.crt"
look "$d"
found 'SUSPECT a.key: every user may read the private key .mode 0644' "a key for every user"
! findings | grep -q 'a.crt'
ok $? "and a certificate, which may be read"

fresh
openssl genpkey -algorithm ED25519 -out "$d/ed.key" 2>&3
openssl ec -in "$d/a.key" -aes128 -passout pass:x -out "$d/enc.key" 2>&3
look "$d"
found 'UNCHECKED ed.key: .*cannot be checked here' "Ed25519 is not called bad"
found 'UNCHECKED enc.key: .*encrypted' "nor is an encrypted key"

# A chain, and one whose second did not sign the first.
fresh
openssl req -new -key "$d/a.key" -subj /CN=leaf -out "$tmp/csr" 2>&3
self_signed ca 3650
openssl x509 -req -in "$tmp/csr" -CA "$d/ca.crt" -CAkey "$d/ca.key" \
	-set_serial 2 -days 3650 -out "$tmp/leaf" 2>&3
cat "$tmp/leaf" "$d/ca.crt" >"$d/a.crt"
look "$d"
covered '2 certificates' "a chain"
is "$(findings)" "" "which holds"
self_signed ca 3650
cat "$tmp/leaf" "$d/ca.crt" >"$d/a.crt"
look "$d"
found 'SUSPECT a.crt: .*did not sign CN=leaf' "one whose authority was made anew"

# What is no certificate.
fresh
printf 'See:\n-----BEGIN CERTIFICATE-----\n...\n' >"$d/notes.txt"
printf -- '-----BEGIN PGP MESSAGE-----\n\naGVs\n=abcd\n-----END PGP MESSAGE-----\n' >"$d/mail"
look "$d"
is "$(findings)" "" "notes that show one, and PGP, are left alone"

# The same in an archive.
fresh
chmod 644 "$d/a.key"
mkdir "$tmp/medium"
"$bin/snapshot" -q --to "$tmp/medium" --any-directory --path tls="$d" >/dev/null
look "$tmp/medium"
found 'SUSPECT a.key: every user may read' "the same is seen in an archive"

# ------------------------------------------------------------- secrets

s=$tmp/stack/secrets
mkdir -p "$s"
printf 'hunter2' >"$s/plain"
look "$tmp/stack"
judged secrets CLEAN "a secret"
is "$(findings)" "" "of which nothing is to be said"
mkdir -p "$tmp/stack/app/lib/secrets"
echo code >"$tmp/stack/app/lib/secrets/index.js"
chmod 644 "$tmp/stack/app/lib/secrets/index.js"
look "$tmp/stack"
judged secrets CLEAN "a folder of that name deep in a program is left alone"
printf 'hunter2\n' >"$s/newline"
printf 'hunter2\r\n' >"$s/windows"
printf '\357\273\277hunter2' >"$s/bom"
look "$tmp/stack"
judged secrets CLEAN "remarks change nothing"
found 'newline: ends with a newline' "a newline"
found 'windows: has the line ends of Windows' "CR LF"
found 'bom: begins with a byte order mark' "a byte order mark"
: >"$s/empty"
echo ' ' >"$s/blank"
printf '{"a": hunter2}' >"$s/x.json"
printf 'hunter2' >"$s/open"
chmod 644 "$s/open"
ln -s ../../elsewhere "$s/out"
ln -s plain "$s/in"
look "$tmp/stack"
judged secrets SUSPECT "secrets that are none"
found 'SUSPECT secrets/empty: is empty' "an empty one"
found 'SUSPECT secrets/blank: holds nothing but blanks' "a blank one"
found 'SUSPECT secrets/x.json: line 1: not JSON' "JSON that is none"
found 'SUSPECT secrets/open: every user may read it' "one for every user"
found 'SUSPECT secrets/out: points out of the folder' "a link that leads out"
! findings | grep -q 'secrets/in'
ok $? "and one that does not"
! grep -q hunter2 "$tmp/json"
ok $? "no secret is shown"
finish
