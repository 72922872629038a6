#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Sticks as they are sold: FAT32, which most kernels of CI machines lack.  The
# whole test runs inside user-mode Linux, which has it, and dm-error too: a
# guest whose root is this machine's, booted in seconds.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/fault/lib.sh

guest=tests/fault/vfat_guest.sh
kernel=$(command -v linux.uml) || skip_all "no user-mode-linux here"
[ -d /usr/lib/uml/modules ] || skip_all "no modules of user-mode-linux here"
needs mkfs.vfat fsck.vfat dmsetup modprobe getfattr strace
[ "$(id -u)" -eq 0 ] || skip_all "must be root"

dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
trap 'exit 143' TERM
mkdir -p "$dir/lib" "$dir/work" "$dir/work.disk"
ln -s /usr/lib/uml/modules "$dir/lib/modules"
cat >"$dir/init" <<END
#!/bin/sh
PATH=/usr/sbin:/usr/bin:/sbin:/bin BIN='$BIN' DRYDOCK_SOAK='$soak'
export PATH BIN DRYDOCK_SOAK
mount -t proc none /proc
mount -t sysfs none /sys
mountpoint -q /dev || mount -t devtmpfs dev /dev
mount -t tmpfs -o size=1500m none '$dir/work'
modprobe -a -d '$dir' loop vfat nls_cp437 nls_iso8859-1 nls_ascii nls_utf8 dm-mod
cd '$PWD'
FAULT_GUEST='$dir/work' sh '$guest' >'$dir/tap' 2>'$dir/err' </dev/null
echo \$? >'$dir/status'
sync
echo o >/proc/sysrq-trigger
sleep 60
END
chmod +x "$dir/init"

# Memory of the guest is a file in TMPDIR that is mapped and executed.
timeout -k 5 "${DRYDOCK_SOAK:+3}600" "$kernel" mem=2G rootfstype=hostfs \
	rootflags=/ rw init="$dir/init" con=null con0=null,fd:1 quiet selinux=0 \
	</dev/null >"$dir/console" 2>&1
cat "$dir/tap" 2>/dev/null
cat "$dir/err" >&2 2>/dev/null
if [ ! -s "$dir/tap" ] && grep -q put_fp_registers "$dir/console"; then
	skip_all "this processor has larger registers than user-mode Linux knows"
fi
if [ ! -s "$dir/status" ]; then
	echo "Bail out! the guest died:"
	tail -n 20 "$dir/console"
	exit 1
fi
exit "$(cat "$dir/status")"
