# SPDX-License-Identifier: BSD-2-Clause
"""One thing broken: damage.py WHAT FILE [ARGUMENT...], numbers in bytes.

    flip FILE AT            all bits of one byte
    zero FILE AT LEN
    copy FILE FROM TO LEN   within the file
    put FILE AT HEX
    cut FILE LEN            made when it is not there
    write FILE TEXT [LEN]   its only line, or LEN zeros
    remove PATTERN...       files and folders
    mode OCTAL FILE
    owner UID FILE
"""
import glob
import os
import shutil
import sys

what, args = sys.argv[1], sys.argv[2:]


def own(name):
    """The tree may be one of hard links: break this one first."""
    if os.path.exists(name):
        shutil.copy2(name, name + ".own")
        st = os.stat(name)
        os.chown(name + ".own", st.st_uid, st.st_gid)
        os.rename(name + ".own", name)


def change(name, at, data):
    own(name)
    with open(name, "r+b") as f:
        f.seek(at)
        f.write(data)


def read(name, at, length):
    with open(name, "rb") as f:
        f.seek(at)
        return f.read(length)


if what == "flip":
    change(args[0], int(args[1]), bytes([read(args[0], int(args[1]), 1)[0] ^ 255]))
elif what == "zero":
    change(args[0], int(args[1]), bytes(int(args[2])))
elif what == "copy":
    change(args[0], int(args[2]), read(args[0], int(args[1]), int(args[3])))
elif what == "put":
    change(args[0], int(args[1]), bytes.fromhex(args[2]))
elif what == "cut":
    own(args[0])
    open(args[0], "ab").close()
    os.truncate(args[0], int(args[1]))
elif what == "write":
    own(args[0])
    with open(args[0], "wb") as f:
        f.write(bytes(int(args[2])) if len(args) > 2 else args[1].encode() + b"\n")
elif what == "remove":
    for name in [name for pattern in args for name in glob.glob(pattern)]:
        shutil.rmtree(name) if os.path.isdir(name) else os.remove(name)
elif what == "mode":
    os.chmod(args[1], int(args[0], 8))
elif what == "owner":
    os.chown(args[1], int(args[0]), -1)
else:
    sys.exit("what is " + what + "?")
