"""What `costs` measures, and that a notebook cannot reach the network."""

import os
import subprocess
import sys

import nbformat
import nbformat.v4 as v4
import pytest
from costs import OFFLINE, Watch


@pytest.fixture
def costs_of(tmp_path):
    """What pytest says of a notebook of one cell that is run with the plugin."""

    def run(source):
        cell = v4.new_code_cell(source, execution_count=1)
        nbformat.write(v4.new_notebook(cells=[cell]), tmp_path / "small.ipynb")
        return subprocess.run(
            [sys.executable, "-m", "pytest", "-p", "costs", "--nbval", "--nbval-current-env",
             "small.ipynb"], cwd=tmp_path, capture_output=True, text=True,
            env=os.environ | {"PYTHONPATH": str(OFFLINE.parent)}).stdout

    return run


def test_a_notebook_that_takes_more_than_a_gigabyte_is_told(costs_of):
    said = costs_of("import time\nb = b'x' * 1_100_000_000\ntime.sleep(.3)")
    assert "AssertionError: small.ipynb takes 1" in said


REACHES_OUT = """
import socket
try:
    socket.create_connection(("192.0.2.1", 80), timeout=1)
except OSError as error:
    assert "a notebook wanted the network" in str(error)
else:
    assert False
"""


def test_a_notebook_cannot_reach_the_network(costs_of):
    assert "1 passed" in costs_of(REACHES_OUT)


def test_seconds_are_of_the_processor_and_memory_is_of_the_peak():
    use = "b = b'x' * 200_000_000; del b; import time; end = time.process_time() + .3\n" \
          "while time.process_time() < end: pass\nprint('done', flush=True); input()"
    with subprocess.Popen([sys.executable, "-c", use], stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE) as process:
        watch = Watch(process.pid)
        process.stdout.readline()
        seconds, megabytes = watch.stop()
        process.communicate(b"\n")
    assert 0.3 <= seconds < 5
    assert megabytes < 400
