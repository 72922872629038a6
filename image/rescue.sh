#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# /bin/rescue, the image's entrypoint: a tool by its name, a shell, a small
# menu on a terminal, or a page that says how to run each job.
set -uf

image=localhost/drydock-rescue:$(sed -n 's/^VERSION_ID=//p' /etc/os-release)
arch=$(uname -m)

# ---- what each job needs of the engine, and what this container has

needs() {
	case $1 in
	snapshot) echo DAC_READ_SEARCH SYS_PTRACE ;;
	restore) echo CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID \
		LINUX_IMMUTABLE MKNOD SETFCAP SYS_PTRACE ;;
	esac
}

# $1: capability; its bit, and what fails without it
explain() {
	case $1 in
	CHOWN) echo 0 give files their owners ;;
	DAC_OVERRIDE) echo 1 write into folders of other users ;;
	DAC_READ_SEARCH) echo 2 read files of other users ;;
	FOWNER) echo 3 set modes and times of files of other users ;;
	FSETID) echo 4 keep the set-group-id bit ;;
	LINUX_IMMUTABLE) echo 9 set the immutable and append-only flags ;;
	SYS_PTRACE) echo 19 see who has files of a volume open ;;
	MKNOD) echo 27 make device nodes ;;
	SETFCAP) echo 31 set file capabilities ;;
	esac
}

# One line for job $1, and one for each capability it lacks.
report() {
	held=$(sed -n 's/^CapEff:[^0-9a-f]*//p' /proc/self/status)
	lacking=
	for cap in $(needs "$1"); do
		bit=$(explain "$cap")
		[ $((0x${held:-0} >> ${bit%% *} & 1)) -eq 1 ] ||
			lacking="$lacking $cap"
	done
	word=ok
	[ -z "$lacking" ] || word='lacks capabilities:'
	printf '  %-9s %s\n' "$1" "$word"
	for cap in $lacking; do
		bit=$(explain "$cap")
		printf '    %-16s to %s\n' "$cap" "${bit#* }"
	done
}

here() {
	echo 'This container, job by job:'
	report verify
	report snapshot
	report restore
	mountpoint -q /volumes ||
		echo '  no volumes here: -v /var/lib/docker/volumes:/volumes'
	media=$(find_media)
	[ -n "$media" ] || echo '  no medium here: -v STICK:/media'
	printf '%s\n' "$media" | while read -r medium; do
		[ -z "$medium" ] || [ -w "$medium/drydock" ] || echo \
			"  $medium is read-only here; snapshot has to write to it"
	done
	[ $$ -ne 1 ] ||
		echo '  users of a volume cannot be seen: --pid host'
}

# ---- the page

# $1: job, $2: how it mounts the volumes, or '', then the tool and its arguments
line() {
	job=$1 volumes=$2 medium=
	shift 2
	[ "$job" != verify ] || medium=:ro
	echo '  docker run --rm -it --pull never --network none --read-only \'
	printf '    --tmpfs /tmp --cap-drop ALL --security-opt no-new-privileges'
	set -- "$image" "$@"
	for cap in $(needs "$job"); do
		echo " --cap-add $cap"
	done | awk 'NR % 2 { printf " \\\n   " } { printf "%s", $0 }'
	[ -z "$volumes" ] || printf ' \\\n    --pid host -v %s' \
		"/var/lib/docker/volumes:/volumes${volumes#:rw}"
	printf ' \\\n    -v STICK:/media%s \\\n    %s\n\n' "$medium" "$*"
}

