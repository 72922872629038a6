# SPDX-License-Identifier: BSD-2-Clause
# zstd: our own archives.  Without the library's thread pool: the frames are
# independent and our own threads work on them.  Without the formats before 1.0.
make -C lib libzstd.a-nomt ZSTD_LEGACY_SUPPORT=0 ZSTD_LIB_DEPRECATED=0 \
	CC="$CC" AR="$AR" CFLAGS="$CFLAGS"
install -m 644 lib/libzstd.a "$PREFIX/lib/"
install -m 644 lib/zstd.h lib/zstd_errors.h "$PREFIX/include/"
