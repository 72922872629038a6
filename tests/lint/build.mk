# SPDX-License-Identifier: BSD-2-Clause
LINT_TESTS += \
	tests/lint/layers.sh \
	tests/lint/headers.sh \
	tests/lint/functions.sh \
	tests/lint/names.sh \
	tests/lint/reasons.sh \
	tests/lint/tree.sh
