# SPDX-License-Identifier: GPL-3.0-or-later
"""A machine that boots: a Debian of its own in a container, with the package installed and a practice site on
its loopback. Needs root, mmdebstrap and systemd-nspawn.

    root = make_root("bookworm", packages)      # once a release; everything else happens on top of it
    with Machine(root) as machine:
        machine.run("systemctl", "start", "adminkeyd")
        machine.site.wait("enabled")
"""

import fcntl
import hashlib
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

TOP = os.environ.get("abs_top_srcdir") or os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.environ.get("abs_top_builddir") or TOP
sys.path[:0] = [os.path.join(TOP, "tests", "style"), os.path.join(TOP, "tests", "site")]
from practice_site import PracticeSite, TOKEN, USER  # noqa: E402  pylint: disable=wrong-import-position

PATIENCE = 30  # seconds until what should happen is a failure
POLICY = "/etc/adminkeyd/policy.yaml"
ALWAYS = "    maintenance_windows: [{name: trial, reason: a test, every_day: true}]\n"


def why_not():
    """Why no machine can be booted here; None where one can."""
    if os.geteuid() != 0:
        return "only root can boot a container"
    for tool in ("mmdebstrap", "systemd-nspawn", "nsenter"):
        if not shutil.which(tool):
            return f"{tool} is not installed"
    return None


def build_package(output, version=None):
    """The path of the package of this tree."""
    command = [os.path.join(TOP, "packaging", "build-deb"), *(["--version", version] if version else []), output]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError("packaging/build-deb failed:\n" + done.stderr[-4000:])
    return next(path for path in done.stdout.split() if "dbgsym" not in path)


def build_package_in(release, output):
    """The same, in a root of that release."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["bash", "-c", ". packaging/tree.sh; tree_files | tar --null --files-from=- -cf " + folder + "/tree.tar"],
                       check=True, cwd=TOP)
        done = subprocess.run(
            ["mmdebstrap", "--quiet", "--variant=minbase", "--include=build-essential",
             "--customize-hook=mkdir \"$1/source\" \"$1/packages\"", f"--customize-hook=tar-in {folder}/tree.tar /source",
             "--customize-hook=chroot \"$1\" sh -c 'cd /source && apt-get build-dep --yes ./packaging && "
             "packaging/build-deb /packages' >&2", f"--customize-hook=sync-out /packages {output}", release, folder + "/root"],
            check=False, capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"packaging/build-deb in {release} failed:\n" + done.stderr[-4000:])
    return next(os.path.join(output, name) for name in os.listdir(output)
                if name.endswith(".deb") and "dbgsym" not in name)


def repack(package, version, output):
    """The same package as another version, of which the daemon itself tells: what an upgrade is, in a second."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["dpkg-deb", "-R", package, folder + "/tree"], check=True)
        control = folder + "/tree/DEBIAN/control"
        with open(control, encoding="utf-8") as file:
            lines = [f"Version: {version}\n" if line.startswith("Version:") else line for line in file]
        with open(control, "w", encoding="utf-8") as file:
            file.writelines(lines)
        daemon = folder + "/tree/usr/sbin/adminkeyd"
        with open(daemon, "rb") as file:
            program = file.read()
        old = re.search(rb"adminkeyd (\d+\.\d+\.\d+)", program).group(1)
        with open(daemon, "wb") as file:
            file.write(program.replace(old, version.encode()))
        if len(old) != len(version):
            raise ValueError(f"a version is to be as long as {old.decode()}")
        subprocess.run(["dpkg-deb", "--root-owner-group", "-b", folder + "/tree", output], check=True,
                       stdout=subprocess.DEVNULL)
    return output


def make_root(release, package):
    """A tree of that release with the package, what it depends on and what it recommends, and an init."""
    with open(package, "rb") as file:
        mark = hashlib.sha256(file.read()).hexdigest()
    folder = os.path.join(BUILD, "tests", "system", "roots")
    os.makedirs(folder, exist_ok=True)
    root = os.path.join(folder, release)
    if os.path.exists(root + ".mark"):
        with open(root + ".mark", encoding="ascii") as file:
            if file.read() == mark:
                return root
        os.unlink(root + ".mark")
    shutil.rmtree(root, ignore_errors=True)
    done = subprocess.run(
        ["mmdebstrap", "--quiet", "--variant=minbase", "--include=systemd-sysv,iproute2",
         f"--customize-hook=copy-in {package} /root",
         "--customize-hook=chroot \"$1\" env DEBIAN_FRONTEND=noninteractive apt-get install --yes --install-recommends "
         f"/root/{os.path.basename(package)}", release, root],
        check=False, capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"mmdebstrap {release} failed:\n" + done.stderr[-4000:])
    with open(root + ".mark", "w", encoding="ascii") as file:
        file.write(mark)
    return root


