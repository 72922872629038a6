# SPDX-License-Identifier: BSD-2-Clause
CLI_TESTS += tests/cli/options.sh tests/cli/snapshot.sh tests/cli/restore.sh tests/cli/restore_only.sh \
	tests/cli/verify.sh tests/cli/verify_repair.sh tests/cli/verify_salvage.sh tests/cli/verify_memory.sh tests/cli/catalog.sh tests/cli/verify_data.sh tests/cli/verify_reports.sh \
	tests/cli/verify_foreign.sh tests/cli/startup_order.sh
CLI_TESTS += tests/cli/probe.sh
