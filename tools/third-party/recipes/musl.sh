# SPDX-License-Identifier: BSD-2-Clause
# musl, static only, and bin/musl-cc: the compiler that all shipped code uses.
#
# Not the packaged musl-gcc: it answers -static-pie with a dynamic program and
# has no kernel headers, which makes configure scripts lose features silently.
#
# musl-cc makes static-pie unless told -static or -r, and its files are found
# from its own place, so that a built prefix can be moved or cached.

./configure --prefix="$PREFIX" --target="$HOST" --disable-shared \
	CC="${CROSS}gcc" CROSS_COMPILE="$CROSS" \
	CFLAGS="-O2 -g0 -ffunction-sections -fdata-sections -ffile-prefix-map=$PWD=musl"
make
make install
# Its own wrapper would only tempt somebody.
rm -f "$PREFIX/bin/musl-gcc" "$PREFIX/lib/musl-gcc.specs"

# Kernel headers by name, looked up after all others.  /usr/include itself
# would let glibc's headers in where musl has none.
kernel=/usr/include
[ -z "$CROSS" ] || kernel=/usr/$ARCH-linux-gnu/include
asm=$kernel/asm
[ -d "$asm" ] || asm=$kernel/$ARCH-linux-gnu/asm
mkdir -p "$PREFIX/kernel-include"
ln -sfn "$kernel/linux" "$PREFIX/kernel-include/linux"
ln -sfn "$kernel/asm-generic" "$PREFIX/kernel-include/asm-generic"
ln -sfn "$kernel/mtd" "$PREFIX/kernel-include/mtd"
ln -sfn "$asm" "$PREFIX/kernel-include/asm"

cat >"$PREFIX/lib/musl-cc.specs" <<'END'
*cc1:
%(cc1_cpu) -nostdinc -isystem %:getenv(MUSL_CC_PREFIX /include) -isystem include%s -idirafter %:getenv(MUSL_CC_PREFIX /kernel-include)

*cpp:
-nostdinc -isystem %:getenv(MUSL_CC_PREFIX /include) -isystem include%s -idirafter %:getenv(MUSL_CC_PREFIX /kernel-include)

*startfile:
%{r:;static-pie:%:getenv(MUSL_CC_PREFIX /lib/rcrt1.o) %:getenv(MUSL_CC_PREFIX /lib/crti.o) crtbeginS.o%s;:%:getenv(MUSL_CC_PREFIX /lib/crt1.o) %:getenv(MUSL_CC_PREFIX /lib/crti.o) crtbeginT.o%s}

*endfile:
%{r:;static-pie:crtendS.o%s %:getenv(MUSL_CC_PREFIX /lib/crtn.o);:crtend.o%s %:getenv(MUSL_CC_PREFIX /lib/crtn.o)}

*link:
-nostdlib -L%:getenv(MUSL_CC_PREFIX /lib) %{r:;static-pie:-static -pie --no-dynamic-linker -z text;:-static}

*link_libgcc:
-L%:getenv(MUSL_CC_PREFIX /lib) -L .%s

*libgcc:
libgcc.a%s %:if-exists(libgcc_eh.a%s)

END
cat >"$PREFIX/bin/musl-cc" <<END
#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
here=\${0%/*}
MUSL_CC_PREFIX=\$(cd "\$here/.." && pwd)
export MUSL_CC_PREFIX
for arg; do
	case \$arg in
	-static|-static-pie|-r) exec ${CROSS}gcc "\$@" -specs "\$MUSL_CC_PREFIX/lib/musl-cc.specs" ;;
	esac
done
exec ${CROSS}gcc "\$@" -static-pie -specs "\$MUSL_CC_PREFIX/lib/musl-cc.specs"
END
chmod 755 "$PREFIX/bin/musl-cc"
