# SPDX-License-Identifier: BSD-2-Clause
FUZZ_TARGETS += checklist escape manifest sign sums
