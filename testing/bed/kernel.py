# SPDX-License-Identifier: GPL-2.0-or-later
"""Which kernel runs the hosts, and how its first process is started."""

import os
import shutil

from . import features

INIT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "init")
UML = "linux.uml"
# what testing/kernel makes
BUILT = os.path.join(features.REPO, "build/kernel/linux")
MEMORY = "1G"


class KernelError(Exception):
    """There is no kernel to run the hosts on."""


def native_works():
    """Tries it: ESP and nftables in a scratch network namespace."""
    return os.geteuid() == 0 and \
        all(features.works_in_namespace(features.KERNEL[name])
            for name in ("esp", "nft"))


def choose(wanted, say=lambda text: None):
    """native, uml for Debian's, or the path of another user-mode Linux.

    say: is told when it is not one that has what hosts usually have.
    """
    if wanted not in ("auto", "native", "uml"):
        file = os.path.abspath(wanted)
        if not (os.path.isfile(file) and os.access(file, os.X_OK)):
            raise KernelError(f"{wanted} is no kernel: give auto, native, uml "
                              "or the file that testing/kernel has made")
        return file
    if wanted == "auto":
        if native_works():
            return "native"
        if os.access(BUILT, os.X_OK):
            return BUILT
        say("no build/kernel/linux (testing/kernel makes it): on Debian's "
            "user-mode Linux, which has legacy iptables and no nftables")
        wanted = "uml"
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