page() {
	cat <<-END
	Drydock rescue: $image

	What it does, and the command for it: all it needs and nothing more.
	STICK is the folder that your stick is mounted on.  First, once:
	  docker load -i STICK/drydock/bin/$arch/drydock-image-$arch.tar

	Is the medium still good?
	END
	line verify '' verify --deep /media
	echo 'All volumes onto the stick:'
	line snapshot :ro snapshot --to /media --all
	echo 'A volume back, from the newest snapshot:'
	line restore :rw restore-volume --from /media latest VOLUME
	echo 'All of it from a menu (it wants a terminal, so -it):'
	line restore :rw
	cat <<-END
	Add where it applies:
	  -v /var/run/docker.sock:/var/run/docker.sock   the daemon runs: it says
	      who uses a volume, and takes the labels of a restored one
	  --cap-add DAC_OVERRIDE          snapshot onto a stick of another user
	  --security-opt apparmor=unconfined             hosts with AppArmor: else
	      open files of other processes cannot be seen
	  --security-opt label=disable                   hosts with SELinux
	  --userns=host                                  daemons with userns-remap

	Without any container, as root, straight from the stick:
	  cp -r STICK/drydock/bin/$arch /tmp/drydock && chmod +x /tmp/drydock/*
	  /tmp/drydock/verify --deep STICK
	  /tmp/drydock/snapshot --to STICK --all
	  /tmp/drydock/restore-volume --from STICK latest VOLUME

	Inside: less /usr/share/man/restore-volume.1.txt
	        less /usr/share/licenses/README
	END
}

# ---- the menu

# Folders that look like a medium, one a line.
find_media() {
	set +f
	for dir in /media /media/* /media/*/* /mnt /mnt/*; do
		[ ! -e "$dir/drydock/medium.json" ] || printf '%s\n' "$dir"
	done
	set -f
}

# As the shell would have to be told.
quoted() {
	for word; do
		case $word in
		''|*[!A-Za-z0-9_./:@%+=,-]*)
			printf " '%s'" "$(printf %s "$word" | sed "s/'/'\\\\''/g")" ;;
		*) printf ' %s' "$word" ;;
		esac
	done
}

run() {
	printf '\n+%s\n' "$(quoted "$@")"
	"$@"
	status=$?
	printf '(exit status %s; 0: done, 3: done with warnings)\n' "$status"
	return $status
}

# $1: question, $2: answer taken for an empty line; end of input ends all
ask() {
	printf '%s%s: ' "$1" "${2:+ [$2]}"
	read -r answer
	case $? in 0) ;; 1) echo; exit 0 ;; *) echo; return 1 ;; esac
	answer=${answer:-$2}
	[ -n "$answer" ]
}

ask_medium() {
	ask 'Folder of the medium' "$(find_media | head -n 1)" &&
		medium=$answer
}

look() {
	here
	[ ! -d /volumes ] || run ls -l /volumes
	run lsblk
	run df -h
}

# Volumes to "$@" of the caller are words of letters, digits and _.-; what
# would be an option is none.
ask_volumes() {
	ask "$1, by name, or: all" "${2:-}" || return 1
	case " $answer" in
	' all') volumes=--all ;;
	*' -'*) echo 'No volume is called that.'; return 1 ;;
	*) volumes=$answer ;;
	esac
}

restore() {
	ask_medium && run snapshot --list --to "$medium" || return
	ask 'Snapshot' latest && number=$answer || return
	ask_volumes 'Volumes to restore' || return
	# shellcheck disable=SC2086  # a list
	set -- restore-volume --from "$medium" "$number" $volumes
	run "$@" --dry-run
	case $? in 0|3) ;; *) return ;; esac
	ask 'This replaces what is there now. Type yes to go on' no
	[ "$answer" = yes ] || { echo 'Nothing was changed.'; return; }
	run "$@" --yes
}

take() {
	ask_medium && ask_volumes 'Volumes to take' all || return
	# shellcheck disable=SC2086
	set -- snapshot --to "$medium" $volumes
	run "$@" --dry-run
	case $? in 0|3) ;; *) return ;; esac
	ask 'Type yes to write this to the medium' no
	[ "$answer" = yes ] || { echo 'Nothing was written.'; return; }
	run "$@" --yes
}

menu() {
	# Ctrl-C ends the tool that runs, not the menu.
	trap : INT
	trap 'exit 143' TERM
	while :; do
		printf '\nDrydock rescue  %s\n\n%s\n%s\n' "$image" \
		    '  1 what is here     2 list a medium    3 verify a medium' \
		    '  4 restore volumes  5 snapshot volumes 6 shell    0 leave'
		ask 'Your choice' '' || continue
		case $answer in
		1) look ;;
		2) ask_medium && run snapshot --list --to "$medium" ;;
		3) ask_medium && run verify --deep "$medium" ;;
		4) restore ;;
		5) take ;;
		6) echo 'exit comes back here'; run sh -l ;;
		0) exit 0 ;;
		*) echo 'One of the numbers, please.' ;;
		esac
	done
}

case ${1-} in
snapshot|verify|restore-volume|sh) exec "$@" ;;
-h|--help|help) page; exit 0 ;;
'') ;;
*)	printf 'rescue: no tool is called "%s"\n' "$1" >&2
	echo 'usage: [snapshot|verify|restore-volume|sh [ARGUMENT...]]' >&2
	exit 2 ;;
esac
if [ -t 0 ] && [ -t 1 ]; then
	menu
fi
page
here
