"""Every notebook runs within a minute and a gigabyte, and without the network."""

import sys
import threading
import time
from pathlib import Path

import psutil
import pytest
import shape
from nbclient import NotebookClient

SECONDS, MEGABYTES = 60, 1000
OFFLINE = Path(__file__).with_name("offline.py")


class Watch(threading.Thread):
    """Samples the memory of this process's kernels and all they start."""

    def __init__(self, root):
        super().__init__(daemon=True)
        self.root, self.peak, self.over = psutil.Process(root), 0, threading.Event()

    def run(self):
        while not self.over.wait(0.05):
            self.peak = max(self.peak, sum(map(_resident, self._tree())))

    def _tree(self):
        try:
            return [self.root, *self.root.children(recursive=True)]
        except psutil.NoSuchProcess:
            return []

    def stop(self):
        self.over.set()
        self.join()
        return self.peak / 1e6


def _resident(process):
    try:
        return process.memory_info().rss
    except psutil.NoSuchProcess:
        return 0


def measure(notebook, folder):
    """Run a notebook offline; returns seconds and peak megabytes of its kernel."""
    client = NotebookClient(
        notebook,
        timeout=120,
        kernel_name="python3",
        resources={"metadata": {"path": str(folder)}},
        extra_arguments=[f"--IPKernelApp.exec_files=['{OFFLINE}']"],
    )
    start = time.monotonic()
    with client.setup_kernel():
        watch = Watch(client.km.provisioner.pid)
        watch.start()
        for index, cell in enumerate(notebook.cells):
            client.execute_cell(cell, index)
        peak = watch.stop()
    return time.monotonic() - start, peak


@pytest.mark.parametrize("path", shape.PATHS, ids=lambda path: path.stem)
def test_a_minute_a_gigabyte_and_no_network(path, record_property):
    seconds, peak = measure(shape.read(path), path.parent)
    record_property("notebook", path.name)
    record_property("seconds", round(seconds, 1))
    record_property("peak_megabytes", round(peak))
    assert seconds <= SECONDS
    assert peak <= MEGABYTES


def test_the_measurement_sees_memory_and_stops_calls_to_the_network(tmp_path):
    import nbformat.v4 as v4

    use = v4.new_notebook(cells=[v4.new_code_cell("import time\nb = b'x' * 200_000_000")])
    use.cells.append(v4.new_code_cell("time.sleep(.2)"))
    assert 200 < measure(use, tmp_path)[1] < 400
    call = "import socket\nsocket.create_connection(('192.0.2.1', 80), timeout=1)"
    with pytest.raises(Exception, match="network"):
        measure(v4.new_notebook(cells=[v4.new_code_cell(call)]), tmp_path)


if __name__ == "__main__":
    for name in sys.argv[1:]:
        print(name, *measure(shape.read(name), Path(name).parent))
