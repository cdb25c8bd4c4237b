# SPDX-License-Identifier: GPL-2.0-or-later
"""The Linux system calls that Python 3.11's os module lacks."""

import ctypes
import os

CLONE_NEWNS = 0x00020000
CLONE_NEWUTS = 0x04000000
CLONE_NEWIPC = 0x08000000
CLONE_NEWPID = 0x20000000
CLONE_NEWNET = 0x40000000
NEW_HOST = (CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWPID |
            CLONE_NEWNET)

MS_RDONLY = 0x1
MS_NOSUID = 0x2
MS_NODEV = 0x4
MS_REMOUNT = 0x20
MS_BIND = 0x1000
MS_REC = 0x4000
MS_PRIVATE = 0x40000
MNT_DETACH = 0x2

PR_SET_PDEATHSIG = 1

_SYS_PIVOT_ROOT = {"x86_64": 155, "aarch64": 41}

_libc = ctypes.CDLL(None, use_errno=True)


def _check(result, what):
    if result < 0:
        error = ctypes.get_errno()
        raise OSError(error, f"{what}: {os.strerror(error)}")
    return result


def unshare(flags):
    _check(_libc.unshare(ctypes.c_int(flags)), "unshare")


def mount(source, target, fstype=None, flags=0, data=None):
    def arg(value):
        return None if value is None else os.fsencode(value)
    _check(_libc.mount(arg(source), arg(target), arg(fstype),
                       ctypes.c_ulong(flags), arg(data)),
           f"mount {fstype or source} on {target}")


def umount(target, flags=MNT_DETACH):
    _check(_libc.umount2(os.fsencode(target), ctypes.c_int(flags)),
           f"umount {target}")


def pivot_root(new_root, put_old):
    number = _SYS_PIVOT_ROOT[os.uname().machine]
    _check(_libc.syscall(ctypes.c_long(number), os.fsencode(new_root),
                         os.fsencode(put_old)), "pivot_root")


def sethostname(name):
    name = os.fsencode(name)
    _check(_libc.sethostname(name, ctypes.c_size_t(len(name))),
           "sethostname")


def die_with_parent(signum):
    _check(_libc.prctl(PR_SET_PDEATHSIG, ctypes.c_ulong(signum), 0, 0, 0),
           "prctl")
