# SPDX-License-Identifier: BSD-2-Clause
#
# Drydock: one Makefile, not recursive.  Each folder names its sources in a
# fragment called build.mk:
#
#   tools/lib/<layer>/build.mk   LIB_SRCS += tools/lib/<layer>/<module>.c
#   tools/<tool>/build.mk        TOOLS += <tool>; <tool>_SRCS := main.c and the
#                                rest with their paths; optional <tool>_LIBS
#   tests/unit/build.mk          UNIT_TESTS += <name>, for tests/unit/test_<name>.c;
#                                optional <name>_SRCS
#   tests/fuzz/build.mk          FUZZ_TARGETS += <name>, for tests/fuzz/fuzz_<name>.c;
#                                optional fuzz_<name>_SRCS
#   tests/<kind>/build.mk        CLI_TESTS, CHECK_TESTS, ... += script
#
# Everything made is below build/.  "make help" lists the targets.

MAKEFLAGS += --no-builtin-rules --no-builtin-variables
# All cores, unless told otherwise: a -j on the command line wins over this.
ifeq ($(filter -j%,$(MAKEFLAGS)),)
MAKEFLAGS += -j$(shell nproc)
endif
.DELETE_ON_ERROR:
.SECONDARY:
SHELL := /bin/sh

.PHONY: all tools third-party check-asan test test-programs fuzz-smoke lint \
	demo bench soak dist-sources install clean distclean help

# ---------------------------------------------------------------- settings

NATIVE := $(shell uname -m)
ARCH ?= $(NATIVE)
CROSS := $(if $(filter-out $(NATIVE),$(ARCH)),$(ARCH)-linux-gnu-)
PREFIX ?= /usr/local
CACHE ?= build/cache
OFFLINE ?=
MIRROR ?=
export CACHE OFFLINE MIRROR

# The same sources give the same bytes, whenever and wherever they are built.
SOURCE_DATE_EPOCH ?= 1767225600
export SOURCE_DATE_EPOCH
export LC_ALL := C
export TZ := UTC

V ?=
Q := $(if $(V),,@)
say = $(if $(V),,@printf '  %-8s %s\n' $1 $2)

# CFLAGS, CPPFLAGS and LDFLAGS are the user's; what the project needs is in
# BASE_*.
CFLAGS ?=
CPPFLAGS ?=
LDFLAGS ?=
ifeq ($(CI),true)
WERROR ?= 1
endif

WARNINGS := -Wall -Wextra -Wpedantic -Wshadow -Wconversion \
	-Wstrict-prototypes -Wmissing-prototypes -Wvla -Wundef -Wformat=2 \
	-Wwrite-strings -Wcast-qual $(if $(filter 1,$(WERROR)),-Werror)
BASE_CFLAGS := -std=c11 -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -pthread \
	-O2 -g $(WARNINGS) -Itools/lib \
	-ffunction-sections -fdata-sections \
	-fstack-protector-strong -fstack-clash-protection \
	-ffile-prefix-map=$(CURDIR)=.
# musl gives a thread 128 KiB of stack unless the program asks for more.
BASE_LDFLAGS := -Wl,--gc-sections -Wl,--build-id=none -Wl,-z,relro,-z,now \
	-Wl,-z,noexecstack -Wl,-z,stack-size=1048576
LDLIBS := -lsqlite3 -larchive -lzstd -llzma -lbz2 -lz -lbearssl -ljansson -lyaml

# ---------------------------------------------------------------- fragments

LIB_SRCS :=
TOOLS :=
UNIT_TESTS :=
FUZZ_TARGETS :=
MAN5 :=
LINT_TESTS :=
CLI_TESTS :=
CHECK_TESTS :=
INTEROP_TESTS :=
FAULT_TESTS :=
DOCKER_TESTS :=
IMAGE_TESTS :=
NET_TESTS :=

LAYERS := base io codec archive manifest medium catalog docker compose check \
	net cli
-include $(LAYERS:%=tools/lib/%/build.mk)
-include tools/snapshot/build.mk tools/verify/build.mk
-include tools/restore-volume/build.mk tools/probe/build.mk
-include tools/startup-order/build.mk
-include tests/unit/build.mk tests/fuzz/build.mk tests/lint/build.mk
-include $(LAYERS:%=tests/unit/%.mk) $(LAYERS:%=tests/fuzz/%.mk)
-include tests/cli/build.mk tests/interop/build.mk tests/fault/build.mk
-include tests/docker/build.mk tests/image/build.mk tests/net/build.mk tests/check/build.mk

# ---------------------------------------------------------------- host packages

# One stamp per set of packages, renewed when the lists change.
build/host/%: ci/packages
	$(Q)ci/packages $*
	@mkdir -p $(@D)
	@touch $@

