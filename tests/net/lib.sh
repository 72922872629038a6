# SPDX-License-Identifier: BSD-2-Clause
#
# For the scripts beside it, after tests/tap.sh: servers on ports of 127.0.0.1
# that nobody has, and what probe says of them.
#
#	probe ARGUMENT...	one line of JSON a check in $tmp/out, $rc
#	code CODE NAME		the last probe's (first) check had that reason
#	status STATUS NAME	... that status
#	free_port		prints a port that is free now
#	answers PORT		waits until somebody listens there
#	background NAME COMMAND...	its output in $tmp/NAME.log; ended at exit
#	stop NAME

pids=
net_cleanup() {
	for _pid in $pids; do kill "$_pid" 2>/dev/null; done
	for _pid in $pids; do wait "$_pid" 2>/dev/null; done
	tap_cleanup
}
trap net_cleanup EXIT

probe() { run "$bin/probe" --no-progress --json "$@"; }

# $1: key
said() {
	sed -n '/"message_type":"check"/s/.*"'"$1"'":"\([^"]*\)".*/\1/p' \
		"$tmp/out" | head -n 1
}
code() { is "$(said code)" "$1" "$2"; }
status() { is "$(said status)" "$1" "$2"; }

# The kernel hands out ports in an order of its own: none twice in a row.
free_port() {
	python3 -c 'import socket
s = socket.socket()
s.bind(("127.0.0.1", 0))
print(s.getsockname()[1])'
}

# $1: port; ten seconds at most
answers() {
	_tries=0
	until "$bin/probe" -q "tcp://127.0.0.1:$1" >/dev/null 2>&1; do
		[ $_tries -lt 100 ] || return 1
		_tries=$((_tries + 1))
		sleep 0.1
	done
}

background() {
	_name=$1
	shift
	"$@" >"$tmp/$_name.log" 2>&1 &
	pids="$pids $!"
	echo $! >"$tmp/$_name.pid"
}

stop() {
	kill "$(cat "$tmp/$1.pid")" 2>/dev/null
	wait "$(cat "$tmp/$1.pid")" 2>/dev/null
}
