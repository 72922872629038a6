#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# probe against OpenSSL's server: good and bad certificates, old and new TLS.
set -u
. tests/tap.sh
. tests/net/lib.sh

if ! command -v openssl >/dev/null || ! command -v python3 >/dev/null; then
	skip "TLS" "no openssl or no python3"
	finish
fi

# ------------------------------------------------------------- certificates

openssl_() { openssl "$@" >>"$tmp/openssl.log" 2>&1; }

# $1: name
authority() {
	openssl_ ecparam -name prime256v1 -genkey -noout -out "$tmp/$1.key" &&
	openssl_ req -x509 -new -key "$tmp/$1.key" -sha256 -days 3650 \
		-subj "/CN=$1" -out "$tmp/$1.pem" \
		-addext basicConstraints=critical,CA:true \
		-addext keyUsage=critical,keyCertSign
}

# $1: name, $2: subjectAltName, $3: authority; the rest for openssl x509
certificate() {
	_name=$1 _san=$2 _by=$3
	shift 3
	[ -s "$tmp/$_name.key" ] ||
		openssl_ ecparam -name prime256v1 -genkey -noout \
			-out "$tmp/$_name.key"
	openssl_ req -new -key "$tmp/$_name.key" -subj "/CN=$_name" \
		-out "$tmp/$_name.csr" &&
	printf 'subjectAltName=%s\nextendedKeyUsage=serverAuth\n' "$_san" \
		>"$tmp/$_name.ext" &&
	openssl_ x509 -req -in "$tmp/$_name.csr" -CA "$tmp/$_by.pem" \
		-CAkey "$tmp/$_by.key" -CAcreateserial -sha256 \
		-extfile "$tmp/$_name.ext" -out "$tmp/$_name.pem" "$@"
}

# Only "openssl ca" takes dates in the past.
# $1: name, $2: authority
expired_certificate() {
	: >"$tmp/index"
	cat >"$tmp/ca.conf" <<-END
	[ca]
	default_ca = it
	[it]
	database = $tmp/index
	new_certs_dir = $tmp
	rand_serial = yes
	default_md = sha256
	policy = any
	[any]
	commonName = supplied
	END
	openssl_ ca -batch -config "$tmp/ca.conf" -cert "$tmp/$2.pem" \
		-keyfile "$tmp/$2.key" -in "$tmp/$1.csr" \
		-extfile "$tmp/$1.ext" -notext -out "$tmp/$1.pem" \
		-startdate 20240101000000Z -enddate 20250101000000Z
}

authority root
authority stranger
certificate huge "IP:127.0.0.1$(seq -f ,DNS:host%.0f.test 10000 | tr -d '\n')" \
	root -days 400
certificate good DNS:good.test,IP:127.0.0.1 root -days 400
certificate soon DNS:good.test,IP:127.0.0.1 root -days 5
certificate expired DNS:good.test,IP:127.0.0.1 root -days 5
expired_certificate expired root
certificate other DNS:other.test root -days 400
certificate alien DNS:good.test,IP:127.0.0.1 stranger -days 400
openssl_ req -x509 -newkey rsa:2048 -nodes -keyout "$tmp/self.key" \
	-out "$tmp/self.pem" -days 400 -subj /CN=self \
	-addext subjectAltName=IP:127.0.0.1
openssl_ genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:1024 \
	-out "$tmp/weak.key"
certificate weak IP:127.0.0.1 root -days 400
openssl_ genpkey -algorithm ed25519 -out "$tmp/ed.key"
certificate ed IP:127.0.0.1 root -days 400
[ -s "$tmp/ed.pem" ] || { cat "$tmp/openssl.log"; ok 1 "certificates"; finish; }

# $1: name of the certificate; the rest for s_server.  Sets $port.
serve() {
	_cert=$1
	shift
	port=$(free_port)
	background "server-$port" openssl s_server -accept "127.0.0.1:$port" \
		-cert "$tmp/$_cert.pem" -key "$tmp/$_cert.key" -www "$@"
	answers "$port" || ok 1 "the server $_cert comes up"
}
unserve() { stop "server-$port"; }

ca="ca=$tmp/root.pem"

# ------------------------------------------------------------------ verdicts

