/* SPDX-License-Identifier: BSD-2-Clause */
/* pg_control: what is read of a hostile one is safe to lay files out by. */
#include <stdint.h>
#include <stdlib.h>

#include "base/err.h"
#include "check/pg_control.h"
#include "check/pg_wal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void
must(bool held)
{
	if (!held)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct pg_control c;
	struct err err;

	err_clear(&err);
	if (pg_control_parse(data, len, &c, &err) == -1) {
		must(err.class == ERR_DAMAGED && err.text[0] != '\0');
		return 0;
	}
	must(pg_state_name(c.state)[0] != '\0');
	must(c.crc_ok ? len >= 260 : true);
	if (!c.has_layout)
		return 0;
	must(c.block_size >= 1024 && c.block_size <= 32768 &&
	    (c.block_size & (c.block_size - 1)) == 0);
	must(c.wal_block_size >= 1024 && c.wal_block_size <= 65536 &&
	    c.wal_segment_size % c.wal_block_size == 0);
	must(c.segment_blocks > 0);
	return 0;
}