# ---------------------------------------------------------------- third party

TP := build/third-party
TP_MUSL := $(TP)/musl-$(ARCH)
TP_GLIBC := $(TP)/glibc
# The longest first: libarchive's configure is serial and everything else fits
# beside it.
TP_LIBS := libarchive sqlite3 xz-utils libzstd bearssl zlib bzip2 jansson \
	libyaml
TP_KEYS := $(shell tools/third-party/keys musl busybox $(TP_LIBS))
# $1: prefix, $2: library
tp_stamp = $1/stamp/$(filter $2@%,$(TP_KEYS))

# $1: prefix, $2: library, $3: libc, $4: what it needs first
define tp_rule
$$(call tp_stamp,$1,$2): $4 | build/host/build
	$$(call say,THIRD,"$2 ($3)")
	+$$(Q)tools/third-party/once $$@ '$4' $2 $3 $$(ARCH) $$(CURDIR)/$1 \
		$$(CURDIR)/$(TP)/work/$$(notdir $1)
endef
TP_MUSL_LIBC := $(call tp_stamp,$(TP_MUSL),musl)
TP_MUSL_STAMPS := $(TP_MUSL_LIBC) \
	$(foreach lib,$(TP_LIBS),$(call tp_stamp,$(TP_MUSL),$(lib)))
TP_GLIBC_STAMPS := $(foreach lib,$(TP_LIBS),$(call tp_stamp,$(TP_GLIBC),$(lib)))
$(eval $(call tp_rule,$(TP_MUSL),musl,musl,))
$(foreach lib,$(TP_LIBS) busybox,\
	$(eval $(call tp_rule,$(TP_MUSL),$(lib),musl,$(TP_MUSL_LIBC))))
$(foreach lib,$(TP_LIBS),$(eval $(call tp_rule,$(TP_GLIBC),$(lib),glibc,)))

BUSYBOX := $(TP_MUSL)/bin/busybox
BUSYBOX_STAMP := $(call tp_stamp,$(TP_MUSL),busybox)
third-party: $(TP_MUSL_STAMPS) $(BUSYBOX_STAMP)

# ---------------------------------------------------------------- configurations

# Three builds of the same sources:
#   musl   what ships: static-pie, hardened
#   asan   glibc with the sanitizers, for tests
#   fuzz   clang with libFuzzer
MUSL := $(if $(CROSS),musl-$(ARCH),musl)
HARDEN := -ftrivial-auto-var-init=zero
SANITIZE := -fsanitize=address,undefined -fno-sanitize-recover=all \
	-fno-omit-frame-pointer

$(MUSL)_CC := $(TP_MUSL)/bin/musl-cc
$(MUSL)_TP := $(TP_MUSL)
$(MUSL)_STAMPS := $(TP_MUSL_STAMPS)
$(MUSL)_CFLAGS := -fPIE $(HARDEN)
$(MUSL)_LDFLAGS := -static-pie
$(MUSL)_START := build/$(MUSL)/obj/tools/lib/base/selfrelro.o

asan_CC := gcc
asan_TP := $(TP_GLIBC)
asan_STAMPS := $(TP_GLIBC_STAMPS)
asan_CFLAGS := $(HARDEN) $(SANITIZE)
asan_LDFLAGS := $(SANITIZE)
asan_START :=

fuzz_CC := clang
fuzz_TP := $(TP_GLIBC)
fuzz_STAMPS := $(TP_GLIBC_STAMPS)
# clang warns of other things than gcc, whose warnings are the rule.
fuzz_CFLAGS := -fsanitize=fuzzer-no-link $(SANITIZE) -Wno-error
fuzz_LDFLAGS := -fsanitize=fuzzer $(SANITIZE)
fuzz_START :=

# $1: configuration
flags = $($1_CC) $(BASE_CFLAGS) $($1_CFLAGS) $(CPPFLAGS) $(CFLAGS) / \
	$($1_LDFLAGS) $(BASE_LDFLAGS) $(LDFLAGS) $(LDLIBS)
link = $($1_CC) $($1_LDFLAGS) $(BASE_LDFLAGS) $(LDFLAGS) -pthread -o $2 $3 \
	-L$($1_TP)/lib $4 $(LDLIBS)
objects = $(patsubst %.c,build/$1/obj/%.o,$2)

# Flags and lists of sources are inputs like any other: when they change, what
# was made with them is out of date.  A file says what they were last time.
# $1: file, $2: contents
define remember
ifneq ($$(strip $$(file <$1)),$$(strip $2))
$$(shell mkdir -p $$(dir $1))
$$(file >$1,$$(strip $2))
endif
endef
SOURCES := $(LIB_SRCS) $(foreach tool,$(TOOLS),/ $(tool) $($(tool)_SRCS))

