"""A pytest plugin: each notebook that nbval runs costs a minute and a gigabyte, and no network."""

import os
import shutil
import tempfile
import threading
from pathlib import Path

import psutil
import pytest
from nbval.plugin import IPyNbCell

SECONDS, MEGABYTES = 60, 1000
OFFLINE = Path(__file__).with_name("offline.py")


class Watch(threading.Thread):
    """Samples the memory of a process and of all it starts; its CPU seconds at the end."""

    def __init__(self, root):
        super().__init__(daemon=True)
        self.root, self.peak, self.over = psutil.Process(root), 0, threading.Event()
        self.start()

    def run(self):
        while not self.over.wait(0.05):
            self.peak = max(self.peak, sum(map(_resident, self._tree())))

    def _tree(self):
        try:
            return [self.root, *self.root.children(recursive=True)]
        except psutil.NoSuchProcess:
            return []

    def stop(self):
        """(CPU seconds, peak megabytes) up to now."""
        self.over.set()
        self.join()
        return sum(self.root.cpu_times()[:4]), self.peak / 1e6


def _resident(process):
    try:
        return process.memory_info().rss
    except psutil.NoSuchProcess:
        return 0


def pytest_configure(config):
    """Every kernel begins by refusing connections off this machine."""
    home = Path(tempfile.mkdtemp(prefix="ipython-"))
    startup = home / "profile_default" / "startup"
    startup.mkdir(parents=True)
    shutil.copy(OFFLINE, startup)
    os.environ["IPYTHONDIR"] = str(home)
    config.add_cleanup(lambda: shutil.rmtree(home, ignore_errors=True))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item):
    result = yield  # nbval starts the kernel
    if isinstance(item, IPyNbCell) and not hasattr(item.parent, "watch"):
        item.parent.watch = Watch(item.parent.kernel.km.provisioner.pid)
    return result


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item, nextitem):
    last = nextitem is None or nextitem.parent is not item.parent
    if last and hasattr(item.parent, "watch"):
        seconds, megabytes = item.parent.watch.stop()  # before nbval stops the kernel
        result = yield
        item.user_properties.append(("cost", (item.parent.path.name, seconds, megabytes)))
        if os.environ.get("OMP_NUM_THREADS") == "1":  # two spend them waiting for each other
            assert seconds <= SECONDS, f"{item.parent.path.name} takes {seconds:.0f} CPU seconds"
        assert megabytes <= MEGABYTES, f"{item.parent.path.name} takes {megabytes:.0f} MB"
        return result
    return (yield)


def pytest_terminal_summary(terminalreporter):
    """A table of what each notebook cost."""
    reports = [r for kind in terminalreporter.stats.values() for r in kind
               if getattr(r, "when", "") == "teardown"]
    rows = sorted(cost for r in reports for name, cost in r.user_properties if name == "cost")
    if rows:
        terminalreporter.section("notebooks: CPU seconds and peak memory")
        for name, seconds, megabytes in rows:
            terminalreporter.write_line(f"{name:<40} {seconds:>6.1f} s {megabytes:>6.0f} MB")