class Machine:
    """A boot of a root. What happens in it stays in memory, and is gone with it."""

    def __init__(self, root):
        self.root = root
        self.folder = tempfile.mkdtemp(prefix="adminkeyd-machine-")
        self.console = os.path.join(self.folder, "console")
        self.groups = [os.path.join(path, os.path.basename(self.folder)) for path in own_groups()]
        self.nspawn = None
        self.leader = None
        self.site = None

    def __enter__(self):
        try:
            self.boot()
            if not self.site:
                self.start_site()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.pull_the_plug()
        if self.site:
            self.site.stop()
        for group in self.groups:
            remove_group(group)
        shutil.rmtree(self.folder, ignore_errors=True)

    # the machine itself

    def boot(self):
        command = ["systemd-nspawn", "--quiet", "--directory", self.root, "--volatile=overlay", "--boot",
                   "--register=no", "--keep-unit", "--private-network", "--kill-signal=SIGRTMIN+4",
                   "--hostname=workstation", *self.binds()]
        for group in self.groups:
            os.mkdir(group)
        with open(self.console, "w", encoding="utf-8") as console:
            self.nspawn = subprocess.Popen(in_groups(self.groups, command), stdin=subprocess.DEVNULL,
                                           stdout=console, stderr=console, start_new_session=True,
                                           env=dict(os.environ, SYSTEMD_NSPAWN_UNIFIED_HIERARCHY="1"))
        self.leader = wait(self.find_leader, "the machine's first process")
        self.while_it_boots()
        wait(lambda: self.say("systemctl", "is-system-running") in ("running", "degraded") or None,
             "the boot to end")

    def binds(self):
        """Options of systemd-nspawn: what of this machine's folder lies over what the root has."""
        return []

    def while_it_boots(self):
        """After its first process is there."""

    def find_leader(self):
        if self.nspawn.poll() is not None:
            with open(self.console, encoding="utf-8", errors="replace") as console:
                raise RuntimeError("systemd-nspawn ended: " + console.read())
        with open(f"/proc/{self.nspawn.pid}/task/{self.nspawn.pid}/children", encoding="ascii") as file:
            children = file.read().split()
        return next((int(child) for child in children if is_init(child)), None)

    def power_off(self):
        """As a person does, by its init."""
        os.kill(self.leader, signal.SIGRTMIN + 4)
        self.nspawn.wait(60)

    def pull_the_plug(self):
        """All that is in it is gone with its first process."""
        if not self.nspawn or self.nspawn.poll() is not None:
            return
        if self.leader:
            os.kill(self.leader, signal.SIGKILL)
        else:
            self.nspawn.kill()
        self.nspawn.wait(60)

    # what runs in it

    def command(self, *words, user=None):
        as_user = ["runuser", "-u", user, "--"] if user else []
        return ["nsenter", "--target", str(self.leader), "--mount", "--uts", "--ipc", "--net", "--pid", "--cgroup",
                "--wd=/", "--", "env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LANG=C.UTF-8", *as_user, *words]

    def run(self, *words, user=None, check=True, given="", patience=120):
        # In a session of its own: what goes wrong in there must not signal the tests.
        done = subprocess.run(self.command(*words, user=user), check=False, capture_output=True, text=True,
                              input=given, timeout=patience, start_new_session=True)
        if check and done.returncode != 0:
            raise RuntimeError(f"{' '.join(words)}: exit {done.returncode}\n{done.stdout}{done.stderr}")
        return done

    def say(self, *words, user=None):
        """What the command prints, whether it succeeds or not."""
        return self.run(*words, user=user, check=False).stdout.strip()

    def write(self, path, text, mode="644"):
        self.run("install", "-D", "-m", mode, "/dev/stdin", path, given=text)

    def send(self, file, path):
        """A file of here."""
        with open(file, "rb") as given:
            subprocess.run(self.command("install", "-D", "-m", "644", "/dev/stdin", path), check=True, stdin=given)

    def unit(self, *properties, unit="adminkeyd.service"):
        """Properties of a unit, as a tuple of words."""
        shown = dict(line.split("=", 1) for line in
                     self.say("systemctl", "show", unit, *[f"--property={name}" for name in properties]).splitlines())
        return tuple(shown[name] for name in properties)

    def wait_unit(self, what, patience=PATIENCE, unit="adminkeyd.service", **properties):
        """Waits until the unit's properties are so. Nobody tells of all of them, so it looks again and again."""
        wanted = tuple(properties.values())
        try:
            wait(lambda: self.unit(*properties, unit=unit) == wanted or None, what, patience)
        except TimeoutError as error:
            raise TimeoutError(f"{error}: {dict(zip(properties, self.unit(*properties, unit=unit)))}") from error

    def journal(self, *words, unit="adminkeyd"):
        """What the journal has by now of that unit: what was sent is on its way until the journal is asked for it."""
        self.run("journalctl", "--sync")
        return self.say("journalctl", "--no-pager", "-u", unit, *words)

    # the site and the policy

    def start_site(self):
        self.new_site()
        self.site.wrapper = self.beside()
        self.site.start()
        self.give_site()

    def new_site(self):
        folder = os.path.join(self.folder, "site")
        os.mkdir(folder)
        self.site = PracticeSite(BUILD, TOP, folder)

    def beside(self):
        """Runs what follows outside of the root, and inside its network."""
        return ["nsenter", "--target", str(self.leader), "--net", "--"]

    def give_site(self):
        """What the service must have of the site: its CA, and a token."""
        with open(self.site.ca_file, encoding="ascii") as file:
            self.write("/etc/adminkeyd/ca.pem", file.read())
        self.write("/etc/adminkeyd/credentials/acme", TOKEN + "\n", "600")

    def policy(self, hours=ALWAYS, access="", **keys):
        words = {"url": self.site.url, "user": USER, "token": "acme", "ca_file": "/etc/adminkeyd/ca.pem", **keys}
        return ("version: 1\ntimezone: UTC\nsites:\n  acme:\n" +
                "".join(f"    {key}: {value}\n" for key, value in words.items()) + hours + access)

    def start(self, **keys):
        """The service with such a policy; returns once its key is on."""
        self.write(POLICY, self.policy(**keys), "640")
        self.run("chgrp", "adminkey", POLICY)
        self.run("systemctl", "start", "adminkeyd")
        self.run("adminkeyctl", "wait", "acme", "--on", "--timeout", "30s")

    def drop_in(self, text):
        """Lines of [Service], for this boot."""
        self.write("/run/systemd/system/adminkeyd.service.d/test.conf", "[Service]\n" + text)
        self.run("systemctl", "daemon-reload")

    def process(self, before="0"):
        """The daemon's process, once there is one that is another than before; None where the unit has failed."""
        def look():
            state, process = self.unit("ActiveState", "MainPID")
            return (process,) if process not in ("0", before) else (None,) if state == "failed" else None
        return wait(look, "the daemon's process")[0]

    def kill(self, how, process=None):
        """The daemon's process gets that signal."""
        self.run("sh", "-c", f"kill -{how} {process or self.process()}")

    def wait_on(self):
        """Until the daemon, a new one it may be, says that the key is on."""
        wait(lambda: self.run("adminkeyctl", "is-on", "acme", "-q", check=False).returncode == 0 or None,
             "the key to be on")

    def is_on(self):
        return self.site.state()["live"]


