#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# startup-order's answers: from files, from the records of real and of made-up
# hosts, in every form; what a project needs; and what is refused.
. tests/tap.sh

so=$bin/startup-order
unset COMPOSE_FILE COMPOSE_PROFILES COMPOSE_PROJECT_NAME
data=${DRYDOCK_TEST_DATA:-../shared/data}

# The layers of the last JSON answer: "a b/c".
layers() {
	sed -n 's/^{"message_type":"service","service":"\([^"]*\)","layer":\([0-9]*\).*/\2 \1/p' "$tmp/out" |
		awk '{ printf "%s%s", $1 == last ? " " : (NR > 1 ? "/" : ""), $2; last = $1 }'
}
# Its edges: "api>db healthy" ..., one a line.
edges() {
	sed -n 's/^{"message_type":"edge","service":"\([^"]*\)","after":"\([^"]*\)","condition":"\([^"]*\)","kind":"\([^"]*\)","required":\([a-z]*\),"restart":\([a-z]*\)}/\1>\2 \3 \4 \5 \6/p' "$tmp/out"
}

# ------------------------------------------------------- containers made up

# $1: root; $2: id's first character; $3: name; $4: labels (JSON members, with
# their comma); $5: more of Config; $6: hostconfig.json's members
container() {
	_id=$(printf '%s%063d' "$2" 0)
	mkdir -p "$1/containers/$_id"
	printf '{"ID":"%s","Name":"/%s","State":{"Running":true},"Config":{"Image":"img:1","Labels":{%s"com.docker.compose.container-number":"1"}%s}}\n' \
		"$_id" "$3" "$4" "$5" >"$1/containers/$_id/config.v2.json"
	printf '{%s}\n' "$6" >"$1/containers/$_id/hostconfig.json"
}
# Labels of a service.  $1: project, $2: service, $3: depends_on or "-"
labels() {
	printf '"com.docker.compose.project":"%s","com.docker.compose.service":"%s","com.docker.compose.oneoff":"False",' "$1" "$2"
	[ "$3" = - ] || printf '"com.docker.compose.depends_on":"%s",' "$3"
}
check=',"Healthcheck":{"Test":["CMD","x"],"Interval":2000000000,"Timeout":1000000000,"Retries":2,"StartPeriod":5000000000}'

# ------------------------------------------------------------- real records

for root in docker-root-20.10.24 docker-root-20.10.24-crash; do
	if [ ! -d "$data/$root" ]; then
		skip "$root" "no $data/$root (\$DRYDOCK_TEST_DATA)"
		continue
	fi
	run "$so" --from-host --data-root "$data/$root"
	exits 0 "$root: several projects are listed"
	is "$(awk '{ print $1 $2 }' "$tmp/out" | tr '\n' ' ')" \
		"cyc3 old2 shop8 " "$root: all three"
	run "$so" --from-host --data-root "$data/$root" -p shop --json
	exits 3 "$root: the pruned one-shot is a warning"
	says 'report waits for the end of cleanup' "$root: and named"
	is "$(layers)" "db redis report/migrate worker/api/sidecar web" \
		"$root: the layers, without the one-off"
	is "$(edges | tr '\n' ';')" "api>db healthy depends_on true true;api>migrate completed depends_on true false;api>redis started depends_on true false;migrate>db healthy depends_on true false;sidecar>api started depends_on true true;web>api healthy depends_on true true;worker>db healthy depends_on true false;worker>redis started depends_on true false;" \
		"$root: the edges"
	says '"container":"shop-worker-2"' "$root: both replicas"
	grep -qi 'running\|exited\|unhealthy' "$tmp/out"
	[ $? -eq 1 ]
	ok $? "$root: nothing is said of what runs"
	run "$so" --from-host --data-root "$data/$root" -p old
	exits 0 "$root: bare names of old labels"
	says '2  legacy  after dbold' "$root: are edges"
	run "$so" --from-host --data-root "$data/$root" -p cyc
	exits 5 "$root: a cycle"
	says 'dependency cycle detected: a -> b -> c -> a' "$root: named"
	run "$so" --from-host --data-root "$data/$root" -p nobody
	exits 10 "$root: no such project"
	run "$so" --from-host --data-root "$data/$root" -p shop --for api --json
	is "$(layers)" "db redis/migrate/api" "$root: what api needs"
	run "$so" --from-host --data-root "$data/$root" -p shop --for nobody
	exits 10 "$root: no such service"
	run "$so" --from-host --data-root "$data/$root" --up
	exits 2 "$root: --up wants to know which project"
