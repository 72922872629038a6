# SPDX-License-Identifier: BSD-2-Clause
UNIT_TESTS += net_limbo net_url
