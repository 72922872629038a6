# SPDX-License-Identifier: BSD-2-Clause
FUZZ_TARGETS += bolt container_config engine_state http_reply mountinfo volume_opts
