# SPDX-License-Identifier: GPL-2.0-or-later
"""The root file system of a host.

An overlay: the machine's own root below, the staged plugin upon it, and a
tmpfs on top that holds the host's files. What the machine keeps in some
places is no business of a host, those begin empty.
"""

import os
import shutil
import stat

from . import linux
from .scenario import replace_placeholders

# empty in every host, not what the machine has there
OWN_DIRECTORIES = {
    "etc/swanctl": 0o755, "etc/ipsec.d": 0o755, "etc/network": 0o755,
    "etc/systemd/system": 0o755, "root": 0o700, "home": 0o755,
    "var/log": 0o755, "var/tmp": 0o1777, "var/lib/strongswan": 0o755,
}
SWANCTL_DIRECTORIES = (
    "bliss", "conf.d", "ecdsa", "pkcs12", "pkcs8", "private", "pubkey", "rsa",
    "x509", "x509aa", "x509ac", "x509ca", "x509crl", "x509ocsp")
DEVICES = {"null": (1, 3), "zero": (1, 5), "full": (1, 7), "random": (1, 8),
           "urandom": (1, 9), "tty": (5, 0)}
# this checkout's own testing folder, wherever it lies
TESTING = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
# where every host has it: its own place may be one of those that begin empty
PLACE = "/usr/local/lib/coi-testing"
LEGACY = ("iptables", "iptables-save", "iptables-restore",
          "ip6tables", "ip6tables-save", "ip6tables-restore")


def copy_files(source, target, replace=True):
    """Copies a tree over another one; returns how many files there were."""
    count = 0
    for folder, _, files in os.walk(source):
        into = os.path.join(target, os.path.relpath(folder, source))
        os.makedirs(into, exist_ok=True)
        for file in files:
            path = os.path.join(folder, file)
            to = os.path.join(into, file)
            count += 1
            if os.path.islink(path):
                if os.path.lexists(to):
                    os.unlink(to)
                os.symlink(os.readlink(path), to)
                continue
            with open(path, "rb") as stream:
                data = stream.read()
            if os.path.lexists(to):
                os.unlink(to)
            with open(to, "wb") as stream:
                stream.write(replace_placeholders(data) if replace else data)
            os.chmod(to, stat.S_IMODE(os.stat(path).st_mode))
    return count


def copy_stage(stage, target):
    """Copies a DESTDIR tree; /lib and the like go where they lead to."""
    for entry in os.listdir(stage):
        merged = "/" + entry
        to = entry
        if os.path.islink(merged):
            to = os.path.realpath(merged).lstrip("/")
        shutil.copytree(os.path.join(stage, entry), os.path.join(target, to),
                        symlinks=True, dirs_exist_ok=True)


def _populate(upper, folders, guest, legacy):
    for path, mode in OWN_DIRECTORIES.items():
        full = os.path.join(upper, path)
        os.makedirs(full, exist_ok=True)
        os.chmod(full, mode)
        os.setxattr(full, "trusted.overlay.opaque", b"y")
    for name in SWANCTL_DIRECTORIES:
        os.mkdir(os.path.join(upper, "etc/swanctl", name))
    for name in ("bin", "sbin", "libexec/ipsec"):
        os.makedirs(os.path.join(upper, "usr/local", name))
    os.makedirs(upper + PLACE)
    # where upstream's guest images have it
    os.symlink("/usr/lib/ipsec/_updown",
               os.path.join(upper, "usr/local/libexec/ipsec/_updown"))
    os.mkdir(os.path.join(upper, "var/log/nginx"))
    for folder, into in folders:
        if os.path.isdir(folder):
            copy_files(folder, os.path.join(upper, into))
    shutil.copy(os.path.join(guest, "systemctl"),
                os.path.join(upper, "usr/local/bin/systemctl"))
    if legacy:
        os.makedirs(os.path.join(upper, "etc/alternatives"), exist_ok=True)
        for name in LEGACY:
            path = os.path.join(upper, "etc/alternatives", name)
            family, _, rest = name.partition("tables")
            program = f"/usr/sbin/{family}tables-legacy{rest}"
            os.symlink(program, path)


def _devices(dev):
    os.umask(0)
    linux.mount("dev", dev, "tmpfs", linux.MS_NOSUID, "mode=755,size=1m")
    for name, (major, minor) in DEVICES.items():
        os.mknod(f"{dev}/{name}", stat.S_IFCHR | 0o666,
                 os.makedev(major, minor))
    os.mkdir(f"{dev}/net")
    os.mknod(f"{dev}/net/tun", stat.S_IFCHR | 0o666, os.makedev(10, 200))
    os.mkdir(f"{dev}/pts")
    os.mkdir(f"{dev}/shm", 0o1777)
    linux.mount("devpts", f"{dev}/pts", "devpts", 0,
                "newinstance,ptmxmode=0666,mode=0620")
    os.symlink("pts/ptmx", f"{dev}/ptmx")
    for name, target in (("fd", ""), ("stdin", "/0"), ("stdout", "/1"),
                         ("stderr", "/2")):
        os.symlink("/proc/self/fd" + target, f"{dev}/{name}")
    os.umask(0o022)


def enter(work, lowers, folders, guest, legacy):
    """Makes the root below work, a folder, and moves the process into it.

    To be called in the host's new mount namespace, as its pid 1.
    """
    linux.mount("none", "/", None, linux.MS_REC | linux.MS_PRIVATE)
    linux.mount("host", work, "tmpfs", 0, "mode=755,size=256m")
    upper, root = f"{work}/upper", f"{work}/root"
    for path in (upper, root, f"{work}/work"):
        os.mkdir(path)
    _populate(upper, folders, guest, legacy)
    linux.mount("root", root, "overlay", 0,
                f"lowerdir={':'.join(lowers)},upperdir={upper},"
                f"workdir={work}/work")
    linux.mount("proc", f"{root}/proc", "proc")
    linux.mount("sysfs", f"{root}/sys", "sysfs")
    linux.mount("run", f"{root}/run", "tmpfs", 0, "mode=755,size=64m")
    linux.mount("tmp", f"{root}/tmp", "tmpfs", 0, "mode=1777,size=256m")
    _devices(f"{root}/dev")
    os.mkdir(f"{root}/run/lock")
    linux.mount(TESTING, root + PLACE, None, linux.MS_BIND)
    linux.mount("none", root + PLACE, None,
                linux.MS_BIND | linux.MS_REMOUNT | linux.MS_RDONLY)
    os.chdir(root)
    linux.pivot_root(".", ".")
    linux.umount(".")
    os.chdir("/")
