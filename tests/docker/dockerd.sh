# SPDX-License-Identifier: BSD-2-Clause
#
# A private Docker engine for tests, from the machine's docker.io package:
# its own data-root, exec-root, socket and containerd, no bridge, no firewall
# rules, no network.  To be sourced.
#
#	. tests/docker/dockerd.sh
#	dockerd_usable || ...			says why not in $dockerd_why
#	dockerd_start "$dir"			waits until it answers
#	docker_ run ...				a client on its socket
#	docker_image "$dir"			image "box", made of busybox
#	dockerd_stop				with its containers
#	dockerd_kill9				containers stay behind
#	dockerd_end_orphans			and these are ended
#	dockerd_sweep				whatever is left of all this
#
# Sets: dockerd_dir dockerd_pid dockerd_sock dockerd_root.  Options for the
# engine go into dockerd_options before dockerd_start.

dockerd_dir= dockerd_pid= dockerd_sock= dockerd_root=
dockerd_options=

dockerd_usable() {
	dockerd_why=
	if [ "$(id -u)" != 0 ]; then
		dockerd_why="needs root"
	elif ! command -v dockerd >/dev/null; then
		dockerd_why="dockerd is not installed"
	fi
	[ -z "$dockerd_why" ]
}

docker_() {
	docker -H "unix://$dockerd_sock" "$@"
}

# $1: folder; another start with the same one continues with its data.
dockerd_start() {
	dockerd_dir=$1
	dockerd_sock=$1/docker.sock
	dockerd_root=$1/data
	mkdir -p "$1/data" "$1/exec"
	# After kill -9: the process that they name is gone, or waits as a zombie
	# for an init that does not collect, which the engine takes for life.
	rm -f "$1/docker.pid" "$1/exec/containerd/containerd.pid"
	# In a group of its own, so that what the terminal sends to the test
	# does not reach it.
	# shellcheck disable=SC2086
	setsid dockerd --data-root "$1/data" --exec-root "$1/exec" \
		--pidfile "$1/docker.pid" -H "unix://$dockerd_sock" \
		--bridge none --iptables=false --ip6tables=false \
		--log-level warn $dockerd_options \
		>>"$1/dockerd.log" 2>&1 </dev/null &
	dockerd_pid=$!
	dockerd_wait
}

# Until the engine answers; 1 when it has ended, or says nothing for 60 s.
dockerd_wait() {
	_tries=0
	while [ $_tries -lt 600 ]; do
		docker_ version >/dev/null 2>&1 && return 0
		kill -0 "$dockerd_pid" 2>/dev/null || return 1
		sleep 0.1
		_tries=$((_tries + 1))
	done
	return 1
}

# $1: pid of something that is no child of ours, or is one
dockerd_gone() {
	_tries=0
	while kill -0 "$1" 2>/dev/null && [ $_tries -lt 400 ]; do
		sleep 0.05
		_tries=$((_tries + 1))
	done
}

dockerd_stop() {
	[ -n "$dockerd_pid" ] || return 0
	kill "$dockerd_pid" 2>/dev/null
	wait "$dockerd_pid" 2>/dev/null
	dockerd_pid=
}

# As the kernel does when memory is out: its containerd ends with it, shims and
# containers stay.
dockerd_kill9() {
	[ -n "$dockerd_pid" ] || return 0
	kill -9 "$dockerd_pid" 2>/dev/null
	wait "$dockerd_pid" 2>/dev/null
	dockerd_pid=
}

# Image "box": busybox and its names, nothing else.  Once a data-root.
docker_image() {
	docker_ image inspect box >/dev/null 2>&1 && return 0
	rm -rf "$1/box"
	mkdir -p "$1/box/bin" "$1/box/tmp" "$1/box/etc" || return 1
	cp "$(command -v busybox)" "$1/box/bin/busybox" || return 1
	# A dynamic busybox would find no libraries.
	for _name in sh sleep cat ls echo touch mkdir true sync; do
		ln -s busybox "$1/box/bin/$_name"
	done
	echo 'root:x:0:0:root:/:/bin/sh' >"$1/box/etc/passwd"
	tar -C "$1/box" -c . | docker_ import - box >/dev/null
}

# End containers that outlived their engine, with their shims and its containerd
# (all of them name our folder in their command line, or live below a shim that
# does).
dockerd_end_orphans() {
	for _proc in /proc/[0-9]*; do
		[ "${_proc#/proc/}" != "$$" ] || continue
		if { tr '\0' ' ' <"$_proc/cmdline"; } 2>/dev/null |
			grep -q -- "^[^ ]*containerd[^ ]* .*$dockerd_dir/"; then
			_pid=${_proc#/proc/}
			for _child in $(cat "$_proc"/task/*/children 2>/dev/null); do
				kill -9 "$_child" 2>/dev/null
			done
			kill -9 "$_pid" 2>/dev/null
			dockerd_gone "$_pid"
		fi
	done
}

# End what is left: the engine, its containers, and its mounts.
dockerd_sweep() {
	[ -n "$dockerd_dir" ] || return 0
	dockerd_stop
	dockerd_end_orphans
	while _point=$(awk -v d="$dockerd_dir/" 'index($5, d) == 1 { p = $5 }
		END { if (p == "") exit 1; print p }' /proc/self/mountinfo); do
		umount -l "$_point" || break
	done
	rm -rf "$dockerd_dir"
	dockerd_dir=
}
