# SPDX-License-Identifier: BSD-2-Clause
LIB_SRCS += \
	tools/lib/codec/crc.c \
	tools/lib/codec/der.c \
	tools/lib/codec/digest.c \
	tools/lib/codec/frame_cache.c \
	tools/lib/codec/frame_decode.c \
	tools/lib/codec/frame_pool.c \
	tools/lib/codec/frame_probe.c \
	tools/lib/codec/frame_reader.c \
	tools/lib/codec/frame_writer.c \
	tools/lib/codec/highway.c \
	tools/lib/codec/pem.c \
	tools/lib/codec/seek_table.c \
	tools/lib/codec/sha256.c \
	tools/lib/codec/sha256_armv8.c \
	tools/lib/codec/sha256_shani.c \
	tools/lib/codec/unpack.c \
	tools/lib/codec/unpack_bzip2.c \
	tools/lib/codec/unpack_gzip.c \
	tools/lib/codec/unpack_xz.c \
	tools/lib/codec/unpack_zstd.c \
	tools/lib/codec/x509.c \
	tools/lib/codec/x509_extensions.c \
	tools/lib/codec/x509_host.c \
	tools/lib/codec/x509_key.c \
	tools/lib/codec/x509_name.c \
	tools/lib/codec/x509_signed.c \
	tools/lib/codec/xxh64.c
