#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# The data folder of a real Caddy with an authority of its own, whole and with
# each damage there is: what we say, and whether Caddy then starts.
. tests/check/lib.sh

require caddy openssl python3

names='"a.example","*.b.example","127.0.0.1","::1"'
caddy_pid=
stop() {
	[ -z "$caddy_pid" ] || kill "$caddy_pid" 2>/dev/null
	[ -z "$caddy_pid" ] || wait "$caddy_pid" 2>/dev/null
	caddy_pid=
}
trap 'stop; tap_cleanup' EXIT

# Run it on a folder until it manages its certificates, without a port: no
# servers, and no administration.  Status 1 when it refuses to start.
server() {
	cat >"$tmp/caddy.json" <<-END
	{ "admin": { "disabled": true },
	  "storage": { "module": "file_system", "root": "$1/caddy" },
	  "apps": {
	    "pki": { "certificate_authorities": { "local": { "install_trust": false } } },
	    "tls": { "certificates": { "automate": [ $names ] },
	      "automation": { "policies": [ { "subjects": [ $names ],
	        "issuers": [ { "module": "internal" } ] } ] } } } }
	END
	HOME=$tmp caddy run --config "$tmp/caddy.json" >"$tmp/log" 2>&1 &
	caddy_pid=$!
	until [ "$(find "$1/caddy/certificates/local" -name '*.json' \
		2>/dev/null | wc -l)" -eq 4 ] &&
		grep -q 'serving initial configuration' "$tmp/log"; do
		if ! kill -0 $caddy_pid 2>/dev/null; then
			caddy_pid=
			return 1
		fi
		sleep 0.05
	done
	stop
}

mkdir "$tmp/good"
server "$tmp/good"
ok $? "Caddy starts, and makes an authority and four certificates" ||
	sed 's/^/# /' "$tmp/log"
look "$tmp/good"
judged caddy CLEAN "what it made"
covered 'certificates of sites: 4; authorities of its own: 1; keys that belong to their certificates: 6' \
	"all of it is looked at"
is "$(findings)" "" "and nothing found, whatever the names are"

d=$tmp/case
site=$d/caddy/certificates/local/a.example/a.example
pki=$d/caddy/pki/authorities/local
fresh() { rm -rf "$d"; cp -a "$tmp/good" "$d"; }
# $1: verdict, $2: a finding, $3: starts or refuses, $4: name
case_is() {
	look "$d"
	judged caddy "$1" "$4: $1"
	found "$2" "$4 is named"
	_does=refuses
	! server "$d" || _does=starts
	is "$_does" "$3" "$4: Caddy"
}

fresh; rm "$pki/root.key"
case_is DAMAGED 'DAMAGED .*local: root.key is not there' refuses "no root.key"
fresh; rm "$pki/root.crt"
case_is SUSPECT 'SUSPECT .*local: root.crt is not there.*every client' starts "no root.crt"
fresh; rm "$pki/intermediate.crt"
case_is RECOVERABLE 'RECOVERABLE .*local: intermediate.crt' starts "no intermediate.crt"
fresh; rm "$pki/intermediate.key"
case_is DAMAGED 'DAMAGED .*local: intermediate.key' refuses "no intermediate.key"
fresh; echo >"$pki/root.key"
case_is DAMAGED 'DAMAGED .*root.key: Caddy does not start' refuses "a blank root.key"
fresh; cp "$pki/intermediate.key" "$pki/root.key"
case_is SUSPECT 'SUSPECT .*local: the private key does not belong .* root.crt' starts "another root.key"
fresh
mkdir "$tmp/second"
server "$tmp/second"
cp "$tmp/second/caddy/pki/authorities/local/root."* "$pki/"
case_is SUSPECT 'SUSPECT .*local: the intermediate is not signed by the root' starts "the root of another"

fresh; rm "$site.key"
case_is RECOVERABLE 'RECOVERABLE .*a.example: the private key is not there' starts "no key of a site"
[ -s "$site.key" ]
ok $? "and it has one again"
fresh; rm "$site.json"
case_is RECOVERABLE 'RECOVERABLE .*a.example: the record is not there' starts "no record of a site"
fresh; rm "$site.crt"
case_is RECOVERABLE 'RECOVERABLE .*a.example: the certificate is not there' starts "no certificate of a site"
fresh; : >"$site.crt"
case_is DAMAGED 'DAMAGED .*a.example.crt: Caddy does not start' refuses "an empty certificate"
fresh; head -c 100 "$tmp/good/caddy/certificates/local/a.example/a.example.key" >"$site.key"
case_is DAMAGED 'DAMAGED .*a.example.key: line 1: the PEM block has no end' refuses "a key cut short"
fresh; echo '{' >"$site.json"
case_is DAMAGED 'DAMAGED .*a.example.json: line .*not JSON' refuses "a record cut short"
fresh; cp "$d/caddy/certificates/local/127.0.0.1/127.0.0.1.key" "$site.key"
case_is DAMAGED 'DAMAGED .*a.example: the private key does not belong' refuses "the key of another site"

# Found in the wrong place, and read by others.
fresh
for end in crt key; do
	cp "$d/caddy/certificates/local/127.0.0.1/127.0.0.1.$end" "$site.$end"
done
look "$d"
found 'SUSPECT .*a.example: the certificate is not for this name' "a certificate under another name"
found 'SUSPECT .*a.example.json: the record names a.example, and the cert' "and its record"
fresh; chmod 644 "$pki/root.key"
look "$d"
found 'SUSPECT .*root.key: every user may read the private key' "a root key for every user"

# One from an issuer elsewhere, past its time, with an account.
fresh
acme=$d/caddy/certificates/acme-v02.api.letsencrypt.org-directory/c.example
mkdir -p "$acme" "$d/caddy/acme/acme-v02/users/default"
openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=c.example -keyout "$acme/c.example.key" \
	-addext subjectAltName=DNS:c.example -days 10 -out "$tmp/c" 2>/dev/null
openssl x509 -in "$tmp/c" -signkey "$acme/c.example.key" -days -1 -out "$acme/c.example.crt" 2>/dev/null
echo '{"sans":["c.example"]}' >"$acme/c.example.json"
cp "$site.key" "$d/caddy/acme/acme-v02/users/default/default.key"
echo '{"status":"valid"}' >"$d/caddy/acme/acme-v02/users/default/default.json"
chmod 600 "$acme"/*
look "$d"
judged caddy CLEAN "one that has expired is renewed by Caddy"
found 'CLEAN .*c.example: valid until .*needs the network' "which needs the network"
said '1 of its certificates have expired' "and is said"
covered 'certificates of sites: 5.*accounts at issuers: 1' "with the account"
rm "$acme/c.example.key"
look "$d"
found 'SUSPECT .*c.example: the private key is not there.*needs the network' "without its key it has to ask for a new one"
finish
