# SPDX-License-Identifier: BSD-2-Clause
# jansson: strict JSON with positions.  Its tarball has only a CMake build, and
# a dozen files do not need one: the two answers its configuration asks for are
# given here.
sed -e 's/@json_inline@/inline/' -e 's/@json_have_long_long@/1/' \
	-e 's/@json_have_atomic_builtins@/1/' \
	-e 's/@json_have_sync_builtins@/1/' \
	src/jansson_config.h.in >src/jansson_config.h
static_library libjansson.a -Isrc -DHAVE_STDINT_H=1 -DHAVE_UNISTD_H=1 \
	-DHAVE_FCNTL_H=1 -DHAVE_SCHED_H=1 -DHAVE_SYS_STAT_H=1 \
	-DHAVE_SYS_TIME_H=1 -DHAVE_SYS_TYPES_H=1 -DHAVE_OPEN=1 -DHAVE_CLOSE=1 \
	-DHAVE_READ=1 -DHAVE_GETPID=1 -DHAVE_GETTIMEOFDAY=1 \
	-DHAVE_SCHED_YIELD=1 -DHAVE_ATOMIC_BUILTINS=1 -DUSE_URANDOM=1 -- \
	src/dtoa.c src/dump.c src/error.c src/hashtable.c src/hashtable_seed.c \
	src/load.c src/memory.c src/pack_unpack.c src/strbuffer.c \
	src/strconv.c src/utf.c src/value.c src/version.c
install -m 644 src/jansson.h src/jansson_config.h "$PREFIX/include/"
