# SPDX-License-Identifier: BSD-2-Clause
FUZZ_TARGETS += frames pem seek_table unpack x509
