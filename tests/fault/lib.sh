# SPDX-License-Identifier: BSD-2-Clause
#
# What the fault tests share.  Sourced, from the top of the tree:
#
#   . tests/fault/lib.sh
#   needs strace getfattr
#   sandbox			# from here on in $work, which vanishes by itself
#   ...
#   ok "what holds" / not_ok "what does not" "detail"...
#   plan
#
# Nothing outlives a script, not even a killed one: it runs in mount and PID
# namespaces of its own, with a memory file system as its only place to write.
# That also makes traces repeatable, because the tools look through /proc.

: "${BIN:=build/musl/bin}"
case $BIN in /*) ;; *) BIN=$PWD/$BIN ;; esac
snapshot=$BIN/snapshot
verify=$BIN/verify
restore=$BIN/restore-volume
LC_ALL=C
TZ=UTC
# A place where no catalogue can be: it never decides what a tool returns, and
# its own system calls have their own test.
DRYDOCK_CATALOG=/proc/no-catalogue/catalog.db
export BIN LC_ALL TZ DRYDOCK_CATALOG
soak=${DRYDOCK_SOAK:-}
umask 022

points=0
not_ok_count=0

ok() {
	points=$((points + 1))
	echo "ok $points - $1"
}

# $1: what, rest: details, one a line
not_ok() {
	points=$((points + 1))
	not_ok_count=$((not_ok_count + 1))
	echo "not ok $points - $1"
	shift
	for detail; do
		printf '%s\n' "$detail" | sed 's/^/#   /'
	done
}

# $1: what, rest: a command that must succeed
check() {
	what=$1
	shift
	if detail=$("$@" 2>&1); then ok "$what"; else not_ok "$what" "$detail"; fi
}

skip() {
	points=$((points + 1))
	echo "ok $points - $1 # SKIP $2"
}

note() { printf '# %s\n' "$*"; }

plan() {
	echo "1..$points"
	[ "$not_ok_count" -eq 0 ] && [ "$points" -gt 0 ]
	exit
}

skip_all() {
	echo "1..0 # SKIP $*"
	exit 0
}

needs() {
	for program; do
		command -v "$program" >/dev/null 2>&1 ||
			[ -x "/usr/sbin/$program" ] ||
			skip_all "no $program here"
	done
	for program in "$snapshot" "$verify" "$restore"; do
		[ -x "$program" ] || { echo "Bail out! no $program"; exit 1; }
	done
}

# Run this script once more, shut in.  FAULT_WORK says that it is.
sandbox() {
	if [ -n "${FAULT_WORK:-}" ]; then
		work=$FAULT_WORK
		mount -t tmpfs -o mode=755,size="${1:-4g}" none "$work" || exit 1
		trap 'exit 143' TERM
		# No daemon of this machine is to be asked anything.
		DOCKER_HOST=unix://$work/no-engine
		export DOCKER_HOST
		return
	fi
	[ "$(id -u)" -eq 0 ] || skip_all "must be root"
	shut_in="unshare --mount --pid --fork --kill-child --mount-proc"
	$shut_in true 2>/dev/null || skip_all "no mount and PID namespaces here"
	FAULT_WORK=$(mktemp -d) || exit 1
	export FAULT_WORK
	$shut_in "$0"
	status=$?
	rmdir "$FAULT_WORK"
	exit "$status"
}

# Run a tool; its status goes to $status, what it said to $work/said.  Two
# warnings are of this place (processes of other namespaces are out of sight,
# some kernels cannot read tmpfs past the page cache) and no finding: 3 for
# them alone counts as 0.
run() {
	"$@" >"$work/said" 2>&1 </dev/null && status=0 || status=$?
	[ "$status" -ne 3 ] || forgive_place
}

forgive_place() {
	grep 'warning: ' "$work/said" | grep -qv \
		-e 'cannot tell whether it is in use' \
		-e 'read past the page cache' || status=0
}

said() { tail -n 5 "$work/said" | cut -c1-300; }

# ------------------------------------------------------------------ trees

# A small tree with a bit of everything.  $1: directory, $2: a word that makes
# its contents differ
make_tree() {
	mkdir -p "$1/sub/deeper" "$1/empty"
	echo "the $2 file" >"$1/file"
	head -c 70000 /dev/urandom >"$1/sub/noise"
	: >"$1/sub/nothing"
	echo "$2 config" >"$1/sub/deeper/conf"
	ln "$1/file" "$1/sub/hard"
	ln -s ../file "$1/sub/link"
	mkfifo "$1/sub/pipe"
	truncate -s 300000 "$1/sub/sparse"
	printf '%s' "$2" | dd of="$1/sub/sparse" bs=1 seek=200000 conv=notrunc \
		2>/dev/null
	chown 1000:1001 "$1/sub" "$1/sub/noise"
	chown -h 7:8 "$1/sub/link"
	chmod 4755 "$1/sub/noise"
	chmod 2770 "$1/sub/deeper"
	setfattr -n user.note -v "$2" "$1/file" 2>/dev/null || true
	touch -d '2020-01-02 03:04:05.678901234' "$1/file" "$1/sub/deeper"
	touch -h -d '2001-01-02' "$1/sub/link"
	chmod 751 "$1"
	touch -d '2019-05-06 07:08:09.5' "$1"
}

# Everything that a restore must bring back, as text on stdout.
list_tree() {
	(cd "$1" 2>/dev/null || { echo absent; exit; }
	find . \( -type d -printf '%P\t%y %m %U:%G %T@\n' \) -o \
		-printf '%P\t%y %m %U:%G %T@ %s %n %l\n' | sort
	find . -type f -exec sha256sum {} + | sort
	getfattr -R -h -d -m - . 2>/dev/null | sort)
}

# The same, names and contents only: what must hold even where attributes
# could not be set.
list_contents() {
	(cd "$1" 2>/dev/null || { echo absent; exit; }
	find . -printf '%P\t%y %l\n' | sort
	find . -type f -exec sha256sum {} + | sort)
}

digest() { list_tree "$1" | cksum; }
digest_contents() { list_contents "$1" | cksum; }

# ------------------------------------------------------------------ points

# Calls that can change what is on disk.  Between two of them there is nothing
# new for a kill to find.
changing='write|writev|pwrite64|pwritev|pwritev2|ftruncate|fallocate|mkdir|mkdirat
|mknodat|mknod|symlink|symlinkat|link|linkat|unlink|unlinkat|rmdir|rename|renameat
|renameat2|chown|lchown|fchown|fchownat|chmod|fchmod|fchmodat|fchmodat2|utimensat
|setxattr|lsetxattr|fsetxattr|removexattr|lremovexattr|fremovexattr|fsync
|fdatasync|syncfs|copy_file_range|sendfile|ioctl|flock|exit_group'
changing=$(printf '%s' "$changing" | tr -d '\n')

# Every system call of act, as "name n is-changing" lines, n counted by name as
# strace does.  act runs its arguments with a tool's command line behind them.
# $1: where to
list_calls() {
	run act strace -f -qq -o "$work/trace"
	awk -v changing="^($changing)\$" '
	$2 ~ /^[a-z_0-9]+\(/ {
		name = $2
		sub(/\(.*/, "", name)
		if (name == "execve")
			next
		changes = name ~ changing ||
			(name ~ /^(openat2?|open|creat)$/ && /O_CREAT|O_TRUNC/)
		print name, ++n[name], changes ? 1 : 0
	}' "$work/trace" >"$1"
}

# Keep about $2 of the lines of $1: all that change something first (or an
# even sample of those), then an even sample of the rest.  0: all.
sample() {
	awk -v want="$2" '
	function spread(set, count, keep,   i) {
		for (i = 0; i < count; i++)
			if (int((i + 1) * keep / count) != int(i * keep / count))
				print set[i]
	}
	$3 == 1 { first[a++] = $0; next }
	{ rest[b++] = $0 }
	END {
		if (want == 0)
			want = a + b
		spread(first, a, want < a ? want : a)
		if (want > a)
			spread(rest, b, want - a)
	}' "$1"
}
