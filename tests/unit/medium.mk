# SPDX-License-Identifier: BSD-2-Clause
UNIT_TESTS += medium_complete medium_hash_pool medium_info medium_names medium_parts medium_verified medium_patient
