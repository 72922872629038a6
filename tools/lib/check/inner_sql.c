/* SPDX-License-Identifier: BSD-2-Clause */
/* Dumps as SQL text; see inner_sql.h. */
#include "check/inner_sql.h"

#include <stdlib.h>
#include <string.h>

#include "base/escape.h"
#include "base/mem.h"
#include "base/num.h"

#define PIECE ((size_t)256 << 10)
#define LINE_MAX_KEPT 512	/* bytes of a line that are looked at */

/* The first line of a dump and the line that says it is complete. */
struct mark {
	const char *begin;
	const char *end;
};

static const struct mark marks[] = {
	{ "-- PostgreSQL database dump", "-- PostgreSQL database dump complete" },
	{ "-- PostgreSQL database cluster dump",
	    "-- PostgreSQL database cluster dump complete" },
	{ "-- MySQL dump ", "-- Dump completed" },
	{ "-- MariaDB dump ", "-- Dump completed" },
};
#define MARKS (sizeof marks / sizeof marks[0])

/* What programs say when they fail, when it went into the same file. */
static const char *const errors[] = {
	"pg_dump: error", "pg_dumpall: error", "pg_dump: [", "psql: error",
	"mysqldump: ", "mariadb-dump: ", "ERROR: ", "FATAL: ",
	"Error response from daemon", "OCI runtime exec failed",
};

struct scan {
	struct judgement *j;
	char line[LINE_MAX_KEPT + 1];
	size_t len;		/* of line; its rest is not kept */
	uint64_t number;	/* of the line, from 1 */
	uint64_t begun[MARKS];
	uint64_t ended[MARKS];
	bool in_copy;
	uint64_t copy_line;	/* where it began */
	char table[LINE_MAX_KEPT + 1];
	uint64_t rows;		/* of this COPY */
	uint64_t copies;
	uint64_t all_rows;
	char largest[LINE_MAX_KEPT + 1];
	uint64_t largest_rows;
	char token[LINE_MAX_KEPT + 1];	/* of \restrict; "": none is open */
	uint64_t nuls;
	uint64_t first_nul;	/* its line */
};

static bool
starts(const char *line, const char *with)
{
	return strncmp(line, with, strlen(with)) == 0;
}

static void
begin_copy(struct scan *s)
{
	const char *name = s->line + strlen("COPY ");
	size_t len = strcspn(name, " (");

	s->in_copy = true;
	s->copy_line = s->number;
	s->rows = 0;
	memcpy(s->table, name, len);
	s->table[len] = '\0';
}

static void
end_copy(struct scan *s)
{
	s->in_copy = false;
	s->copies++;
	s->all_rows += s->rows;
	if (s->rows > s->largest_rows) {
		s->largest_rows = s->rows;
		memcpy(s->largest, s->table, sizeof s->largest);
	}
}

static bool
is_copy_start(const struct scan *s)
{
	static const char end[] = " FROM stdin;";
	size_t n = sizeof end - 1;

	return starts(s->line, "COPY ") && s->len > n &&
	    strcmp(s->line + s->len - n, end) == 0;
}

static void
look_for_marks(struct scan *s)
{
	size_t i;

	for (i = 0; i < MARKS; i++) {
		if (starts(s->line, marks[i].end)) {
			s->ended[i]++;
			/* MySQL's and MariaDB's are the same words. */
			if (s->ended[i] >= s->begun[i] && i + 1 < MARKS &&
			    strcmp(marks[i].end, marks[i + 1].end) == 0)
				s->ended[i + 1]++;
			return;
		}
		if (strcmp(s->line, marks[i].begin) == 0 ||
		    (strchr(marks[i].begin, '\0')[-1] == ' ' &&
		    starts(s->line, marks[i].begin))) {
			s->begun[i]++;
			return;
		}
	}
}

static void
look_for_errors(struct scan *s)
{
	char safe[ESCAPE_NAME_MAX];
	size_t i;

	for (i = 0; i < sizeof errors / sizeof errors[0]; i++)
		if (starts(s->line, errors[i]))
			judge_find(s->j, VERDICT_SUSPECT, NULL, "line %llu is "
			    "a program's error: %s",
			    (unsigned long long)s->number,
			    escape_name(s->line, safe));
}

