/* SPDX-License-Identifier: BSD-2-Clause */
/* Whether a live engine has an image, a network or a volume of some name. */
#ifndef STARTUP_ORDER_ASK_H
#define STARTUP_ORDER_ASK_H

#include "compose/needs.h"

struct engine;

/* Longer than this, and the answer is "unknown". */
#define ASK_LIMIT_MS 10000

/*
 * NEED_UNKNOWN for every answer but yes and no; name may be hostile.
 */
enum need_state ask_image(struct engine *engine, const char *reference);
enum need_state ask_network(struct engine *engine, const char *name);
enum need_state ask_volume(struct engine *engine, const char *name);

#endif