serve good
probe --set "$ca" "tls://127.0.0.1:$port"
exits 0 "a good certificate"
says '"fact_tls_version":"TLS 1.2"' "the version is told"
says '"fact_cert_days_left":"(399|400)"' "and the days left"
probe --set "$ca" "https://127.0.0.1:$port/"
code ok "https to the same"
probe --set "$ca" --set name=good.test "tls://127.0.0.1:$port"
code ok "its other name"
probe --set "$ca" --set name=bad.test "tls://127.0.0.1:$port"
code cert-wrong-name "a name that it is not for"
probe --set "$ca" --set connect=127.0.0.1 "https://good.test:$port/"
code ok "https under the name, at another address"
probe --set "$ca" --expect days=500 "tls://127.0.0.1:$port"
code cert-expires-soon "fewer days than expected"
exits 1 "is a failure"
probe --set "$ca" --warn days=500 "tls://127.0.0.1:$port"
status warn "fewer than the warning's"
probe --set "ca=$tmp/stranger.pem" "tls://127.0.0.1:$port"
code cert-unknown-issuer "an issuer that nobody knows"
probe --set "ca=$tmp/nothing" "tls://127.0.0.1:$port"
code no-trust-anchors "no anchors"
status unknown "which is not a verdict on the server"
probe --set verify=false "tls://127.0.0.1:$port"
code ok "not verified, when asked so"
probe "http://127.0.0.1:$port/"
says '"code":"(wrong-protocol|hung-up)"' "http to a TLS port"
unserve

# More than is kept of what a server sends.
serve huge
probe --set "$ca" "tls://127.0.0.1:$port"
code cert-unsupported "a certificate of 10,000 names"
status unknown "which says nothing against it"
probe --set verify=false --expect days=500 "tls://127.0.0.1:$port"
code cert-unsupported "nor do its days pass unread"
unserve

serve soon
probe --set "$ca" "tls://127.0.0.1:$port"
code cert-expires-soon "five days left"
status warn "is a warning"
unserve

serve expired
probe --set "$ca" "https://127.0.0.1:$port/"
code cert-expired "expired"
says '"fact_status":"200"' "and the page behind it was looked at"
probe --set verify=false "https://127.0.0.1:$port/"
code cert-expired "expired, even where nothing else is verified"
unserve

serve other
probe --set "$ca" "tls://127.0.0.1:$port"
code cert-wrong-name "for another name"
unserve

serve alien -cert_chain "$tmp/stranger.pem"
probe --set "$ca" "tls://127.0.0.1:$port"
code cert-unknown-issuer "a stranger's chain"
unserve

serve self
probe --set "$ca" "tls://127.0.0.1:$port"
code cert-self-signed "signed by itself"
probe --set "ca=$tmp/self.pem" "tls://127.0.0.1:$port"
code ok "unless that is the anchor"
unserve

serve weak -cipher DEFAULT@SECLEVEL=0
probe --set "$ca" "tls://127.0.0.1:$port"
code cert-weak "a short key"
unserve

# -------------------------------------------------------------------- versions

serve good -tls1_3
probe --set "$ca" "tls://127.0.0.1:$port"
code tls13-only "TLS 1.3 only"
exits 3 "is a warning, never a failure"
probe --set "$ca" "https://127.0.0.1:$port/"
code tls13-only "the same for https"
unserve

serve ed
probe --set "$ca" "tls://127.0.0.1:$port"
code tls-no-common "an Ed25519 key"
status unknown "which says nothing against the server"
unserve

serve good -tls1_1 -cipher DEFAULT@SECLEVEL=0
probe --set "$ca" "tls://127.0.0.1:$port"
code tls-old "TLS 1.1 only"
unserve

# ------------------------------------------------------------------ redirects

# -HTTP sends files as they are, headers included.
port=$(free_port)
(
	cd "$tmp" || exit
	printf 'HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:%s/\r\n\r\n' \
		"$port" >away
	exec openssl s_server -accept "127.0.0.1:$port" -cert good.pem \
		-key good.key -HTTP >/dev/null 2>&1
) &
pids="$pids $!"
answers "$port"
probe --set "$ca" "https://127.0.0.1:$port/away"
says 'hung-up|wrong-protocol' "a redirect to http on a TLS port"

python3 -c 'import http.server, sys
class H(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.send_header("Content-Length", "2")
        self.end_headers(); self.wfile.write(b"ok")
s = http.server.HTTPServer(("127.0.0.1", 0), H)
open(sys.argv[1], "w").write(str(s.server_port))
s.serve_forever()' "$tmp/plain.port" >/dev/null 2>&1 &
pids="$pids $!"
while [ ! -s "$tmp/plain.port" ]; do sleep 0.05; done
printf 'HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:%s/\r\n\r\n' \
	"$(cat "$tmp/plain.port")" >"$tmp/away"
probe --set "$ca" "https://127.0.0.1:$port/away"
code http-left-tls "a redirect from https to http"
status warn "is a warning"
probe "https://127.0.0.1:$port/away"
says '"code":"(cert-unknown-issuer|no-trust-anchors)"' \
	"which does not hide a bad certificate on the way"

finish
