# SPDX-License-Identifier: BSD-2-Clause
# BearSSL: SHA-256, ECDSA and, for probe alone, TLS.
make lib DLL=no TOOLS=no TESTS=no CC="$CC" AR="$AR" LD="$CC" \
	CFLAGS="$CFLAGS -W"
install -m 644 build/libbearssl.a "$PREFIX/lib/"
install -m 644 inc/*.h "$PREFIX/include/"
