"""Records scenarios of real stacks, whose ends are two addresses in one network namespace: dumpcap listens on its loopback."""
import os
import shutil
import subprocess
import sys
import tempfile
import time


def run(*cmd, **kw):
    subprocess.run(cmd, check=True, **kw)


def record(script, ns, ends, watched, out, names, route=()):
    """Runs `script --inside NAME` for each of `names` in `ns`, which has the addresses `ends` and, if given, a `route` (words of
    ip-route), and keeps the packets of the address `watched` as NAME.pcap in the folder `out`."""
    subprocess.run(["ip", "netns", "del", ns], stderr=subprocess.DEVNULL)
    run("ip", "netns", "add", ns)
    try:
        run("ip", "-n", ns, "link", "set", "lo", "up")
        for a in ends:
            run("ip", "-n", ns, "addr", "add", a + "/32", "dev", "lo")
        if route:
            run("ip", "-n", ns, "route", "replace", *route)
        for name in names:
            with tempfile.TemporaryDirectory() as d:
                os.chmod(d, 0o777)
                path = os.path.join(d, "x.pcap")
                cap = subprocess.Popen(["ip", "netns", "exec", ns, "dumpcap", "-q", "-P", "-i", "lo", "-f", f"host {watched}", "-w", path],
                                       stderr=subprocess.DEVNULL)
                time.sleep(1)
                subprocess.run(["ip", "netns", "exec", ns, sys.executable, os.path.abspath(script), "--inside", name], check=False,
                               timeout=120)
                time.sleep(0.5)
                cap.send_signal(2)
                cap.wait()
                shutil.copyfile(path, os.path.join(out, name + ".pcap"))
    finally:
        subprocess.run(["ip", "netns", "del", ns])


def main(inside, names, script, **where):
    """The command line: `--inside NAME` is one scenario; else all of `names`, or those given, are recorded as record() says."""
    if len(sys.argv) == 3 and sys.argv[1] == "--inside":
        inside(sys.argv[2])
    else:
        record(script, names=sys.argv[1:] or names, **where)
