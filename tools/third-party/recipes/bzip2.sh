# SPDX-License-Identifier: BSD-2-Clause
# bzip2: foreign archives, reading only.  Its Makefile has no room for flags.
static_library libbz2.a -D_FILE_OFFSET_BITS=64 -- blocksort.c huffman.c \
	crctable.c randtable.c compress.c decompress.c bzlib.c
install -m 644 bzlib.h "$PREFIX/include/"