class OfflineMachine(Machine):
    """A machine that has the service enabled and its policy in place before it boots, and boots without a network."""

    PORT = 18443
    FLAG = "/run/site-listens"
    # The loopback is all the network that it has, and systemd 252 sets that up for each service with PrivateIPC=: so
    # it is there, and nothing is reached by it.
    NO_NETWORK = (f"[Unit]\nBefore=adminkeyd.service\n[Service]\nType=oneshot\nExecStart=sh -c 'until [ -e {FLAG} ]; do sleep "
                  "0.02; done; ip rule add pref 1 lookup local && ip rule add pref 0 to 127.0.0.1 unreachable && "
                  "ip rule del pref 0 from all lookup local'\n")

    def plug_in(self):
        """The network comes up."""
        self.run("ip", "rule", "del", "pref", "0", "to", "127.0.0.1", "unreachable")
        for state in ("down", "up"):
            self.run("ip", "link", "set", "lo", state)

    def binds(self):
        self.new_site()
        self.site.certify()
        self.site.port = self.PORT
        units, etc = os.path.join(self.folder, "units"), os.path.join(self.folder, "etc")
        shutil.copytree(os.path.join(self.root, "etc/systemd/system"), units, symlinks=True)
        for unit in ("adminkeyd", "no-network"):
            os.symlink(f"../{unit}.service", f"{units}/multi-user.target.wants/{unit}.service")
        self.put(units + "/no-network.service", self.NO_NETWORK)
        shutil.copytree(os.path.join(self.root, "etc/adminkeyd"), etc)
        shutil.copy(self.site.ca_file, etc)
        self.put(etc + "/policy.yaml", self.policy())
        self.put(etc + "/credentials/acme", TOKEN + "\n", 0o600)
        return [f"--bind={units}:/etc/systemd/system", f"--bind={etc}:/etc/adminkeyd"]

    @staticmethod
    def put(path, text, mode=0o644):
        with open(path, "w", opener=lambda name, flags: os.open(name, flags, mode), encoding="utf-8") as file:
            file.write(text)

    def while_it_boots(self):
        self.site.wrapper = self.beside()
        wait(lambda: "UP" in subprocess.run([*self.beside(), "ip", "-o", "link", "show", "lo"], check=False, capture_output=True,
                                            text=True).stdout or None, "the machine's loopback")
        self.site.start(self.PORT)
        wait(lambda: self.run("touch", self.FLAG, check=False).returncode == 0 or None, "a place for the flag")


