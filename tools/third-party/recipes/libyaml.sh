# SPDX-License-Identifier: BSD-2-Clause
# libyaml: Compose files, as a stream of events.  Docker Compose's parser is a
# translation of this one, so both accept and refuse the same text.  Writing
# YAML is not ours to do, but api.c calls the emitter's half.
static_library libyaml.a -Iinclude -DYAML_VERSION_MAJOR=0 \
	-DYAML_VERSION_MINOR=2 -DYAML_VERSION_PATCH=5 \
	-DYAML_VERSION_STRING='"0.2.5"' -- \
	src/api.c src/reader.c src/scanner.c src/parser.c src/loader.c \
	src/writer.c src/emitter.c src/dumper.c
install -m 644 include/yaml.h "$PREFIX/include/"
