/* SPDX-License-Identifier: BSD-2-Clause */
/* Settings of Redis and Valkey; see redis_conf.h. */
#include "check/redis_conf.h"

#include <string.h>
#include <strings.h>

#include "base/err.h"
#include "check/content.h"
#include "check/tree.h"

/* A setting and its value, without blanks and quotes. */
struct setting {
	char key[64];
	char value[16];
};

static const char *
take_word(const char *at, const char *end, char *word, size_t cap)
{
	size_t len = 0;

	while (at < end && (*at == ' ' || *at == '\t'))
		at++;
	for (; at < end && *at != ' ' && *at != '\t' && *at != '\r'; at++)
		if (*at != '"' && *at != '\'' && len + 1 < cap)
			word[len++] = *at;
	word[len] = '\0';
	return at;
}

static void
take_setting(const struct setting *s, struct redis_conf *conf)
{
	bool yes = strcasecmp(s->value, "yes") == 0;

	if (strcasecmp(s->key, "appendonly") == 0)
		conf->appendonly = yes;
	else if (strcasecmp(s->key, "aof-load-truncated") == 0)
		conf->refuses_cut = !yes;
}

void
redis_conf_parse(const char *text, size_t len, struct redis_conf *conf)
{
	const char *end = text + len;

	while (text < end) {
		const char *stop = memchr(text, '\n', (size_t)(end - text));
		const char *line_end = stop != NULL ? stop : end, *at;
		struct setting s;

		at = take_word(text, line_end, s.key, sizeof s.key);
		(void)take_word(at, line_end, s.value, sizeof s.value);
		take_setting(&s, conf);
		text = stop != NULL ? stop + 1 : end;
	}
}

static int
try(struct tree *tree, const char *path, struct redis_conf *conf,
    struct err *err)
{
	struct buf text = BUF_EMPTY;
	int ret = 0;

	if (tree_read_path(tree, path, REDIS_CONF_MAX, &text, err) == 0) {
		redis_conf_parse(buf_text(&text), text.len, conf);
		buf_set(&conf->path, path, strlen(path));
	} else if (err->class == ERR_INTERRUPTED) {
		ret = -1;
	} else {
		err_clear(err);
	}
	buf_release(&text);
	return ret;
}

int
redis_conf_find(struct tree *tree, const char *dir, struct redis_conf *conf,
    struct err *err)
{
	static const char *const beside[] = { "redis.conf", "valkey.conf" };
	static const char *const usual[] = { "redis.conf", "valkey.conf",
	    "conf/redis.conf", "etc/redis/redis.conf", "etc/redis.conf",
	    "etc/valkey/valkey.conf" };
	struct buf path = BUF_EMPTY;
	int ret = 0;
	size_t i;

	for (i = 0; i < 2 && ret == 0 && conf->path.len == 0; i++)
		ret = try(tree, content_path(&path, dir, beside[i]), conf,
		    err);
	for (i = 0; i < sizeof usual / sizeof usual[0] && ret == 0 &&
	    conf->path.len == 0; i++)
		ret = try(tree, usual[i], conf, err);
	buf_release(&path);
	return ret;
}

void
redis_conf_release(struct redis_conf *conf)
{
	buf_release(&conf->path);
}
