# SPDX-License-Identifier: BSD-2-Clause
UNIT_TESTS += net_databases net_dns net_sock net_url net_web
UNIT_TESTS += net_limbo net_trust net_trust_names