/* \restrict TOKEN ... \unrestrict TOKEN, since August 2025. */
static void
look_for_tokens(struct scan *s)
{
	static const char open[] = "\\restrict ", close[] = "\\unrestrict ";

	if (starts(s->line, open)) {
		memcpy(s->token, s->line + sizeof open - 1,
		    s->len - (sizeof open - 1) + 1);
	} else if (starts(s->line, close)) {
		if (strcmp(s->line + sizeof close - 1, s->token) != 0)
			judge_find(s->j, VERDICT_SUSPECT, NULL, "line %llu: "
			    "\\unrestrict has another token than \\restrict",
			    (unsigned long long)s->number);
		s->token[0] = '\0';
	}
}

static void
take_line(struct scan *s)
{
	s->line[s->len] = '\0';
	if (s->len > 0 && s->line[s->len - 1] == '\r')
		s->line[--s->len] = '\0';
	if (s->in_copy) {
		if (strcmp(s->line, "\\.") == 0)
			end_copy(s);
		else
			s->rows++;
		return;
	}
	if (is_copy_start(s))
		begin_copy(s);
	else if (starts(s->line, "-- "))
		look_for_marks(s);
	else if (s->line[0] == '\\')
		look_for_tokens(s);
	else
		look_for_errors(s);
}

static void
take_bytes(struct scan *s, const char *data, size_t len)
{
	while (len > 0) {
		const char *newline = memchr(data, '\n', len);
		size_t n = newline == NULL ? len : (size_t)(newline - data);
		size_t room = LINE_MAX_KEPT - s->len;

		if (memchr(data, '\0', n) != NULL) {
			s->nuls++;
			if (s->nuls == 1)
				s->first_nul = s->number;
		}
		memcpy(s->line + s->len, data, n < room ? n : room);
		s->len += n < room ? n : room;
		if (newline == NULL)
			return;
		take_line(s);
		s->len = 0;
		s->number++;
		data += n + 1;
		len -= n + 1;
	}
}

/* ---------------------------------------------------------------- verdict */

static void
judge_ends(struct scan *s)
{
	char safe[ESCAPE_NAME_MAX];
	size_t i;

	if (s->in_copy)
		judge_find(s->j, VERDICT_DAMAGED, NULL, "it ends within the "
		    "rows of %s (COPY in line %llu)",
		    escape_name(s->table, safe),
		    (unsigned long long)s->copy_line);
	for (i = 0; i < MARKS; i++)
		if (s->begun[i] > s->ended[i])
			judge_find(s->j, VERDICT_DAMAGED, NULL, "'%s' is not "
			    "there: it was cut off, or the dump failed",
			    marks[i].end);
	if (s->token[0] != '\0')
		judge_find(s->j, VERDICT_SUSPECT, NULL,
		    "\\restrict is never lifted");
	if (s->nuls > 0)
		judge_find(s->j, VERDICT_DAMAGED, NULL, "zero bytes in %llu "
		    "lines, the first in line %llu: no dump has any",
		    (unsigned long long)s->nuls,
		    (unsigned long long)s->first_nul);
}

static void
say(struct scan *s)
{
	char lines[NUM_COUNT_TEXT], rows[NUM_COUNT_TEXT];
	char safe[ESCAPE_NAME_MAX];

	if (s->copies > 0)
		judge_say(s->j, "%s rows in %llu tables, most of them in %s",
		    num_format_count(s->all_rows, rows),
		    (unsigned long long)s->copies,
		    escape_name(s->largest, safe));
	judge_cover(s->j, "%s lines of SQL for their ends and marks",
	    num_format_count(s->number - 1 + (s->len > 0), lines));
}

static int
check(const struct content *c, struct reader *in, struct judgement *j,
    struct err *err)
{
	struct scan *s = mem_zero(1, sizeof *s);
	char *piece = mem_alloc(PIECE);
	size_t got;
	int ret;

	(void)c;
	s->j = j;
	s->number = 1;
	do {
		ret = in->read(in, piece, PIECE, &got, err);
		if (ret == 0)
			take_bytes(s, piece, got);
	} while (ret == 0 && got > 0);
	if (ret == 0) {
		if (s->len > 0)
			take_line(s);
		judge_ends(s);
		say(s);
	}
	free(piece);
	free(s);
	return ret;
}

/* One of the first lines begins a dump. */
static bool
recognise(const uint8_t *head, size_t len)
{
	size_t i, at;

	for (at = 0; at < len; at++) {
		if (at > 0 && head[at - 1] != '\n')
			continue;
		for (i = 0; i < MARKS; i++) {
			size_t n = strlen(marks[i].begin);

			if (len - at >= n &&
			    memcmp(head + at, marks[i].begin, n) == 0)
				return true;
		}
	}
	return false;
}

const struct inner_checker inner_sql = { "SQL dump", recognise, check };
