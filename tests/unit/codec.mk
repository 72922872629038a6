# SPDX-License-Identifier: BSD-2-Clause
UNIT_TESTS += codec_sha256 codec_seek_table codec_frames