# $1: configuration
define config_rules
$(call remember,build/$1/flags,$$(call flags,$1))
$(call remember,build/$1/sources,$$(SOURCES))

build/$1/obj/%.o: %.c build/$1/flags $$($1_STAMPS) | build/host/build
	$$(call say,$1,$$<)
	@mkdir -p $$(@D)
	$$(Q)$$($1_CC) $$(BASE_CFLAGS) $$($1_CFLAGS) -isystem $$($1_TP)/include \
		$$(CPPFLAGS) $$(CFLAGS) -MMD -MP -c -o $$@ $$<

# Made anew each time: "ar r" would keep members whose source is gone.
build/$1/libdrydock.a: $$(call objects,$1,$$(LIB_SRCS)) build/$1/sources
	@rm -f $$@
	@mkdir -p $$(@D)
	$$(Q)$$(CROSS)ar rcs $$@ $$(filter %.o,$$^)

build/$1/obj/%.debug: build/$1/libdrydock.a $$($1_START)
	$$(call say,LINK,$$@)
	$$(Q)$$(call link,$1,$$@,$$(filter %.o,$$^) build/$1/libdrydock.a,$$($$*_LIBS))

build/$1/bin/%: build/$1/obj/%.debug
	@mkdir -p $$(@D)
	$$(Q)$$(CROSS)strip -o $$@ $$<

build/$1/test/%: build/$1/libdrydock.a
	$$(call say,LINK,$$@)
	@mkdir -p $$(@D)
	$$(Q)$$(call link,$1,$$@,$$(filter %.o,$$^) build/$1/libdrydock.a)
endef
$(foreach config,$(MUSL) asan fuzz,$(eval $(call config_rules,$(config))))

# $1: configuration, $2: tool
define tool_rule
build/$1/obj/$2.debug: $$(call objects,$1,$$($2_SRCS))
endef
# $1: configuration, $2: unit test
define unit_rule
build/$1/test/test_$2: $$(call objects,$1,tests/unit/test_$2.c $$($2_SRCS))
endef
$(foreach config,$(MUSL) asan,\
	$(foreach tool,$(TOOLS),$(eval $(call tool_rule,$(config),$(tool))))\
	$(foreach name,$(UNIT_TESTS),$(eval $(call unit_rule,$(config),$(name)))))

# $1: fuzz target.  Under the sanitizers a plain main() replays the corpus.
define fuzz_rules
build/asan/test/fuzz_$1: $$(call objects,asan,tests/fuzz/fuzz_$1.c tests/fuzz/replay.c $$(fuzz_$1_SRCS))
build/fuzz/test/fuzz_$1: $$(call objects,fuzz,tests/fuzz/fuzz_$1.c $$(fuzz_$1_SRCS))
endef
$(foreach name,$(FUZZ_TARGETS),$(eval $(call fuzz_rules,$(name))))

# A file that looks like a test includes the harness beside it; nothing else
# needs an include path.
-include $(patsubst %.o,%.d,$(foreach config,$(MUSL) asan fuzz,\
	$(call objects,$(config),$(LIB_SRCS) tools/lib/base/selfrelro.c \
	$(foreach tool,$(TOOLS),$($(tool)_SRCS)) \
	$(foreach name,$(UNIT_TESTS),tests/unit/test_$(name).c $($(name)_SRCS)) \
	$(FUZZ_TARGETS:%=tests/fuzz/fuzz_%.c) tests/fuzz/replay.c)))

# ---------------------------------------------------------------- targets

TOOL_BINARIES := $(TOOLS:%=build/$(MUSL)/bin/%)
UNIT_ASAN := $(UNIT_TESTS:%=build/asan/test/test_%)
UNIT_MUSL := $(UNIT_TESTS:%=build/$(MUSL)/test/test_%)
FUZZ_REPLAY := $(FUZZ_TARGETS:%=build/asan/test/fuzz_%)
TEST_PROGRAMS := $(UNIT_ASAN) $(UNIT_MUSL) $(FUZZ_REPLAY)

.DEFAULT_GOAL := all
all: third-party tools
tools: build/$(MUSL)/libdrydock.a $(TOOL_BINARIES)

-include image/build.mk

# What tests/run gets: <kind>:<program>[:<argument>].
BIN := build/$(MUSL)/bin
MUSL_CC := $(TP_MUSL)/bin/musl-cc
export BIN MUSL_CC
UNIT_RUNS := $(UNIT_ASAN:%=unit-asan:%) $(UNIT_MUSL:%=unit-musl:%) \
	$(foreach name,$(FUZZ_TARGETS),fuzz:build/asan/test/fuzz_$(name):tests/data/fuzz/$(name))
