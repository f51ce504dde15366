"""How long an import takes in a fresh interpreter, in turns with numpy's own.

    make bench

Budget: 0.3 s.
"""

import statistics
import subprocess
import sys

TURNS = 11
CODE = "import time; t = time.perf_counter(); import {}; print(time.perf_counter() - t)"


def bench_import():
    seconds = {"numpy": [], "numpy, scipy.sparse": [], "contexture_lite": []}
    for _ in range(TURNS):
        for name, taken in seconds.items():
            command = [sys.executable, "-c", CODE.format(name)]
            taken.append(float(subprocess.run(command, capture_output=True, check=True).stdout))
    print()
    for name, taken in seconds.items():
        print(f"import {name:<20} median {statistics.median(taken):.3f} s")
