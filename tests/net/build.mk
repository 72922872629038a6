# SPDX-License-Identifier: BSD-2-Clause
NET_TESTS += \
	tests/net/cert.sh \
	tests/net/databases.sh \
	tests/net/tls.sh
