# SPDX-License-Identifier: BSD-2-Clause
#
# make image: build/image/drydock-image-<arch>.tar, and beside the tools, where
# snapshot --with-tools looks for it, the same file and the rescue shell.

.PHONY: image

IMAGE := build/image/drydock-image-$(ARCH).tar
IMAGE_MADE := build/image/made
IMAGE_VERSION := $(shell sed -n \
	's/^\#define CLI_VERSION "\(.*\)"$$/\1/p' tools/lib/cli/cli.h)
IMAGE_MAN := $(foreach tool,$(TOOLS),tools/$(tool)/$(tool).1) $(MAN5)
IMAGE_SCRIPTS := image/make-image image/render-man image/collect-licenses
IMAGE_FILES := image/rootfs.list image/rescue.sh image/passwd image/group

image: $(IMAGE) build/$(MUSL)/bin/$(notdir $(IMAGE)) build/$(MUSL)/bin/busybox

# The lock is for two makes at once in one tree.
$(IMAGE): $(TOOL_BINARIES) $(BUSYBOX_STAMP) $(IMAGE_MAN) $(IMAGE_SCRIPTS) \
		$(IMAGE_FILES) image/build.mk Makefile LICENSE \
		tools/lib/cli/cli.h tools/third-party/lock | build/host/build
	$(call say,IMAGE,$@)
	@mkdir -p build/image
	$(Q)exec 9>build/image/lock && flock 9 && rm -rf $(IMAGE_MADE) && \
	image/render-man $(IMAGE_MADE)/man $(IMAGE_MAN) && \
	image/collect-licenses $(IMAGE_MADE)/licenses \
		musl busybox $(sort $(TP_LIBS)) && \
	image/make-image $(ARCH) '$(IMAGE_VERSION)' build/$(MUSL)/bin \
		$(TP_MUSL) $(IMAGE_MADE) build/image

build/$(MUSL)/bin/$(notdir $(IMAGE)): $(IMAGE)
	@mkdir -p $(@D)
	$(Q)cp $< $@
build/$(MUSL)/bin/busybox: $(BUSYBOX_STAMP)
	@mkdir -p $(@D)
	$(Q)cp $(BUSYBOX) $@
