"""Time and peak memory of a diagnosis of 10,000 × 20, in a process of its own.

    make bench

The time on a busy machine says little: the seconds of computing, over the cores, are its floor.
"""

import os
import subprocess
import sys

CODE = """
import resource, time
import numpy as np
import contexture_lite as cl

rng = np.random.default_rng(0)
X = rng.normal(size=(10_000, 20))
y = np.tanh(X[:, 0]) + X[:, 1] * X[:, 2] + 0.3 * rng.normal(size=len(X))
start, cpu = time.perf_counter(), time.process_time()
cl.diagnose(X, y)
print(time.perf_counter() - start, time.process_time() - cpu,
      resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6)
"""


def bench_diagnose():
    run = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, check=True)
    seconds, cpu, gigabytes = map(float, run.stdout.split())
    print(f"\ndiagnose(10,000 × 20) on {os.cpu_count()} cores: {seconds:.1f} s "
          f"({cpu:.1f} s of them computing on any core), peak {gigabytes:.2f} GB")
    assert "contexts: 100%" in run.stderr  # its progress is shown
    assert gigabytes < 1.5