done

# --------------------------------------------------------- what they share

host=$tmp/host
id_a=$(printf 'a%063d' 0)
container "$host" a s-a-1 "$(labels s a '')" "$check" ''
container "$host" b s-b-1 "$(labels s b '')" '' "\"NetworkMode\":\"container:$id_a\""
container "$host" c s-c-1 "$(labels s c '')" '' "\"IpcMode\":\"container:$id_a\",\"PidMode\":\"container:s-b-1\""
container "$host" d s-d-1 "$(labels s d '')" '' '"VolumesFrom":["s-c-1:ro"],"Links":["/s-b-1:/s-d-1/b"]'
container "$host" e s-e-1 "$(labels s e 'd,a')" '' ''
container "$host" f s-f-run "$(labels s f 'd' | sed s/False/True/)" '' ''
container "$host" 0 s-g-1 "$(labels s g '')\"com.docker.compose.hook\":\"pre_start\"," '' ''
container "$host" 1 stranger '' '' ''
run "$so" --from-host --data-root "$host" --json
exits 0 "one project needs no name"
is "$(edges | tr '\n' ';')" "b>a started network_mode true true;c>a started ipc true true;c>b started pid true true;d>b started link true true;d>c started volumes_from true false;e>a healthy depends_on true true;e>d started depends_on true true;" \
	"network, ipc, pid, volumes and links are edges; a bare name asks for health where there is a check"
is "$(layers)" "a/b/c/d/e" "one-off runs and hooks are left out"
says '"healthy_within_ms":11000' "5 s and twice 2 s + 1 s"

container "$host" 2 s-h-1 "$(labels s h 'gone:service_started:false')" '' ''
run "$so" --from-host --data-root "$host"
exits 10 "a dependency without a container"
says 'service "h" depends on unknown service "gone"' "is named"
container "$host" 2 s-h-1 "$(labels s h 'gone:service_completed_successfully:false')" '' '"NetworkMode":"container:feedfeedfeed"'
run "$so" --from-host --data-root "$host"
exits 3 "one that had to end is taken as done"
says 'h waits for the end of gone' "with a warning"
says 's-h-1 needs \(network_mode\) the container feedfeedfeed' "a lost network, too"

echo '{"ID":' >"$host/containers/$(printf '2%063d' 0)/config.v2.json"
run "$so" --from-host --data-root "$host"
exits 3 "a record that cannot be read is left out"
says 'not JSON' "with its reason"
rm -r "$host/containers/$(printf '2%063d' 0)"

v1=$tmp/v1
container "$v1" a v_db_1 "$(labels v db -)" '' ''
container "$v1" b v_web_1 "$(labels v web -)" '' '"Links":["/v_db_1:/v_web_1/db"]'
run "$so" --from-host --data-root "$v1" --json
exits 3 "Compose 1 records no depends_on: a warning"
says 'old Compose' "that says so"
is "$(edges)" "web>db started link true true" "its links are edges"

evil=$tmp/evil
container "$evil" a x "$(labels 'e\u001b[31m' 'a\u001b]0;x\u0007' 'b\u001b[2J:service_completed_successfully:x')" '' ''
for format in text dot mermaid svg; do
	run "$so" --from-host --data-root "$evil" --format $format
	exits 3 "hostile names, as $format"
	! grep -q "$(printf '\033')" "$tmp/out" "$tmp/err"
	ok $? "no control character comes through, as $format"
done
run "$so" --from-host --data-root "$tmp/nothing"
exits 10 "no data-root there"

# ---------------------------------------------------------------- from files

mkdir "$tmp/p"
cat >"$tmp/p/compose.yaml" <<'END'
name: stack
services:
  db:
    image: postgres:16
    healthcheck: {test: [CMD, pg_isready], interval: 1s, timeout: 1s, retries: 3}
  cache: {image: redis}
  job: {image: job, depends_on: {db: {condition: service_healthy}}}
  api:
    image: api
    depends_on:
      job: {condition: service_completed_successfully}
      cache: {condition: service_started, required: false}
  web: {image: web, depends_on: [api], profiles: [front]}
  alone: {image: alone}
