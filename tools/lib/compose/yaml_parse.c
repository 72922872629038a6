/* SPDX-License-Identifier: BSD-2-Clause */
/* From libyaml's events to our tree. */
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/escape.h"
#include "base/mem.h"
#include "compose/yaml_tree.h"

struct anchor {
	char *path;			/* where it is, for cycles */
	struct yaml_node *node;
	bool is_open;			/* still being read: an alias to it is
					 * a cycle */
};

struct composer {
	yaml_parser_t parser;
	struct yaml_tree *tree;
	struct anchor *anchors;
	size_t anchor_count;
	size_t anchor_room;
	struct yaml_node *names;	/* of anchors; line is the index */
	struct buf path;		/* services.web.ports[0] */
	unsigned depth;
	uint64_t copied;		/* nodes, for aliases */
	struct err *err;
};

static int compose_node(struct composer *c, const yaml_event_t *event,
    struct yaml_node **made);

static int
yaml_error(struct composer *c, size_t line, const char *what)
{
	return err_set(c->err, ERR_DAMAGED, 0, "yaml: line %zu: %s", line,
	    what);
}

static size_t
event_line(const yaml_event_t *event)
{
	return event->start_mark.line + 1;
}

static int
next_event(struct composer *c, yaml_event_t *event)
{
	const yaml_parser_t *p = &c->parser;
	size_t line;

	if (yaml_parser_parse(&c->parser, event))
		return 0;
	if (p->error == YAML_MEMORY_ERROR)
		return err_set(c->err, ERR_LIMIT, 0, "yaml: out of memory");
	line = p->error == YAML_READER_ERROR ? p->mark.line :
	    p->problem_mark.line;
	return yaml_error(c, line + 1,
	    p->problem == NULL ? "unknown error" : p->problem);
}

/* ---- anchors and aliases */

static void
forget_anchors(struct composer *c)
{
	size_t i;

	for (i = 0; i < c->anchor_count; i++)
		free(c->anchors[i].path);
	c->anchor_count = 0;
	c->names = yaml_map(c->tree);
}

/* Index of the new anchor, or SIZE_MAX when the event has none. */
static size_t
open_anchor(struct composer *c, const yaml_char_t *name,
    struct yaml_node *node)
{
	struct anchor *anchor;

	if (name == NULL)
		return SIZE_MAX;
	if (c->anchor_count == c->anchor_room) {
		c->anchor_room = c->anchor_room * 2 + 8;
		c->anchors = mem_resize(c->anchors, c->anchor_room,
		    sizeof(*c->anchors));
	}
	anchor = &c->anchors[c->anchor_count];
	yaml_put(c->tree, c->names, yaml_keep(c->tree, (const char *)name,
	    strlen((const char *)name)), yaml_tree_node(c->tree, YAML_INT,
	    (uint32_t)c->anchor_count));
	anchor->path = mem_text(buf_text(&c->path));
	anchor->node = node;
	anchor->is_open = node->kind >= YAML_LIST;
	return c->anchor_count++;
}

static void
close_anchor(struct composer *c, size_t at)
{
	if (at != SIZE_MAX)
		c->anchors[at].is_open = false;
}

/* Compose walks once round the cycle before it notices. */
static int
cycle_error(struct composer *c, const struct anchor *anchor)
{
	const char *here = buf_text(&c->path);
	const char *round = here + strlen(anchor->path);
	struct buf inner = BUF_EMPTY;
	struct buf outer = BUF_EMPTY;

	escape_text(&outer, here, strlen(here));
	escape_text(&inner, here, strlen(here));
	escape_text(&inner, round, strlen(round));
	err_set(c->err, ERR_DAMAGED, 0,
	    "cycle detected: node at path %s references node at path %s",
	    buf_text(&inner), buf_text(&outer));
	buf_release(&inner);
	buf_release(&outer);
	return -1;
}

static uint64_t
weight(const struct yaml_node *node, uint64_t limit)
{
	uint64_t sum = 1;
	uint32_t i;

	for (i = 0; i < node->count && sum <= limit; i++)
		sum += weight(node->items[i].value, limit - sum);
	return sum;
}

