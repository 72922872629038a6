# SPDX-License-Identifier: BSD-2-Clause
CHECK_TESTS += tests/check/archives.sh
CHECK_TESTS += tests/check/dumps.sh
CHECK_TESTS += tests/check/redis.sh
CHECK_TESTS += tests/check/sqlite.sh
