/* SPDX-License-Identifier: BSD-2-Clause */
/* Private to the canonical module: one text of a list, as the map it means. */
#ifndef COMPOSE_SHORT_FORM_H
#define COMPOSE_SHORT_FORM_H

struct err;
struct yaml_node;
struct yaml_tree;

/* NULL: err->text says what is wrong, without the place. */
typedef struct yaml_node *short_form_fn(struct yaml_tree *tree,
    const struct yaml_node *item, struct err *err);

short_form_fn short_form_volume;
short_form_fn short_form_port;
short_form_fn short_form_env_file;
short_form_fn short_form_grant;
short_form_fn short_form_device;

#endif