static int
compose_alias(struct composer *c, const yaml_event_t *event,
    struct yaml_node **node)
{
	const char *name = (const char *)event->data.alias.anchor;
	char shown[ESCAPE_NAME_MAX];
	const struct yaml_node *known = yaml_get(c->names, name);
	const struct anchor *anchor;

	if (known == NULL)
		return err_set(c->err, ERR_DAMAGED, 0,
		    "yaml: line %zu: unknown anchor '%s' referenced",
		    event_line(event), escape_name(name, shown));
	anchor = &c->anchors[known->line];
	if (anchor->is_open)
		return cycle_error(c, anchor);
	c->copied += weight(anchor->node, YAML_ALIAS_NODES_MAX);
	if (c->copied > YAML_ALIAS_NODES_MAX)
		return err_set(c->err, ERR_LIMIT, 0,
		    "yaml: line %zu: document contains excessive aliasing",
		    event_line(event));
	*node = yaml_copy(c->tree, anchor->node);
	return 0;
}

/* ---- nodes */

static enum yaml_mark
mark_of(const yaml_char_t *tag)
{
	if (tag == NULL)
		return YAML_PLAIN;
	if (strcmp((const char *)tag, "!reset") == 0)
		return YAML_RESET;
	if (strcmp((const char *)tag, "!override") == 0)
		return YAML_OVERRIDE;
	return YAML_PLAIN;
}

/* Without a tag a plain scalar says what it is; "!!int" and its like ask. */
static bool
has_type_to_resolve(const yaml_event_t *event)
{
	const char *tag = (const char *)event->data.scalar.tag;

	if (tag == NULL || tag[0] == '\0')
		return event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
	if (strcmp(tag, "!reset") == 0 || strcmp(tag, "!override") == 0)
		return event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
	return strcmp(tag, YAML_INT_TAG) == 0 ||
	    strcmp(tag, YAML_FLOAT_TAG) == 0 ||
	    strcmp(tag, YAML_BOOL_TAG) == 0 || strcmp(tag, YAML_NULL_TAG) == 0;
}

static int
compose_scalar(struct composer *c, const yaml_event_t *event,
    struct yaml_node **made)
{
	const char *value = (const char *)event->data.scalar.value;
	size_t len = event->data.scalar.length;
	char room[YAML_NUMBER_TEXT];
	enum yaml_kind kind = YAML_TEXT;
	struct yaml_node *node;

	if (strlen(value) != len)
		return yaml_error(c, event_line(event),
		    "text holds a NUL character");
	if (has_type_to_resolve(event)) {
		kind = yaml_resolve(value, room, &value);
		len = strlen(value);
	}
	node = yaml_tree_node(c->tree, kind, (uint32_t)event_line(event));
	node->mark = (uint8_t)mark_of(event->data.scalar.tag);
	node->text = yaml_keep(c->tree, value, len);
	(void)open_anchor(c, event->data.scalar.anchor, node);
	*made = node;
	return 0;
}

/* One level down, or a refusal. */
static int
enter(struct composer *c, const yaml_event_t *event)
{
	if (++c->depth > YAML_DEPTH_MAX)
		return err_set(c->err, ERR_LIMIT, 0,
		    "yaml: line %zu: nested deeper than %d levels",
		    event_line(event), YAML_DEPTH_MAX);
	return 0;
}

static int
compose_list(struct composer *c, const yaml_event_t *start,
    struct yaml_node *list)
{
	size_t anchor = open_anchor(c, start->data.sequence_start.anchor, list);
	size_t path_len = c->path.len;
	struct yaml_node *value;
	yaml_event_t event;
	int ret;

	if (enter(c, start) == -1)
		return -1;
	for (;;) {
		if (next_event(c, &event) == -1)
			return -1;
		if (event.type == YAML_SEQUENCE_END_EVENT)
			break;
		buf_printf(&c->path, "[%u]", (unsigned)list->count);
		ret = compose_node(c, &event, &value);
		yaml_event_delete(&event);
		if (ret == -1)
			return -1;
		buf_cut(&c->path, path_len);
		yaml_add(c->tree, list, value);
	}
	yaml_event_delete(&event);
	close_anchor(c, anchor);
	c->depth--;
	return 0;
}

