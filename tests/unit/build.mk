# SPDX-License-Identifier: BSD-2-Clause
# Each name stands for tests/unit/test_<name>.c; a test of a tool's operation
# names the extra sources: <name>_SRCS := tools/<tool>/<verb>.c
UNIT_TESTS +=
