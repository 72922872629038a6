#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# /bin/rescue, the image's entrypoint: a tool by its name, a shell, a small
# menu on a terminal, or else a page that says how to run each job.
set -uf

image=localhost/drydock-rescue:$(sed -n 's/^VERSION_ID=//p' /etc/os-release)
arch=$(uname -m)

# ---- what each job needs of the engine, and what this container has

# Capability, its bit, the jobs that need it, and for what.
capabilities='
CHOWN 0 restore give files their owners
DAC_OVERRIDE 1 restore write into folders of other users
DAC_READ_SEARCH 2 snapshot,restore read files of other users
FOWNER 3 restore set modes and times of files of other users
FSETID 4 restore keep the set-group-id bit
LINUX_IMMUTABLE 9 restore set the immutable and append-only flags
SYS_PTRACE 19 snapshot,restore see who has files of a volume open
MKNOD 27 restore make device nodes
SETFCAP 31 restore set file capabilities'

# The table's lines for job $1.
needs() {
	printf '%s\n' "$capabilities" | grep "^[^ ]* [0-9]* [a-z,]*$1"
}

# Is job $1 possible here?  One line, and one for each capability it lacks.
report() {
	held=$(sed -n 's/^CapEff:[^0-9a-f]*//p' /proc/self/status)
	lacking=$(needs "$1" | while read -r cap bit jobs purpose; do
		[ $((0x${held:-0} >> bit & 1)) -eq 1 ] ||
			printf '    %-16s to %s\n' "$cap" "$purpose"
	done)
	if [ -z "$lacking" ]; then
		printf '  %-9s has its capabilities\n' "$1"
	else
		printf '  %-9s lacks capabilities (--cap-add):\n%s\n' \
			"$1" "$lacking"
	fi
}

here() {
	echo 'This container, job by job:'
	report verify
	report snapshot
	report restore
	mountpoint -q /volumes ||
		echo '  no volumes: -v /var/lib/docker/volumes:/volumes'
	media=$(find_media)
	[ -n "$media" ] || echo '  no medium: -v STICK:/media'
	printf '%s\n' "$media" | while read -r medium; do
		[ -z "$medium" ] || [ -w "$medium/drydock" ] ||
			echo "  $medium cannot be written: no snapshot to it"
	done
	[ $$ -ne 1 ] || echo '  users of a volume are not seen: --pid host'
}

# ---- the page

# $1: job, $2: how it mounts the volumes or '', $3: how it mounts the medium,
# then the tool and its arguments
line() {
	job=$1 volumes=$2 medium=$3
	shift 3
	echo '  docker run --rm -it --pull never --network none --read-only \'
	printf '    --tmpfs /tmp --cap-drop ALL --security-opt no-new-privileges'
	needs "$job" | awk 'NR % 2 { printf " \\\n   " }
		{ printf " --cap-add %s", $1 }'
	[ -z "$volumes" ] || printf ' \\\n    --pid host -v %s%s' \
		/var/lib/docker/volumes:/volumes "${volumes#:rw}"
	set -- "$image" "$@"
	printf ' \\\n    -v STICK:/media%s \\\n    %s\n\n' "${medium#:rw}" "$*"
}