# A container's groups of processes lie below those of whoever starts it. Two that share one take each other's
# units for their own, and remove them. So each machine has a group to itself.

def own_groups():
    """The directories of this process's groups in the hierarchies that systemd uses."""
    with open("/proc/self/cgroup", encoding="ascii") as file:
        mine = {fields[1]: fields[2] for fields in (line.rstrip("\n").split(":", 2) for line in file)}
    with open("/proc/self/mountinfo", encoding="utf-8") as file:
        for line in file:
            before, after = line.split(" - ")
            kind, _, options = after.split()[:3]
            if kind == "cgroup2":
                yield before.split()[4] + mine.get("", "/").rstrip("/")
            elif kind == "cgroup" and "name=systemd" in options.split(","):
                yield before.split()[4] + mine.get("name=systemd", "/").rstrip("/")


def in_groups(groups, command):
    """The command, run in those."""
    enter = "".join(f"echo $$ >'{group}/cgroup.procs' && " for group in groups)
    return ["sh", "-c", enter + 'exec "$@"', "sh", *command]


def remove_group(group):
    """With the empty ones below it, which the kernel empties a little after the last process is gone."""
    def is_gone():
        for folder, _, _ in os.walk(group, topdown=False):
            try:
                os.rmdir(folder)
            except OSError:
                return None
        return True
    wait(is_gone, f"{group} to be empty")


def is_init(process):
    """Whether it is the first of a container's processes; nspawn has helpers that come and go before."""
    try:
        with open(f"/proc/{process}/status", encoding="ascii", errors="replace") as file:
            numbers = next(line.split()[1:] for line in file if line.startswith("NSpid:"))
        return len(numbers) > 1 and numbers[-1] == "1"
    except (FileNotFoundError, ProcessLookupError, StopIteration):
        return False


def wait(function, what, patience=PATIENCE):
    """Until the function gives something. For what tells nobody that it has changed."""
    deadline = time.monotonic() + patience
    while True:
        found = function()
        if found is not None:
            return found
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited in vain for {what}")
        time.sleep(0.02)


def alone(name):
    """A lock that lasts until the process ends: package and roots are made once, by whoever comes first."""
    folder = os.path.join(BUILD, "tests", "system")
    os.makedirs(folder, exist_ok=True)
    file = open(os.path.join(folder, name), "w", encoding="ascii")  # pylint: disable=consider-using-with
    fcntl.flock(file, fcntl.LOCK_EX)
    return file
