/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * TAP for unit tests.  A test program is one translation unit:
 *
 *	int main(void)
 *	{
 *		test_index_rejects_overlap();	(calls ok(), is_u64() ...)
 *		return done();
 *	}
 *
 * Each check is one point, named by its last argument, a format.  Checks
 * return whether they held, so that a test can stop before it follows a bad
 * pointer.  A program that ends before done() printed no plan, and the
 * collector counts that as a failure.
 *
 * Keeps its count in file-scope variables: one program, one thread.
 */
#ifndef DRYDOCK_TESTS_HARNESS_H
#define DRYDOCK_TESTS_HARNESS_H

#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

static unsigned harness_points;
static unsigned harness_failures;

__attribute__((format(printf, 4, 0))) static inline bool
harness_point(bool held, const char *file, int line, const char *fmt,
    va_list args)
{
	harness_points++;
	if (!held)
		harness_failures++;
	printf("%sok %u - ", held ? "" : "not ", harness_points);
	vprintf(fmt, args);
	putchar('\n');
	if (!held)
		printf("# at %s:%d\n", file, line);
	/* What follows may crash; what was printed must not be lost. */
	fflush(stdout);
	return held;
}

__attribute__((format(printf, 4, 5))) static inline bool
harness_ok(bool held, const char *file, int line, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	harness_point(held, file, line, fmt, args);
	va_end(args);
	return held;
}

__attribute__((format(printf, 5, 6))) static inline bool
harness_is_u64(uint64_t got, uint64_t want, const char *file, int line,
    const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	if (!harness_point(got == want, file, line, fmt, args))
		printf("# got %" PRIu64 " (0x%" PRIx64 "), want %" PRIu64
		    " (0x%" PRIx64 ")\n", got, got, want, want);
	va_end(args);
	return got == want;
}

/* Either may be NULL, and NULL equals NULL only. */
__attribute__((format(printf, 5, 6))) static inline bool
harness_is_str(const char *got, const char *want, const char *file, int line,
    const char *fmt, ...)
{
	bool same = got == want ||
	    (got != NULL && want != NULL && strcmp(got, want) == 0);
	va_list args;

	va_start(args, fmt);
	if (!harness_point(same, file, line, fmt, args)) {
		printf("# got  '%s'\n", got != NULL ? got : "(NULL)");
		printf("# want '%s'\n", want != NULL ? want : "(NULL)");
	}
	va_end(args);
	return same;
}

#define ok(cond, ...) harness_ok((cond), __FILE__, __LINE__, __VA_ARGS__)
#define is_u64(got, want, ...) \
	harness_is_u64((got), (want), __FILE__, __LINE__, __VA_ARGS__)
#define is_str(got, want, ...) \
	harness_is_str((got), (want), __FILE__, __LINE__, __VA_ARGS__)

/* One point that could not be tried here, and why. */
static inline void skip(const char *reason)
{
	harness_points++;
	printf("ok %u # SKIP %s\n", harness_points, reason);
}

/* Print the plan.  Returns the exit status of the program. */
static inline int done(void)
{
	printf("1..%u\n", harness_points);
	if (fflush(stdout) != 0)
		return 1;
	return harness_failures == 0 && harness_points > 0 ? 0 : 1;
}

#endif
