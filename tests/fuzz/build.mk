# SPDX-License-Identifier: BSD-2-Clause
# Targets of a tool's own parsers name its sources: fuzz_<name>_SRCS.
FUZZ_TARGETS += probe_file
fuzz_probe_file_SRCS := $(probe_PARTS)
