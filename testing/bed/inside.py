# SPDX-License-Identifier: GPL-2.0-or-later
"""The bed's init: runs below the kernel that has been chosen.

As init of user-mode Linux, or as pid 1 of fresh namespaces. It reads a job
and writes events, one JSON line each, to the job's folder; scenarios are
claimed there, so that several kernels can share one job.
"""

import json
import os
import sys
import time
import traceback

from . import actions, hostroot, linux, network
from .features import Features
from .runner import Run
from .scenario import Scenario

BED = "/run/bed"
EXCHANGE = "/run/exchange"
UML_MODULES = "/usr/lib/uml/modules"    # of Debian's; others have none
MODULES = """
overlay veth bridge llc stp tun dummy xfrm_user xfrm_algo esp4 esp6 ah4 ah6
ipcomp ipcomp6 xfrm_ipcomp xfrm4_tunnel xfrm6_tunnel tunnel4 tunnel6 ip_vti
ip6_vti authenc authencesn gcm ccm ctr cbc seqiv echainiv ghash-generic hmac
sha512_generic drbg jitterentropy_rng cmac xcbc gf128mul deflate chacha20poly1305 ip_tables
ip6_tables iptable_filter iptable_mangle iptable_nat iptable_raw
ip6table_filter ip6table_mangle ip6table_raw ip6table_nat x_tables xt_tcpudp
xt_policy xt_mark xt_connmark xt_conntrack xt_state xt_NFQUEUE xt_esp
xt_limit xt_multiport xt_statistic xt_string xt_u32 xt_length xt_comment
xt_addrtype xt_DSCP xt_dscp xt_hl xt_HL xt_tcpmss xt_iprange
xt_mac xt_pkttype xt_quota xt_time xt_TPROXY xt_socket xt_set xt_LOG xt_owner xt_recent xt_nat xt_MASQUERADE xt_CT xt_TCPMSS
xt_bpf xt_cgroup xt_connbytes xt_NFLOG nf_log_syslog nf_conntrack
nf_conntrack_netlink nf_nat nfnetlink nfnetlink_queue nfnetlink_log
ipt_REJECT ip6t_REJECT ip6t_frag ip6t_eui64 ipt_ah nf_tables sch_netem
sch_prio sch_ingress cls_u32 act_mirred act_gact udp_diag raw_diag
af_packet_diag netlink_diag unix_diag af_key gre ip_gre
""".split()


class Events:
    """Tells the launcher what happens."""

    def __init__(self, path):
        self.stream = open(path, "a", buffering=1)

    def __call__(self, event, **fields):
        self.stream.write(json.dumps({"event": event, **fields}) + "\n")


def mount_first():
    """What a kernel's first process has to mount itself."""
    linux.mount("proc", "/proc", "proc")
    linux.mount("sysfs", "/sys", "sysfs")
    try:
        linux.mount("devtmpfs", "/dev", "devtmpfs")
    except OSError:
        pass    # the kernel has done so already
    for fd, flags in ((0, os.O_RDONLY), (1, os.O_WRONLY), (2, os.O_WRONLY)):
        try:
            os.fstat(fd)
        except OSError:
            os.open("/dev/console", flags)
    os.makedirs("/dev/pts", exist_ok=True)
    linux.mount("devpts", "/dev/pts", "devpts", 0, "ptmxmode=0666")
    if not os.path.lexists("/dev/fd"):
        os.symlink("/proc/self/fd", "/dev/fd")


def start_uml(job):
    """The rest of the boot of user-mode Linux."""
    os.mkdir(EXCHANGE)
    linux.mount("job", EXCHANGE, "hostfs", 0, job["exchange"])
    os.environ["PATH"] = "/usr/sbin:/usr/bin:/sbin:/bin"
    if os.path.isdir(f"{UML_MODULES}/{os.uname().release}"):
        # modprobe looks below lib/modules of the folder that it is given
        os.makedirs("/run/uml/lib")
        os.symlink(UML_MODULES, "/run/uml/lib/modules")
        os.spawnlp(os.P_WAIT, "modprobe", "modprobe", "-d", "/run/uml", "-qa",
                   *MODULES)
    # nothing is loaded on demand: an unknown algorithm's attempts take long
    network.write_sysctl("kernel.modprobe", "\n")
    network.write_sysctl("kernel.core_pattern", "core")
    network.write_sysctl("kernel.printk", "1")
    linux.sethostname("bed")
    return EXCHANGE


def start_native(job):
    linux.mount("proc", "/proc", "proc")
    linux.mount("sysfs", "/sys", "sysfs")
    return job["exchange"]


def claim(exchange, name):
    """Whether this kernel is the first that takes the scenario."""
    try:
        os.mkdir(f"{exchange}/claims/{name.replace('/', '%')}")
        return True
    except FileExistsError:
        return False


def run_all(job, exchange, say):
    settings = job["settings"]
    os.makedirs(BED)
    if settings["stage"]:
        hostroot.copy_stage(settings["stage"], f"{BED}/stage")
        settings["stage"] = f"{BED}/stage"
    network.create_bridges()
    features = Features(settings["stage"])
    settings["legacy"] = not features.kernel("nft")
    if job.get("action"):
        settings["action"] = actions.create(job["action"], exchange, say)
    for name, path in job["scenarios"]:
        if os.path.exists(f"{exchange}/stop") or not claim(exchange, name):
            continue
        scenario = Scenario(name, path)
        reason = features.missing(scenario, settings["hosts"])
        if reason:
            say("result", name=name, status="skip", failures=[reason],
                seconds=0)
            continue
        folder = f"{exchange}/results/{name.replace('/', '%')}"
        begin = time.monotonic()
        run = Run(scenario, settings, folder, say)
        say("start", name=name, limit=run.limit)
        try:
            failures = run.run()
        except Exception:
            failures = ["the bed failed:\n" + traceback.format_exc()]
        say("result", name=name, failures=failures,
            status="fail" if failures else "pass",
            seconds=round(time.monotonic() - begin, 2),
            exit_status=run.exit_status)


def main(path, kernel, number):
    with open(path) as stream:
        job = json.load(stream)
    job["settings"]["kernel"] = kernel
    linux.mount("none", "/", None, linux.MS_REC | linux.MS_PRIVATE)
    linux.mount("run", "/run", "tmpfs", 0, "mode=755")
    exchange = start_uml(job) if kernel == "uml" else start_native(job)
    say = Events(f"{exchange}/events.{number}")
    try:
        say("boot")
        run_all(job, exchange, say)
        say("done")
    except BaseException:
        say("broken", text=traceback.format_exc())


def init(argv):
    kernel = argv[1]
    try:
        if kernel == "uml":
            mount_first()
        main(argv[2], kernel, argv[3])
    except BaseException:
        traceback.print_exc()
    sys.stdout.flush()
    sys.stderr.flush()
    if kernel == "uml":
        os.sync()
        os.spawnv(os.P_WAIT, "/usr/bin/busybox",
                  ["busybox", "poweroff", "-f"])
        time.sleep(5)
