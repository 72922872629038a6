# SPDX-License-Identifier: BSD-2-Clause
#
# A disk for nbdkit with bad sectors: they cannot be read until they are
# written, as on a real drive.  The file "sectors" lists them, one a line; it
# is looked at again whenever its time changes.
import errno
import os
from pathlib import Path

import nbdkit

API_VERSION = 2
SECTOR = 512
bad = set()
seen = None


def config(key, value):
    globals()[key] = value


def look():
    global seen
    try:
        now = os.stat(sectors).st_mtime_ns
    except FileNotFoundError:
        return
    if now != seen:
        seen = now
        bad.clear()
        bad.update(int(line) for line in Path(sectors).read_text().split())


def open(readonly):
    return os.open(image, os.O_RDWR)


def get_size(h):
    return os.fstat(h).st_size


def pread(h, buf, offset, flags):
    look()
    first = offset // SECTOR
    last = (offset + len(buf) - 1) // SECTOR
    if any(s in bad for s in range(first, last + 1)):
        nbdkit.set_error(errno.EIO)
        raise RuntimeError("bad sector")
    buf[:] = os.pread(h, len(buf), offset)


def pwrite(h, buf, offset, flags):
    look()
    os.pwrite(h, buf, offset)
    for s in range(offset // SECTOR, (offset + len(buf)) // SECTOR):
        bad.discard(s)


def flush(h, flags):
    os.fsync(h)
