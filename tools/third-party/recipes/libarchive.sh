# SPDX-License-Identifier: BSD-2-Clause
# libarchive: tar, cpio and zip; we register formats one by one, so the linker
# drops the readers (rar, 7zip, cab ...) in which nearly all its bugs were.
#
# Without zlib, bzip2, xz and zstd on purpose: codec/ decompresses, with our
# limits, our threads and our error texts, and libarchive sees plain tar bytes.
# Without libacl too: ACLs are decoded from their extended attributes, because
# musl has no sys/acl.h and losing them silently also makes modes wrong.
./configure --prefix="$PREFIX" --host="$HOST" --disable-shared \
	--disable-dependency-tracking --disable-maintainer-mode \
	--disable-bsdtar --disable-bsdcat --disable-bsdcpio --disable-bsdunzip \
	--disable-acl --disable-rpath --enable-posix-regex-lib=libc \
	--without-zlib --without-bz2lib --without-lzma --without-zstd \
	--without-lz4 --without-lzo2 --without-libb2 --without-iconv \
	--without-xml2 --without-expat --without-openssl --without-nettle \
	--without-mbedtls --without-cng
make libarchive.la
install -m 644 .libs/libarchive.a "$PREFIX/lib/"
install -m 644 libarchive/archive.h libarchive/archive_entry.h \
	"$PREFIX/include/"
