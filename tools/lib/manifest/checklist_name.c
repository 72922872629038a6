/* SPDX-License-Identifier: BSD-2-Clause */
/* Names of lists, and names in them; see checklist.h. */
#include <string.h>
#include <strings.h>

#include "base/err.h"
#include "manifest/checklist.h"

int
checklist_path(const char *name, bool takes_absolute, struct buf *path,
    struct err *err)
{
	buf_cut(path, 0);
	if (name[0] == '/' && !takes_absolute)
		return err_set(err, ERR_DAMAGED, 0,
		    "an absolute name; --base says where to look it up");
	while (*name != '\0') {
		size_t len = strcspn(name, "/");

		if (len == 2 && memcmp(name, "..", 2) == 0)
			return err_set(err, ERR_DAMAGED, 0,
			    "a name that leads out of the list's folder");
		if (len > 0 && !(len == 1 && name[0] == '.')) {
			if (path->len > 0)
				buf_byte(path, '/');
			buf_append(path, name, len);
		}
		name += len;
		if (*name == '/' && *++name == '\0')
			return err_set(err, ERR_DAMAGED, 0,
			    "the name of a folder");
	}
	if (path->len == 0)
		return err_set(err, ERR_DAMAGED, 0, "the name of a folder");
	return 0;
}

/* Does text end with the word, in either case? */
static bool
ends_with(const char *text, size_t len, const char *word)
{
	size_t n = strlen(word);

	return len >= n && strncasecmp(text + len - n, word, n) == 0;
}

static const char *const words[] = {
	"md5", "sha1", "sha224", "sha256", "sha384", "sha512"
};
#define WORDS (sizeof words / sizeof words[0])

/* Without a closing "sum" or "sums". */
static size_t
without_sum(const char *name, size_t len)
{
	if (ends_with(name, len, "sums"))
		return len - 4;
	if (ends_with(name, len, "sum"))
		return len - 3;
	return len;
}

/* Nothing, or a separator, in front of the last word. */
static bool
is_word_start(const char *name, size_t at)
{
	return at == 0 || strchr("._-", name[at - 1]) != NULL;
}

size_t
checklist_side_len(const char *name)
{
	size_t len = without_sum(name, strlen(name));
	size_t i;

	for (i = 0; i < WORDS; i++) {
		size_t n = strlen(words[i]);

		if (ends_with(name, len, words[i]) && len > n + 1 &&
		    name[len - n - 1] == '.')
			return len - n - 1;
	}
	return 0;
}

bool
checklist_is_name(const char *name)
{
	static const char *const whole[] = {
		"checksum", "checksums", "shasums", "shasums256"
	};
	size_t len = strlen(name), bare, i;

	if (checklist_side_len(name) > 0)
		return true;
	if (ends_with(name, len, ".txt"))
		len -= 4;
	for (i = 0; i < sizeof whole / sizeof whole[0]; i++)
		if (ends_with(name, len, whole[i]) &&
		    is_word_start(name, len - strlen(whole[i])))
			return true;
	bare = without_sum(name, len);
	for (i = 0; bare < len && i < WORDS; i++)
		if (ends_with(name, bare, words[i]) &&
		    is_word_start(name, bare - strlen(words[i])))
			return true;
	return false;
}
