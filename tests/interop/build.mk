# SPDX-License-Identifier: BSD-2-Clause
INTEROP_TESTS += tests/interop/report_page.sh tests/interop/recover_by_hand.sh tests/interop/foreign.sh
