#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# exFAT, as large sticks are sold: Debian's own kernel in QEMU without KVM,
# because user-mode Linux has no exFAT.  In soak only: a boot takes its time.
#
# Three boots of one stick, and each ends with the power cut: after a snapshot
# that ended with success; in the middle of another; after all was checked.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/fault/lib.sh

[ -n "$soak" ] || skip_all "in soak"
needs qemu-system-x86_64 mkfs.exfat fsck.exfat cpio apt-get dpkg-deb
busybox=/bin/busybox
"$busybox" insmod 2>&1 | grep -q Usage || skip_all "no busybox with insmod"

dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
trap 'exit 143' TERM

# The kernel is unpacked, not installed.
linux=build/test/linux
if ! ls "$linux"/boot/vmlinuz-* >/dev/null 2>&1; then
	package=$(apt-cache depends linux-image-amd64 2>/dev/null |
		sed -n 's/^  Depends: //p' | head -n 1)
	(cd "$dir" && apt-get download "$package") >/dev/null 2>&1 ||
		skip_all "no kernel package to be had"
	mkdir -p "$linux"
	dpkg-deb -x "$dir"/linux-image-*.deb "$linux" || skip_all "no kernel"
fi
vmlinuz=$(ls "$linux"/boot/vmlinuz-* | head -n 1)
modules="virtio_ring virtio virtio_pci_legacy_dev virtio_pci_modern_dev
	virtio_pci virtio_blk exfat"

root=$dir/root
mkdir -p "$root/bin" "$root/m" "$root/proc" "$root/sys" "$root/dev" \
	"$root/stick" "$root/tmp"
cp "$busybox" "$snapshot" "$verify" "$restore" "$root/bin/"
for module in $modules; do
	find "$linux/lib/modules" -name "$module.ko" -exec cp {} "$root/m/" \;
done
cat >"$root/init" <<END
#!/bin/busybox sh
/bin/busybox --install -s /bin
export PATH=/bin
mount -t proc none /proc
mount -t sysfs none /sys
mount -t devtmpfs dev /dev
echo 0 >/proc/sys/kernel/printk
for module in $(echo $modules); do
	[ ! -e /m/\$module.ko ] || insmod /m/\$module.ko
done
mount -t exfat /dev/vda /stick || echo "GUEST mount failed"
echo 7 >/proc/sys/kernel/sysrq
mkdir -p /src/sub
head -c 30000000 /dev/urandom >/src/big
echo text >/src/sub/small
ln -s small /src/sub/link
chmod 4750 /src/sub/small
# \$1: word for the line, rest: command
say() {
	word=\$1
	shift
	"\$@" >/tmp/said 2>&1
	echo "GUEST \$word \$?"
	tail -n 3 /tmp/said
}
. /guest
echo o >/proc/sysrq-trigger
sleep 60
END
chmod +x "$root/init"

# $1: what the guest does; its lines "GUEST word status" go to $dir/console
boot() {
	printf '%s\n' "$1" >"$root/guest"
	(cd "$root" && find . | cpio -o -H newc 2>/dev/null) >"$dir/initrd"
	timeout -k 5 300 qemu-system-x86_64 -accel tcg -cpu max -M q35 -m 768 \
		-nodefaults -nographic -serial stdio -no-reboot \
		-kernel "$vmlinuz" -initrd "$dir/initrd" \
		-append 'console=ttyS0 quiet panic=-1' \
		-drive "if=virtio,format=raw,file=$dir/stick" \
		</dev/null 2>&1 | tr -d '\r' >"$dir/console"
}
# $1: what holds, $2: word, $3: pattern of statuses
expect() {
	if grep -qE "GUEST $2 $3\$" "$dir/console"; then
		ok "$1"
	else
		not_ok "$1" "$(tail -n 15 "$dir/console")"
	fi
}

truncate -s 512M "$dir/stick"
mkfs.exfat "$dir/stick" >/dev/null 2>&1
boot 'say took snapshot --to /stick --part-size 8M --path data=/src'
expect "a snapshot onto exFAT" took 0
cp --sparse=always "$dir/stick" "$dir/looked-at"
fsck.exfat -n "$dir/looked-at" >"$dir/fsck" 2>&1
note "fsck.exfat after the power cut: $(tail -n 1 "$dir/fsck")"

boot 'say verified verify --deep /stick
say restored restore-volume --from /stick --assume-unused --to /back 1 data
ls -l /back/sub
snapshot --to /stick --path data=/src >/tmp/said 2>&1 &
while [ ! -s /stick/drydock/snapshots/0002-*/data.tar.zst ] && kill -0 $!; do
	usleep 1000
done'
expect "after a power cut it verifies" verified 0
expect "and can be restored" restored 0

boot 'say verified verify --deep /stick
say took snapshot --to /stick --path data=/src
say after verify --deep /stick'
expect "cut in the middle of the next: the first verifies" verified '[03]'
expect "the next run goes through" took 0
expect "and all is whole" after 0
plan
