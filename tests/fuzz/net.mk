# SPDX-License-Identifier: BSD-2-Clause
FUZZ_TARGETS += database_answer dns_answer url web_reply
FUZZ_TARGETS += trust
