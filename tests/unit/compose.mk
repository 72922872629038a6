# SPDX-License-Identifier: BSD-2-Clause
UNIT_TESTS += compose_cases compose_graph
UNIT_TESTS += compose_load compose_scale compose_text compose_yaml
UNIT_TESTS += compose_needs
