# SPDX-License-Identifier: BSD-2-Clause
DOCKER_TESTS += \
	tests/docker/test_engine.sh \
	tests/docker/test_record_killed.sh \
	tests/docker/postgres_lost.sh \
	tests/docker/redis_lost.sh \
	tests/docker/live.sh \
	tests/docker/odd_volumes.sh \
	tests/docker/foreign.sh \
	tests/docker/in_image.sh \
	tests/docker/startup_order.sh \
	tests/docker/probe.sh \
	tests/docker/probe_stack.sh

# The library as commands, for that script: static, because it also runs in
# containers.
build/musl/test/docker_driver: build/musl/obj/tests/docker/docker_driver.o
test test-programs: build/musl/test/docker_driver
-include build/musl/obj/tests/docker/docker_driver.d
