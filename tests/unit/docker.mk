# SPDX-License-Identifier: BSD-2-Clause
UNIT_TESTS += docker_bolt docker_container docker_engine \
	docker_engine_container docker_http docker_mounts docker_proc \
	docker_root docker_volume
