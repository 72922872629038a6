/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * GGUF, the model files of llama.cpp and Ollama: "GGUF", version, counts,
 * settings, descriptions of tensors, then the tensors.  There is no checksum;
 * what can be seen is whether the file is long enough for every tensor.
 */
#ifndef CHECK_GGUF_H
#define CHECK_GGUF_H

#include <stdbool.h>
#include <stdint.h>

#include "check/content.h"

struct err;
struct scan;

#define GGUF_DIMS_MAX 8

struct gguf_facts {
	unsigned version;
	uint64_t settings;
	uint64_t tensors;
	uint64_t end;		/* the file must be at least so long */
	uint64_t unsized;	/* tensors of a kind whose size is not known */
};

/*
 * s stands at the magic; reads up to the tensors.  ERR_DAMAGED for what is
 * malformed or cut, ERR_LIMIT for versions not known here.
 */
int gguf_read(struct scan *s, struct gguf_facts *facts, struct err *err);

extern const struct file_checker check_gguf;

#endif
