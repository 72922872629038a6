# SPDX-License-Identifier: BSD-2-Clause
# zlib: gzip in foreign archives.  The library alone; its test programs are not
# ours to run.
CHOST=$HOST ./configure --prefix="$PREFIX" --static
make libz.a
install -m 644 libz.a "$PREFIX/lib/"
install -m 644 zlib.h zconf.h "$PREFIX/include/"
