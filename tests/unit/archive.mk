# SPDX-License-Identifier: BSD-2-Clause
UNIT_TESTS += archive_hostile archive_trip