page() {
	cat <<-END
	Drydock rescue: $image

	What it does, and the command for it, with the rights it needs.
	STICK is the folder that your stick is mounted on.  First, once:
	  docker load -i STICK/drydock/bin/$arch/drydock-image-$arch.tar

	Is the medium still good?
	END
	line verify '' :ro verify --deep /media
	echo 'All volumes onto the stick:'
	line snapshot :ro :rw snapshot --to /media --all
	echo 'A volume back, from the newest snapshot:'
	line restore :rw :ro restore-volume --from /media latest VOLUME
	echo 'All of it from a menu:'
	line restore :rw :rw
	cat <<-END
	Leave out -it where there is no terminal.  Add where it applies:
	  -v /var/run/docker.sock:/var/run/docker.sock   the daemon runs: it says
	      who uses a volume, and takes the labels of a restored one
	  --cap-add DAC_OVERRIDE          snapshot onto a stick of another user
	  --security-opt apparmor=unconfined             hosts with AppArmor: else
	      open files of other processes cannot be seen
	  --security-opt label=disable                   hosts with SELinux
	  --userns=host                                  daemons with userns-remap

	Without any container, as root, from the stick (many are mounted so that
	no program on them may run, hence the copy):
	  cp -r STICK/drydock/bin/$arch /tmp/drydock && chmod +x /tmp/drydock/*
	  /tmp/drydock/verify --deep STICK
	  /tmp/drydock/snapshot --to STICK --all
	  /tmp/drydock/restore-volume --from STICK latest VOLUME
	  /tmp/drydock/probe --host                     what works, and why not
	  /tmp/drydock/startup-order --from-host        what comes up in which order
	  /tmp/drydock/startup-order --from-host --up   once Docker runs again

	In here: less /usr/share/man/restore-volume.1.txt
	         less /usr/share/licenses/README
	END
}

# ---- the menu

# Folders that hold a medium, one a line.
find_media() {
	set +f
	for dir in /media /media/* /media/*/* /mnt /mnt/*; do
		[ ! -e "$dir/drydock/medium.json" ] || printf '%s\n' "$dir"
	done
	set -f
}

# The words as one would have to type them.
quoted() {
	for word; do
		case $word in
		''|*[!A-Za-z0-9_./:@%+=,-]*) printf " '%s'" \
			"$(printf %s "$word" | sed "s/'/'\\\\''/g")" ;;
		*) printf ' %s' "$word" ;;
		esac
	done
}

# Ctrl-C is for the tool alone, which installs its own handler.  It is ignored
# here, not trapped: once a trap has run, ash's read never returns.
run() {
	printf '\n+%s\n' "$(quoted "$@")"
	trap '' INT
	"$@"
	status=$?
	trap - INT
	printf '(exit status %s; 0: done, 3: done, with warnings)\n' $status
	return $status
}

# $1: what is meant, then the command: first without effect, then for good.
rehearse() {
	intent=$1
	shift
	run "$@" --dry-run
	case $? in 0|3) ;; *) return ;; esac
	if ask "$intent Type yes to go on" no && [ "$answer" = yes ]; then
		run "$@" --yes
	else
		echo 'Nothing was changed.'
	fi
}

# $1: question, $2: what an empty line means; the end of input ends it all
ask() {
	printf '%s%s: ' "$1" "${2:+ [$2]}"
	read -r answer || { echo; exit 0; }
	answer=${answer:-$2}
	[ -n "$answer" ]
}

ask_medium() {
	ask 'Folder of the medium' "$(find_media | head -n 1)" || return
	medium=$answer
}

ask_volumes() {
	ask 'Volumes, by name, or all' "$1" || return
	volumes=$answer
	case " $answer" in
	' all') volumes=--all ;;
	*' -'*) echo 'No volume is called that.'; return 1 ;;
	esac
}

restore() {
	ask_medium && run snapshot --list --to "$medium" &&
		ask 'Snapshot' latest && number=$answer &&
		ask_volumes '' || return
	# shellcheck disable=SC2086  # a list
	rehearse 'This replaces what the volumes hold now.' \
		restore-volume --from "$medium" "$number" $volumes
}

take() {
	ask_medium && ask_volumes all || return
	# shellcheck disable=SC2086
	rehearse 'This writes to the medium.' \
		snapshot --to "$medium" $volumes
}

menu() {
	trap 'exit 143' TERM
	while printf '\nDrydock rescue  %s\n\n%s\n%s\n' "$image" \
		'  1 what is here     2 list a medium     3 verify a medium' \
		'  4 restore volumes  5 snapshot volumes  6 shell   0 leave'
	do
		ask 'Your choice' '' || continue
		case $answer in
		1) here; run ls -l /volumes; run lsblk; run df -h ;;
		2) ask_medium && run snapshot --list --to "$medium" ;;
		3) ask_medium && run verify --deep "$medium" ;;
		4) restore ;;
		5) take ;;
		6) echo 'exit comes back here'; sh -l ;;
		0) exit 0 ;;
		*) echo 'One of the numbers, please.' ;;
		esac
	done
}

case ${1-} in
snapshot|verify|restore-volume|probe|startup-order|sh) exec "$@" ;;
-h|--help|help) page; exit 0 ;;
'') ;;
*)	printf 'rescue: no tool is called "%s"\n' "$1" >&2
	echo 'usage: [snapshot|verify|restore-volume|probe|startup-order|sh [ARGUMENT...]]' >&2
	exit 2 ;;
esac
if [ -t 0 ] && [ -t 1 ]; then
	menu
fi
page
here