END
cd "$tmp/p" || exit 1
run "$so" --json
exits 0 "the project of this folder"
is "$(layers)" "alone cache db/job/api" "its layers, without what a profile keeps out"
run "$so" --profile front --json
is "$(layers)" "alone cache db/job/api/web" "with the profile"
run "$so" --for web --json
is "$(layers)" "cache db/job/api/web" "naming a service enables its profile"
run "$so" --reverse --json
is "$(layers)" "alone api/cache job/db" "the order of stopping"
run "$so"
says 'longest wait|Longest wait: 6 s' "the bound of the longest wait"
says 'Waited for without a bound of its own: job' "and what has none"
says 'cache \(optional\)' "optional ones are marked"
run "$so" -p other --json
says '"project":"other"' "the project's name"
run env DRYDOCK_FORMAT=dot "$so"
says '^digraph "stack"' "the environment's mirror"
run "$so" --format dot
says '"db" -> "job" \[label="healthy"' "DOT: edges run from what comes first"
run "$so" --format mermaid
says '^flowchart LR' "Mermaid"
[ "$(grep -c -- '-->\|==>\|-\.->' "$tmp/out")" -eq 3 ]
ok $? "Mermaid: each edge"
run "$so" --format svg
if command -v python3 >"$tmp/which"; then
	python3 -c 'import sys, xml.dom.minidom
d = xml.dom.minidom.parse(sys.argv[1])
boxes = [r for r in d.getElementsByTagName("rect") if "box" in r.getAttribute("class")]
ways = [p for p in d.getElementsByTagName("path") if p.hasAttribute("marker-end") and "line" in p.getAttribute("class")]
assert len(boxes) == 5, len(boxes)
assert len(ways) == 3 + 4, len(ways)' "$tmp/out" 2>"$tmp/err"
	ok $? "SVG: well formed, a box a service, an arrow an edge and four in the legend"
else
	skip "SVG: well formed" "no python3"
fi
if command -v python3 >"$tmp/which"; then
	run "$so" --json
	python3 -c 'import json, sys
for line in open(sys.argv[1]): json.loads(line)' "$tmp/out" 2>"$tmp/err"
	ok $? "each line of JSON is JSON"
else
	skip "each line of JSON is JSON" "no python3"
fi

sed 's/cache: {image: redis}/cache: {image: redis, depends_on: [api]}/' compose.yaml >cycle.yaml
run "$so" -f cycle.yaml
exits 5 "a cycle in a file"
says 'dependency cycle detected: api -> cache -> api' "is named"
for format in json dot svg; do
	run "$so" -f cycle.yaml --format $format
	exits 5 "a cycle, asked for as $format"
