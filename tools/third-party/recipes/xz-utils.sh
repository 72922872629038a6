# SPDX-License-Identifier: BSD-2-Clause
# liblzma: xz in foreign archives.  We only decode, but the encoders cannot all
# be left out of the build; --gc-sections drops them from the tools.
./configure --prefix="$PREFIX" --host="$HOST" --disable-shared \
	--disable-dependency-tracking --disable-xz --disable-xzdec \
	--disable-lzmadec --disable-lzmainfo --disable-lzma-links \
	--disable-scripts --disable-doc --disable-nls --disable-microlzma \
	--disable-lzip-decoder --enable-encoders=lzma1,lzma2
make -C src/liblzma install
rm -rf "$PREFIX/lib/liblzma.la" "$PREFIX/lib/pkgconfig"