/* Keys that are there stay: what is explicit or came earlier wins. */
static void
merge_missing(struct composer *c, struct yaml_node *map,
    const struct yaml_node *from)
{
	uint32_t i;

	for (i = 0; i < from->count; i++)
		if (yaml_get(map, from->items[i].key) == NULL)
			yaml_put(c->tree, map, from->items[i].key,
			    from->items[i].value);
}

static int
merge_key(struct composer *c, struct yaml_node *map,
    const struct yaml_node *value, size_t line)
{
	static const char wrong[] =
	    "map merge requires map or sequence of maps as the value";
	uint32_t i;

	if (yaml_is_map(value)) {
		merge_missing(c, map, value);
		return 0;
	}
	if (!yaml_is_list(value))
		return yaml_error(c, line, wrong);
	for (i = 0; i < value->count; i++) {
		if (!yaml_is_map(value->items[i].value))
			return yaml_error(c, line, wrong);
		merge_missing(c, map, value->items[i].value);
	}
	return 0;
}

static int
key_type_error(struct composer *c, const struct yaml_node *key)
{
	const char *path = buf_text(&c->path);
	const char *text = key->kind == YAML_NULL ? "<nil>" : key->text;
	struct buf shown = BUF_EMPTY;

	escape_text(&shown, path, strlen(path));
	err_set(c->err, ERR_DAMAGED, 0, "non-string key %s%s: %s",
	    c->path.len == 0 ? "at top level" : "in ", buf_text(&shown),
	    text);
	buf_release(&shown);
	return -1;
}

/* The text of a key, and whether it is the merge key. */
static int
compose_key(struct composer *c, const yaml_event_t *event, const char **key,
    bool *is_merge)
{
	struct yaml_node *node;

	*is_merge = event->type == YAML_SCALAR_EVENT &&
	    event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE &&
	    strcmp((const char *)event->data.scalar.value, "<<") == 0;
	if (event->type != YAML_SCALAR_EVENT &&
	    event->type != YAML_ALIAS_EVENT)
		return yaml_error(c, event_line(event), "invalid map key");
	if (compose_node(c, event, &node) == -1)
		return -1;
	if (node->kind >= YAML_LIST)
		return yaml_error(c, event_line(event), "invalid map key");
	if (node->kind != YAML_TEXT)
		return key_type_error(c, node);
	*key = node->text;
	return 0;
}

static int
compose_value(struct composer *c, const char *key, bool is_merge,
    struct yaml_node **value)
{
	size_t path_len = c->path.len;
	yaml_event_t event;
	int ret;

	if (next_event(c, &event) == -1)
		return -1;
	if (!is_merge) {
		if (path_len > 0)
			buf_byte(&c->path, '.');
		buf_puts(&c->path, key);
	}
	ret = compose_node(c, &event, value);
	yaml_event_delete(&event);
	buf_cut(&c->path, path_len);
	return ret;
}

static int
duplicate_error(struct composer *c, size_t line, const char *key,
    uint32_t first)
{
	char shown[ESCAPE_NAME_MAX];

	return err_set(c->err, ERR_DAMAGED, 0,
	    "line %zu: mapping key \"%s\" already defined at line %u", line,
	    escape_name(key, shown), (unsigned)first);
}

/* What "<<" gave, kept until the explicit keys are known. */
struct merge {
	struct yaml_node *value;
	uint32_t line;
};

static int
compose_pair(struct composer *c, const yaml_event_t *event,
    struct yaml_node *map, struct merge *merge)
{
	size_t line = event_line(event);
	const struct yaml_item *first;
	struct yaml_node *value;
	const char *key = NULL;
	bool is_merge;

	if (compose_key(c, event, &key, &is_merge) == -1)
		return -1;
	first = yaml_tree_item(map, key);
	if (first != NULL)
		return duplicate_error(c, line, key, first->line);
	if (is_merge && merge->value != NULL)
		return duplicate_error(c, line, key, merge->line);
	if (compose_value(c, key, is_merge, &value) == -1)
		return -1;
	if (is_merge) {
		*merge = (struct merge){ value, (uint32_t)line };
		return 0;
	}
	yaml_put(c->tree, map, key, value);
	map->items[map->count - 1].line = (uint32_t)line;
	return 0;
}

