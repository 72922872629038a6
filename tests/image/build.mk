# SPDX-License-Identifier: BSD-2-Clause
IMAGE_TESTS += \
	tests/image/structure.sh \
	tests/image/reproducible.sh \
	tests/image/docker.sh \
	tests/image/podman.sh \
	tests/image/rescue.sh
