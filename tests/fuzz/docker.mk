# SPDX-License-Identifier: BSD-2-Clause
FUZZ_TARGETS += bolt container_config http_reply mountinfo volume_opts
