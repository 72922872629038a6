# SPDX-License-Identifier: BSD-2-Clause
FUZZ_TARGETS += compose_file dotenv interpolate
