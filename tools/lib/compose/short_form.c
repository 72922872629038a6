/* SPDX-License-Identifier: BSD-2-Clause */
#include "compose/short_form.h"

#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/escape.h"
#include "compose/canonical.h"
#include "compose/yaml.h"

static void
put_part(struct yaml_tree *tree, struct yaml_node *map, const char *key,
    const char *text, size_t len)
{
	yaml_put(tree, map, key, yaml_text(tree, yaml_keep(tree, text, len)));
}

/* ---- volumes: [source:]target[:options] */

#define VOLUME_PARTS 3

struct volume_parts {
	const char *at[VOLUME_PARTS];
	size_t len[VOLUME_PARTS];
	size_t count;
};

static bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/*
 * A letter and a colon at the start of a part are a drive, also where somebody
 * meant a volume called "a": Compose reads it so.
 */
static const char *
split_volume(const char *spec, struct volume_parts *parts)
{
	const char *start = spec;
	const char *c;

	parts->count = 0;
	if (strlen(spec) <= 2) {
		parts->at[0] = spec;
		parts->len[parts->count++] = strlen(spec);
		return NULL;
	}
	for (c = spec;; c++) {
		if (*c == ':' && c == start + 1 && is_letter(*start))
			continue;
		if (*c != ':' && *c != '\0')
			continue;
		if (c == start)
			return "empty section between colons";
		if (parts->count == VOLUME_PARTS)
			return "too many colons";
		parts->at[parts->count] = start;
		parts->len[parts->count++] = (size_t)(c - start);
		if (*c == '\0')
			return NULL;
		start = c + 1;
	}
}

static bool
is_host_path(const char *source)
{
	return strchr("./~", source[0]) != NULL ||
	    strncmp(source, "\\\\", 2) == 0 ||
	    (is_letter(source[0]) && source[1] == ':');
}

static void
put_volume_options(struct yaml_tree *tree, struct yaml_node *volume,
    const char *options, size_t len)
{
	const char *end = options + len;
	const char *comma;
	size_t word;

	for (; options < end; options += word + 1) {
		comma = memchr(options, ',', (size_t)(end - options));
		word = (size_t)((comma == NULL ? end : comma) - options);
		if (word == 2 && memcmp(options, "ro", 2) == 0)
			yaml_put(tree, volume, "read_only",
			    yaml_bool(tree, true));
	}
}

/* "/x/" and "/x" are one target. */
static void
put_target(struct yaml_tree *tree, struct yaml_node *volume,
    const char *target, size_t len)
{
	const struct canonical_paths none = { "/", NULL };
	struct buf path = BUF_EMPTY;

	target = yaml_keep(tree, target, len);
	if (*target == '/') {
		canonical_path(&none, target, &path);
		target = buf_text(&path);
	}
	yaml_put(tree, volume, "target", yaml_text(tree, target));
	buf_release(&path);
}

struct yaml_node *
short_form_volume(struct yaml_tree *tree, const struct yaml_node *item,
    struct err *err)
{
	const char *spec = yaml_scalar(item);
	struct yaml_node *volume = yaml_map(tree);
	struct yaml_node *bind;
	struct volume_parts parts;
	const char *fault;
	char shown[ESCAPE_NAME_MAX];
	bool is_bind;

	fault = *spec == '\0' ? "invalid empty volume spec" :
	    split_volume(spec, &parts);
	if (fault != NULL) {
		err_set(err, ERR_DAMAGED, 0, "invalid spec: %s: %s",
		    escape_name(spec, shown), fault);
		return NULL;
	}
	is_bind = parts.count > 1 && is_host_path(parts.at[0]);
	yaml_put(tree, volume, "type", yaml_text(tree, is_bind ? "bind" :
	    "volume"));
	if (parts.count > 1)
		put_part(tree, volume, "source", parts.at[0], parts.len[0]);
	put_target(tree, volume, parts.at[parts.count > 1],
	    parts.len[parts.count > 1]);
	if (parts.count > 2)
		put_volume_options(tree, volume, parts.at[2], parts.len[2]);
	if (is_bind) {
		bind = yaml_map(tree);
		yaml_put(tree, bind, "create_host_path", yaml_bool(tree, true));
		yaml_put(tree, volume, "bind", bind);
	}
	return volume;
}

