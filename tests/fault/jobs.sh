# SPDX-License-Identifier: BSD-2-Clause
#
# The small jobs that the sweeps disturb, and what must hold afterwards.
# Sourced after lib.sh and sandbox.  Each job has four functions:
#
#	prepare_X	everything as before the job
#	act_X		the tool, with what is given in front of it (strace)
#	judge_X		right after the disturbed tool
#	recover_X	the same job once more, undisturbed: it must go through,
#			and leave no litter
#
# judge and recover say on stdout what is wrong, and return 1 then.

tree=$work/tree
medium=$work/medium
root=$work/root
volume=$root/volumes/vol
target=$work/dir/target

folders() { ls "$medium/drydock/snapshots" 2>/dev/null; }

# ---------------------------------------------------------------- snapshot

prepare_snapshot() {
	rm -rf "$medium"
	cp -a "$work/medium.start" "$medium"
}

act_snapshot() {
	"$@" "$snapshot" --threads 0 --to "$medium" --any-directory \
		--key "$work/key" --path "tree=$tree"
}

# Is the folder $1 of the medium interrupted: no commit record, or what a kill
# can leave of one?
is_interrupted() { [ ! -s "$medium/drydock/snapshots/$1/COMPLETE" ]; }

judge_snapshot() {
	want=0
	for folder in $(folders); do
		case $folder in
		0001-*)
			diff -r "$work/medium.start/drydock/snapshots/$folder" \
				"$medium/drydock/snapshots/$folder" || return 1
			continue ;;
		esac
		! is_interrupted "$folder" || want=3
	done
	run "$verify" --threads 0 "$medium"
	if [ "$status" -ne "$want" ]; then
		echo "verify: $status instead of $want: $(said)"
		return 1
	fi
	if [ "$want" -eq 3 ] && ! grep -q "$folder was interrupted" "$work/said"; then
		echo "verify does not name $folder: $(said)"
		return 1
	fi
}

recover_snapshot() {
	run act_snapshot
	[ "$status" -eq 0 ] || { echo "next run: $status: $(said)"; return 1; }
	for folder in $(folders); do
		! is_interrupted "$folder" || { echo "litter: $folder"; return 1; }
	done
	run "$verify" --threads 0 --deep --key "$work/key.pub" "$medium"
	[ "$status" -eq 0 ] || { echo "after: $status: $(said)"; return 1; }
}

prepare_first() {
	rm -rf "$medium"
	mkdir "$medium"
}

# Where there is no medium yet there is nothing to lose, and nothing to verify
# before the first snapshot is whole.
judge_first() {
	run "$verify" --threads 0 "$medium"
	case $status in
	0) set -- $(folders); [ $# -eq 1 ] && ! is_interrupted "$1" ||
		{ echo "verify takes it for whole: $(said)"; return 1; } ;;
	3|5|10) ;;
	*) echo "verify: $status: $(said)"; return 1 ;;
	esac
}

# ---------------------------------------------------------------- restore

prepare_restore() {
	rm -rf "$root" "$work/dir"
	cp -a "$work/root.start" "$root"
	cp -a "$work/dir.start" "$work/dir"
}

act_restore() {
	"$@" "$restore" --threads 0 --from "$work/medium.start" \
		--data-root "$root" --assume-unused 1 vol
}

act_to() {
	"$@" "$restore" --threads 0 --from "$work/medium.start" \
		--assume-unused --to "$target" 1 vol
}

act_rollback() {
	"$@" "$restore" --data-root "$root" --assume-unused --rollback vol
}

act_forget() {
	"$@" "$restore" --data-root "$root" --assume-unused --forget --yes vol
}

# The tree in use is one of those named.  $1: directory, rest: digests
is_one_of() {
	now=$(digest "$1")
	shift
	for one; do
		[ "$now" != "$one" ] || return 0
	done
	echo "the tree in use is neither old nor new"
	return 1
}

# No litter in $1, and a tree of digest $3 among $2.*; $3 empty: none is due
is_clean() {
	litter=$(find "$1" -maxdepth 1 -name '.*drydock*')
	[ -z "$litter" ] || { echo "litter: $litter"; return 1; }
	[ -n "$3" ] || return 0
	for before in "$2".before-*; do
		[ "$(digest "$before")" != "$3" ] || return 0
	done
	echo "the old tree is gone"
	return 1
}

judge_restore() { is_one_of "$volume/_data" "$old" "$new"; }
judge_to() { is_one_of "$target" "$old" "$new"; }

recover_restore() {
	run act_restore
	[ "$status" -eq 0 ] || { echo "next run: $status: $(said)"; return 1; }
	is_one_of "$volume/_data" "$new" &&
		is_clean "$volume" "$volume/_data" "$keep" &&
		is_clean "$root/volumes" "" "" || return 1
	[ -s "$root/volumes/metadata.db" ] || { echo "no metadata.db"; return 1; }
}

recover_to() {
	run act_to
	[ "$status" -eq 0 ] || { echo "next run: $status: $(said)"; return 1; }
	is_one_of "$target" "$new" && is_clean "$work/dir" "$target" "$keep"
}

# After a rollback, killed or not, both trees are there and another one, or
# two, lead to either.
recover_rollback() {
	[ "$(digest "$volume/_data")" != "$new" ] || run act_rollback
	[ "$status" -eq 0 ] || [ "$status" -eq 137 ] ||
		{ echo "next run: $status: $(said)"; return 1; }
	is_one_of "$volume/_data" "$old" && is_clean "$volume" "$volume/_data" "$new"
}

judge_forget() { is_one_of "$volume/_data" "$new"; }
recover_forget() {
	run act_forget
	[ "$status" -eq 0 ] || { echo "next run: $status: $(said)"; return 1; }
	is_one_of "$volume/_data" "$new" && is_clean "$volume" "$volume/_data" "" &&
		[ -z "$(ls -d "$volume"/_data.before-* 2>/dev/null)" ]
}

# $1: suffix for prepare, $2: for act, judge and recover
use() {
	eval "prepare() { prepare_$1; }
	act() { act_$2 \"\$@\"; }
	judge() { judge_${3:-$2}; }
	recover() { recover_$2; }"
}

# ---------------------------------------------------------------- the start

# A medium that holds one signed snapshot of a volume whose tree is "new"; a
# data-root and a directory that hold "old".
make_start() {
	make_tree "$work/new" new
	make_tree "$work/old" old
	make_tree "$tree" third
	"$snapshot" --new-key "$work/key" >/dev/null
	mkdir -p "$work/first/volumes/vol" "$work/medium.start" \
		"$work/root.start/volumes/vol" "$work/dir.start"
	cp -a "$work/new" "$work/first/volumes/vol/_data"
	run "$snapshot" --threads 0 --to "$work/medium.start" --any-directory \
		--key "$work/key" --data-root "$work/first" vol
	if [ "$status" -ne 0 ]; then
		said
		echo "Bail out! the first snapshot fails: $status"
		exit 1
	fi
	cp -a "$work/old" "$work/root.start/volumes/vol/_data"
	cp -a "$work/old" "$work/dir.start/target"
	old=$(digest "$work/old")
	new=$(digest "$work/new")
	keep=$old
}

# Nothing where the restore goes.
make_start_empty() {
	rm -rf "$work/root.start" "$work/dir.start"
	mkdir -p "$work/root.start/volumes" "$work/dir.start"
	old=$(digest "$work/nowhere")
	keep=
}