done
run "$so" -f cycle.yaml --json
is "$(sed -n 's/^{"message_type":"cycle",.*"service":"\([^"]*\)","is_on_this_way":true.*/\1/p' "$tmp/out" | tr '\n' ' ')" \
	"api cache " "its services, one a line of JSON"
run "$so" -f cycle.yaml --plan
exits 5 "a cycle is not planned"
sed 's/depends_on: \[api\]/depends_on: [nobody]/' compose.yaml >missing.yaml
run "$so" -f missing.yaml --profile front
exits 10 "a service that is not there"
says 'unknown service "nobody"' "is named"
{ cat compose.yaml; echo '  more: {image: m, depends_on: [web]}'; } >disabled.yaml
run "$so" -f disabled.yaml
exits 10 "a service that a profile keeps out"
says 'service "web" is required by "more" but is disabled. Can be enabled by profiles \[front\]' "in Compose's words"
printf 'services:\n\t- x\n' >bad.yaml
run "$so" -f bad.yaml
exits 5 "a file that is not YAML"
run "$so" -f none.yaml
exits 10 "a file that is not there"
run "$so" --for nobody
exits 10 "--for a service that is not there"

# ------------------------------------------------------------ --output, misuse

echo old >order.svg
run "$so" --format svg --output order.svg
exits 0 "--output"
head -c 5 order.svg | grep -q '^<svg '
ok $? "replaces the file"
[ ! -s "$tmp/out" ] && [ "$(ls | grep -c part)" -eq 0 ]
ok $? "says nothing on stdout and leaves nothing behind"
run "$so" --output /dev/full
exits 1 "--output to a full device"
run "$so" --output no/such/folder
exits 1 "--output to nowhere"
for format in text json dot mermaid svg; do
	"$so" --format $format >/dev/full 2>"$tmp/err"
	[ $? -eq 1 ]
	ok $? "$format to a full device"
done
for wrong in '--format pdf' '--json --format dot' '--up --down' \
	'--needs --up' '--needs --reverse' 'compose.yaml' \
	'--from-host -f compose.yaml' '--json --output x' '--up --output x'; do
	# shellcheck disable=SC2086 # words are meant
	run "$so" $wrong
	exits 2 "$wrong: usage"
done

# -------------------------------------------------------------------- --needs

mkdir -p dir.conf full.d "$tmp/root/volumes/stack_kept/_data" \
	"$tmp/root/image/overlay2"
echo x >file.txt
echo '{"Repositories":{"have":{"have:latest":"sha256:1"},"reg/have":{"reg/have:2":"sha256:2"}}}' \
	>"$tmp/root/image/overlay2/repositories.json"
cat >needs.yaml <<'END'
name: stack
services:
  a:
    image: have
    env_file: [file.txt, {path: none.env, required: false}, lost.env]
    volumes: [./file.txt:/f, ./none.sql:/n, ./nodir:/d, ./dir.conf:/e, ./full.d:/g, kept:/k, lost:/l, out:/o]
    secrets: [s, wrong, var]
    networks: [net]
  b: {image: docker.io/reg/have:2, volumes: ['./file.txt:/f']}
  c: {image: 'gone:1', volumes: [{type: bind, source: ./strict, target: /s, bind: {create_host_path: false}}]}
  hidden: {image: hidden, profiles: [x]}
volumes: {kept: {}, lost: {}, out: {external: true}}
secrets: {s: {file: file.txt}, wrong: {file: full.d}, var: {environment: NO_SUCH_VARIABLE}}
networks: {net: {external: true}}
END
run "$so" -f needs.yaml --needs --data-root "$tmp/root"
exits 12 "--needs: something is missing"
p=$tmp/p
while IFS='|' read -r line what; do
	grep -qF -- "$line" "$tmp/out"
	ok $? "--needs: $what"
done <<END
ok          project file $p/needs.yaml|the project file
ok          bind source $p/file.txt (a, b)|one bind source, two services
MISSING     bind source $p/none.sql (a)|a file that is not there
            Docker would put an empty folder where the file was|and what Docker would do
MISSING     bind source $p/nodir (a)|a folder that is not there
WRONG KIND  bind source $p/dir.conf (a)|an empty folder with a file's name
ok          bind source $p/full.d (a)|a folder that only looks so
MISSING     bind source $p/strict (c)|one that is never made
ok          env file $p/file.txt (a)|an env file
missing     env file $p/none.env (a)|an optional one
MISSING     env file $p/lost.env (a)|a required one
ok          secret $p/file.txt (a)|a secret
WRONG KIND  secret $p/full.d (a)|a folder for a secret
MISSING     variable NO_SUCH_VARIABLE (a)|a variable
ok          volume stack_kept (a)|a volume by its real name
missing     volume stack_lost (a)|one that Compose would make
MISSING     external volume out (a)|one that it would not
unknown     external network net (a)|a network that nobody can be asked about
ok          image have (a)|an image without a tag
ok          image docker.io/reg/have:2 (b)|one with its host's name
MISSING     image gone:1 (c)|one that is not there
END
! grep -q hidden "$tmp/out"
ok $? "--needs: nothing for what a profile keeps out"
run "$so" -f needs.yaml --needs --data-root "$tmp/root" --json
says '"kind":"image","what":"gone:1","services":"c","state":"missing","required":true' "--needs as JSON"
run "$so" -f needs.yaml --needs --data-root "$tmp/nowhere"
says 'cannot be looked up' "--needs without a data-root says what is not known"
says '^unknown +image have' "and knows no images"

cd - >/dev/null || exit 1
mkdir -p "$host/volumes/known/_data"
mounts=',"MountPoints":{"/v":{"Type":"volume","Name":"known","Source":""},"/b":{"Type":"bind","Source":"/no/such/file.conf"}}'
_id=$(printf '3%063d' 0)
container "$host" 3 s-m-1 "$(labels s m '')\"com.docker.compose.project.config_files\":\"/no/compose.yaml\"," '' ''
sed -i "s|}\$|$mounts}|" "$host/containers/$_id/config.v2.json"
run "$so" --from-host --data-root "$host" --needs
exits 12 "--needs of a host's containers"
says '^ok +external volume known \(m\)' "its volumes"
says '^MISSING +bind source /no/such/file.conf \(m\)' "its bind sources"
says '^missing +project file /no/compose.yaml' "its project files, which it starts without"

# Docker would start these on empty folders.
run "$so" --from-host --data-root "$host" --up --socket "$tmp/none.sock"
exits 12 "--up with a bind source missing: refused before the engine is called"
says 'bind source /no/such/file.conf \(m\) is missing: Docker would put an empty folder' "with what would happen"
run "$so" --from-host --data-root "$host" --up --for a --socket "$tmp/none.sock"
exits 10 "not for services that do not need it: no engine"
run "$so" --from-host --data-root "$host" --up --missing-ok --socket "$tmp/none.sock"
exits 10 "nor when told to: no engine"
run "$so" --from-host --data-root "$host" --down --socket "$tmp/none.sock"
exits 10 "nor for --down: no engine"

# An engine that knows some names, and one that belongs to another data-root.
cat >"$tmp/engine.py" <<'END'
import http.server, json, socketserver, sys
sock, root = sys.argv[1:]
known = ('/images/gone:1/json', '/images/have/json', '/networks/net')
class Handler(http.server.BaseHTTPRequestHandler):
    def address_string(self): return 'unix'
    def log_message(self, *args): pass
    def do_GET(self):
        path = self.path
        if path.startswith('/v1.'): path = path[path.index('/', 1):]
        status, body = 404, {'message': 'no such thing'}
        if path in known + ('/_ping', '/version'): status, body = 200, {}
        if path == '/info': status, body = 200, {'DockerRootDir': root}
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header('Api-Version', '1.41')
        self.send_header('Content-Type', 'application/json')
        self.send_header('Content-Length', str(len(data)))
        self.end_headers()
        self.wfile.write(data)
server = socketserver.UnixStreamServer(sock, Handler)
print('ready', flush=True)
server.serve_forever()
END
# $1: its socket, $2: its data-root
engine() {
	mkfifo "$1.ready"
	python3 "$tmp/engine.py" "$1" "$2" >"$1.ready" 2>"$1.log" &
	engines="$engines $!"
	read -r _ready <"$1.ready"
}
if command -v python3 >"$tmp/which"; then
	engines=
	engine "$tmp/own.sock" "$tmp/root"
	engine "$tmp/other.sock" /elsewhere
	export DOCKER_HOST="unix://$tmp/own.sock"
	run "$so" -f "$p/needs.yaml" --needs --data-root "$tmp/root"
	says '^ok +external network net' "a live engine knows networks"
	says '^ok +image gone:1' "and images that the disk does not show"
	says '^MISSING +image docker.io/reg/have:2' "and which it does not have"
	says '^missing +volume stack_lost' "volumes are the disk's"
	export DOCKER_HOST="unix://$tmp/other.sock"
	run "$so" -f "$p/needs.yaml" --needs --data-root "$tmp/root"
	says '^unknown +external network net' "another data-root's engine is not asked"
	says '^MISSING +image gone:1' "the disk is"
	run "$so" -f "$p/needs.yaml" --needs --data-root "$tmp/root" \
		--socket "$tmp/own.sock"
	says '^ok +external network net' "unless it is named"
	run "$so" -f "$p/needs.yaml" --needs --data-root "$tmp/root" \
		--socket "$tmp/none.sock"
	says 'the engine cannot be asked' "one that was named and is not there"
	unset DOCKER_HOST
	for _pid in $engines; do kill "$_pid"; done
else
	skip "--needs of a live engine" "no python3"
fi

# ----------------------------------------------------------------------- size

awk 'BEGIN {
	print "name: many\nservices:"
	for (i = 0; i < 5000; i++) {
		printf "  s%05d:\n    image: x\n", i
		if (i > 10) {
			print "    depends_on:"
			for (k = 1; k <= 10; k++)
				printf "      s%05d: {condition: service_healthy}\n", i - (k == 1 ? 1 : 1 + (i * 7919 * k) % (i - 1))
		}
	}
}' | awk '/^  s/ { delete seen } /^      s/ { if ($1 in seen) next; seen[$1] = 1 } { print }' >"$tmp/many.yaml"
timed() { /usr/bin/time -f '%e %M' -o "$tmp/time" "$@"; }
if [ -x /usr/bin/time ]; then
	run timed "$so" -f "$tmp/many.yaml" --json
	exits 0 "5,000 services, about 50,000 edges"
	[ "$(grep -c '"edge"' "$tmp/out")" -gt 45000 ]
	ok $? "all of them"
	read -r seconds kib <"$tmp/time"
	echo "# $seconds s, $kib KiB"
	[ "$kib" -lt 65536 ]
	ok $? "in 64 MiB"
	run timed "$so" -f "$tmp/many.yaml"
	read -r seconds kib <"$tmp/time"
	echo "# $seconds s, $kib KiB"
	# A machine that does other things at the same time is given room.
	[ "${seconds%.*}" -lt 4 ]
	ok $? "in a moment"
else
	skip "5,000 services" "no /usr/bin/time"
fi
finish
