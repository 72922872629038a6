# SPDX-License-Identifier: BSD-2-Clause
# BusyBox: the rescue shell, as busybox-config/rescue.config says.

# Its Makefile takes flags from the configuration; those of the environment
# would be lost or doubled.
flags=$CFLAGS
unset CFLAGS

wanted=$(sed 's/#.*//' "$TP/../../busybox-config/rescue.config")
# Its SHA instructions are written for x86 and do not compile elsewhere.
[ "$ARCH" != x86_64 ] || wanted="$wanted SHA1_HWACCEL SHA256_HWACCEL"

# An answer to every yes-or-no question there is, since what oldconfig is not
# told it answers with the default, which is mostly yes.  allnoconfig is no
# help: it cannot be told exceptions and makes every number a zero.
make gen_build_files
find . -name Config.in -exec awk '
	$1 == "config" { name = $2 }
	$1 == "bool" && name { print name; name = "" }
' {} + | sort -u >symbols
{
	printf '%s\n' $wanted | awk '
		FNR == NR && /=/ { print "CONFIG_" $1; next }
		FNR == NR { wanted[$1] = 1; next }
		wanted[$1] { print "CONFIG_" $1 "=y"; next }
		{ print "# CONFIG_" $1 " is not set" }
	' - symbols
	# Static-pie is made by our compiler; its own PIE option means dynamic.
	echo "CONFIG_EXTRA_CFLAGS=\"$flags\""
	echo 'CONFIG_EXTRA_LDFLAGS="-static-pie -Wl,--build-id=none -Wl,-z,relro,-z,now"'
} >.config
# Empty lines take the default of what is left: numbers and texts.
yes '' | KCONFIG_NOTIMESTAMP=1 make oldconfig HOSTCC=gcc

# Options that are unknown, or were switched off by one they depend on.
missing=
for option in $wanted; do
	case $option in *=*) line=CONFIG_$option ;; *) line=CONFIG_$option=y ;; esac
	grep -qx "$line" .config || missing="$missing $option"
done
if [ -n "$missing" ]; then
	echo "not in this BusyBox:$missing"
	exit 1
fi

make busybox CC="$CC" HOSTCC=gcc CROSS_COMPILE="$CROSS" SKIP_STRIP=y
"$STRIP" -o "$PREFIX/bin/busybox" busybox_unstripped
