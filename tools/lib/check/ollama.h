/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The models of Ollama: every blob is named by the SHA-256 of its content, and
 * manifests name the blobs of a model.
 */
#ifndef CHECK_OLLAMA_H
#define CHECK_OLLAMA_H

#include "check/content.h"

extern const struct set_checker check_ollama;

#endif
