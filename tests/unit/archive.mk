# SPDX-License-Identifier: BSD-2-Clause
UNIT_TESTS += archive_acl archive_check archive_gnutar archive_hostile \
	archive_links archive_take archive_tar archive_trip