static int
compose_map(struct composer *c, const yaml_event_t *start,
    struct yaml_node *map)
{
	size_t anchor = open_anchor(c, start->data.mapping_start.anchor, map);
	struct merge merge = { NULL, 0 };
	yaml_event_t event;
	int ret;

	if (enter(c, start) == -1)
		return -1;
	for (;;) {
		if (next_event(c, &event) == -1)
			return -1;
		if (event.type == YAML_MAPPING_END_EVENT)
			break;
		ret = compose_pair(c, &event, map, &merge);
		yaml_event_delete(&event);
		if (ret == -1)
			return -1;
	}
	yaml_event_delete(&event);
	if (merge.value != NULL &&
	    merge_key(c, map, merge.value, merge.line) == -1)
		return -1;
	close_anchor(c, anchor);
	c->depth--;
	return 0;
}

static int
compose_node(struct composer *c, const yaml_event_t *event,
    struct yaml_node **node)
{
	uint32_t line = (uint32_t)event_line(event);

	if (yaml_count(c->tree) > YAML_NODES_MAX)
		return err_set(c->err, ERR_LIMIT, 0,
		    "yaml: line %u: more than %d values", (unsigned)line,
		    YAML_NODES_MAX);
	switch (event->type) {
	case YAML_ALIAS_EVENT:
		return compose_alias(c, event, node);
	case YAML_SCALAR_EVENT:
		return compose_scalar(c, event, node);
	case YAML_SEQUENCE_START_EVENT:
		*node = yaml_tree_node(c->tree, YAML_LIST, line);
		(*node)->mark =
		    (uint8_t)mark_of(event->data.sequence_start.tag);
		return compose_list(c, event, *node);
	case YAML_MAPPING_START_EVENT:
		*node = yaml_tree_node(c->tree, YAML_MAP, line);
		(*node)->mark = (uint8_t)mark_of(event->data.mapping_start.tag);
		return compose_map(c, event, *node);
	default:
		return yaml_error(c, line, "unexpected end");
	}
}

/* One document; *is_end once the stream is over. */
static int
compose_document(struct composer *c, struct yaml_node *documents, bool *is_end)
{
	struct yaml_node *root = NULL;
	yaml_event_t event;
	bool is_node;
	int ret;

	if (next_event(c, &event) == -1)
		return -1;
	*is_end = event.type == YAML_STREAM_END_EVENT;
	is_node = event.type == YAML_ALIAS_EVENT ||
	    event.type == YAML_SCALAR_EVENT ||
	    event.type == YAML_SEQUENCE_START_EVENT ||
	    event.type == YAML_MAPPING_START_EVENT;
	ret = is_node ? compose_node(c, &event, &root) : 0;
	if (is_node && ret == 0)
		yaml_add(c->tree, documents, root);
	if (event.type == YAML_DOCUMENT_START_EVENT) {
		forget_anchors(c);
		c->copied = 0;
	}
	yaml_event_delete(&event);
	if (ret == 0 && documents->count > YAML_DOCUMENTS_MAX)
		ret = err_set(c->err, ERR_LIMIT, 0,
		    "yaml: more than %d documents", YAML_DOCUMENTS_MAX);
	return ret;
}

int
yaml_parse(struct yaml_tree *tree, const char *text, size_t len,
    struct yaml_node **documents, struct err *err)
{
	struct composer c = { .tree = tree, .path = BUF_EMPTY,
	    .names = yaml_map(tree), .err = err };
	struct yaml_node *list = yaml_list(tree);
	bool is_end = false;
	int ret = 0;

	if (!yaml_parser_initialize(&c.parser))
		return err_set(err, ERR_LIMIT, 0, "yaml: out of memory");
	yaml_parser_set_input_string(&c.parser, (const yaml_char_t *)text,
	    len);
	while (ret == 0 && !is_end)
		ret = compose_document(&c, list, &is_end);
	forget_anchors(&c);
	free(c.anchors);
	buf_release(&c.path);
	yaml_parser_delete(&c.parser);
	if (ret == 0)
		*documents = list;
	return ret;
}
