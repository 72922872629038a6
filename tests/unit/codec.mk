# SPDX-License-Identifier: BSD-2-Clause
UNIT_TESTS += codec_crc codec_digest codec_frames codec_pem codec_x509 codec_seek_table codec_sha256
UNIT_TESTS += codec_hashes codec_unpack
UNIT_TESTS += codec_x509_pair
