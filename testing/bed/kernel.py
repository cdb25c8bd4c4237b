# SPDX-License-Identifier: GPL-2.0-or-later
"""Which kernel runs the hosts, and how its first process is started."""

import os
import shutil

from . import features

INIT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "init")
UML = "linux.uml"
MEMORY = "1G"


class KernelError(Exception):
    """There is no kernel to run the hosts on."""


def native_works():
    """Tries it: an ESP state in a scratch network namespace."""
    return os.geteuid() == 0 and \
        features.works_in_namespace(features.KERNEL["esp"])


def choose(wanted):
    """native, uml for Debian's, or the path of another user-mode Linux."""
    if wanted not in ("auto", "native", "uml"):
        file = os.path.abspath(wanted)
        if not (os.path.isfile(file) and os.access(file, os.X_OK)):
            raise KernelError(f"{wanted} is no kernel: give auto, native, uml "
                              "or the file that testing/kernel has made")
        return file
    if wanted == "auto":
        wanted = "native" if native_works() else "uml"
    if wanted == "native" and os.geteuid() != 0:
        raise KernelError("hosts on this machine's own kernel need root")
    if wanted == "uml" and not shutil.which(UML):
        raise KernelError(f"{UML} is not there: install user-mode-linux")
    return wanted


def argv(kernel, job, number, folder, cpu, terminal):
    """The command that becomes, or boots, the bed's init.

    folder: private to this boot; cpu: the one it is pinned to; terminal:
    descriptors to read from and write to for a shell, or None.
    """
    init = [INIT, "native" if kernel == "native" else "uml", job, str(number)]
    pin = ["taskset", "-c", str(cpu)]
    if kernel == "native":
        return ["unshare", "--mount", "--uts", "--ipc", "--net", "--pid",
                "--fork", "--kill-child=KILL", "--propagation", "private",
                "/usr/bin/python3", "-IS"] + init
    if any(" " in word for word in init):
        raise KernelError(f"a path with blanks cannot be passed: {init}")
    console = "con1=null"
    if terminal:
        console = "con1=fd:{},fd:{}".format(*terminal)
    return pin + [
        UML if kernel == "uml" else kernel, f"mem={MEMORY}", "rootfstype=hostfs", "rootflags=/", "ro",
        f"umid=bed{number}", f"uml_dir={folder}/", "con0=null,fd:1", console,
        "con=null", "ssl=null", "quiet", "loglevel=1", "panic=-1",
        f"init={INIT}", "--"] + init[1:]