/* ---- ports: [[ip:]published:]target[/protocol] */

static const char *
last_colon(const char *text, size_t len)
{
	while (len > 0 && text[len - 1] != ':' && text[len - 1] != ']')
		len--;
	return len > 0 && text[len - 1] == ':' ? text + len - 1 : NULL;
}

/* [::1] or 127.0.0.1, without the brackets. */
static void
put_host_ip(struct yaml_tree *tree, struct yaml_node *port, const char *ip,
    size_t len)
{
	if (len >= 2 && ip[0] == '[' && ip[len - 1] == ']') {
		ip++;
		len -= 2;
	}
	if (len > 0)
		put_part(tree, port, "host_ip", ip, len);
}

struct yaml_node *
short_form_port(struct yaml_tree *tree, const struct yaml_node *item,
    struct err *err)
{
	const char *spec = yaml_scalar(item);
	const char *slash = strrchr(spec, '/');
	size_t len = slash == NULL ? strlen(spec) : (size_t)(slash - spec);
	struct yaml_node *port = yaml_map(tree);
	const char *colon = last_colon(spec, len);
	const char *target = colon == NULL ? spec : colon + 1;
	char shown[ESCAPE_NAME_MAX];

	if ((size_t)(target - spec) == len) {
		err_set(err, ERR_DAMAGED, 0, "no port specified: %s",
		    escape_name(spec, shown));
		return NULL;
	}
	put_part(tree, port, "target", target, len - (size_t)(target - spec));
	yaml_put(tree, port, "protocol", yaml_text(tree, slash == NULL ?
	    "tcp" : slash + 1));
	if (colon == NULL)
		return port;
	len = (size_t)(colon - spec);
	colon = last_colon(spec, len);
	target = colon == NULL ? spec : colon + 1;
	if (len > (size_t)(target - spec))
		put_part(tree, port, "published", target,
		    len - (size_t)(target - spec));
	if (colon != NULL)
		put_host_ip(tree, port, spec, (size_t)(colon - spec));
	return port;
}

/* ---- the rest */

struct yaml_node *
short_form_env_file(struct yaml_tree *tree, const struct yaml_node *item,
    struct err *err)
{
	struct yaml_node *map = yaml_map(tree);

	(void)err;
	yaml_put(tree, map, "path", yaml_text(tree, yaml_scalar(item)));
	yaml_put(tree, map, "required", yaml_bool(tree, true));
	return map;
}

struct yaml_node *
short_form_grant(struct yaml_tree *tree, const struct yaml_node *item,
    struct err *err)
{
	struct yaml_node *map = yaml_map(tree);

	(void)err;
	yaml_put(tree, map, "source", yaml_text(tree, yaml_scalar(item)));
	return map;
}

/* /dev/host[:/dev/inside[:rwm]] */
struct yaml_node *
short_form_device(struct yaml_tree *tree, const struct yaml_node *item,
    struct err *err)
{
	const char *spec = yaml_scalar(item);
	size_t source = strcspn(spec, ":");
	const char *rest = spec + source + (spec[source] == ':');
	size_t target = strcspn(rest, ":");
	struct yaml_node *map = yaml_map(tree);

	(void)err;
	put_part(tree, map, "source", spec, source);
	if (target > 0)
		put_part(tree, map, "target", rest, target);
	else
		put_part(tree, map, "target", spec, source);
	if (rest[target] == ':')
		yaml_put(tree, map, "permissions",
		    yaml_text(tree, rest + target + 1));
	return map;
}
