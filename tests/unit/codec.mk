# SPDX-License-Identifier: BSD-2-Clause
UNIT_TESTS += codec_digest codec_frames codec_seek_table codec_sha256 codec_unpack
