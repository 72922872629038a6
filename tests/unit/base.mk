# SPDX-License-Identifier: BSD-2-Clause
UNIT_TESTS += base_buf base_err base_escape base_hex base_lines base_mem \
	base_num base_pairs base_utc io_stream