LINT_RUNS := $(LINT_TESTS:%=lint:%)
SHIP_RUNS := $(CLI_TESTS:%=cli:%) $(INTEROP_TESTS:%=interop:%) \
	$(CHECK_TESTS:%=check:%) \
	$(IMAGE_TESTS:%=image:%) $(FAULT_TESTS:%=fault:%) \
	$(DOCKER_TESTS:%=docker:%) $(NET_TESTS:%=net:%)

test-programs: $(TEST_PROGRAMS)

# ONLY=<text> picks the runs that contain it: make test ONLY=cli:
test: build/host/test all $(if $(IMAGE_TESTS),image) $(TEST_PROGRAMS)
	@tests/run $(if $(ONLY),--only '$(ONLY)') $(LINT_RUNS) $(UNIT_RUNS) $(SHIP_RUNS)

check-asan: $(UNIT_ASAN) $(FUZZ_REPLAY)
	@tests/run $(UNIT_ASAN:%=unit-asan:%) $(filter fuzz:%,$(UNIT_RUNS))

lint: $(TP_MUSL_STAMPS)
	@tests/run $(LINT_RUNS)

# The sweeps in full; the scripts read DRYDOCK_SOAK.
soak: build/host/test all $(if $(IMAGE_TESTS),image)
	@DRYDOCK_SOAK=1 tests/run --limit 14400 $(SOAK_TESTS:%=soak:%) \
		$(FAULT_TESTS:%=fault:%)

FUZZ_SECONDS ?= 60
fuzz-smoke: build/host/test $(FUZZ_TARGETS:%=build/fuzz/smoke/%)
build/fuzz/smoke/%: build/fuzz/test/fuzz_% FORCE
	@mkdir -p $@.found $@.corpus
	$(call say,FUZZ,"$* for $(FUZZ_SECONDS) s")
	$(Q)build/fuzz/test/fuzz_$* -max_total_time=$(FUZZ_SECONDS) \
		-rss_limit_mb=256 -print_final_stats=1 \
		-artifact_prefix=$@.found/ $@.corpus $(wildcard tests/data/fuzz/$*) \
		>$@.log 2>&1 || { tail -n 40 $@.log; exit 1; }
	@sed -n 's/^stat::number_of_executed_units:/  $*: inputs tried:/p' $@.log
.PHONY: FORCE
FORCE:

demo: build/host/demo all image
	@tests/demo/demo.sh

bench: build/host/bench all
	@tests/bench/run.sh

# One file, the same bytes each time, from which everything builds with no
# network:  tar -xf drydock-sources.tar; make OFFLINE=1 CACHE=<there>/cache
dist-sources: build/host/build
	@tools/third-party/fetch
	@tools/third-party/dist build/drydock-sources.tar

MAN1 := $(foreach tool,$(TOOLS),tools/$(tool)/$(tool).1)
install: tools
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/share/man/man1 \
		$(DESTDIR)$(PREFIX)/share/man/man5
	install -m 755 $(TOOL_BINARIES) $(DESTDIR)$(PREFIX)/bin
	install -m 644 $(MAN1) $(DESTDIR)$(PREFIX)/share/man/man1
	$(if $(MAN5),install -m 644 $(MAN5) $(DESTDIR)$(PREFIX)/share/man/man5)

# clean keeps what took minutes or a network; distclean does not.
clean:
	rm -rf build/musl build/musl-* build/asan build/fuzz build/test build/image
distclean:
	rm -rf build

help:
	@sed -n 's/^#: //p' Makefile
#: all           the tools, their libraries and the rescue shell (default)
#: tools         only build/musl/bin/<tool>
#: image         the scratch image, loadable by docker, podman and skopeo
#: test          all tests; the last line is the summary.  ONLY=<text> picks
#: check-asan    unit tests and replayed fuzz inputs under ASan and UBSan
#: fuzz-smoke    each fuzz target for FUZZ_SECONDS (60)
#: lint          the house rules
#: demo          a volume lost and brought back, on this machine
#: bench         our figures beside those of what one would use instead
#: soak          every fault at every place; hours
#: dist-sources  build/drydock-sources.tar: build anywhere with OFFLINE=1
#: install       to DESTDIR and PREFIX (/usr/local)
#: clean         remove what is built from our sources
#: distclean     remove build/, with the libraries and fetched sources
#:
#: Variables: ARCH=aarch64 (needs a cross compiler), CFLAGS, LDFLAGS, WERROR=1,
#: V=1, MIRROR=<a Debian mirror>, CACHE=<directory>, OFFLINE=1
