"""Another processor, as far as one can be had without buying it.

Other vector units, for NumPy and for PyTorch, and sums in the order of two threads: where a
number depends on these, it is right on one machine and wrong on the next.
"""

import os

ANOTHER = {"NPY_DISABLE_CPU_FEATURES": "X86_V3 X86_V4", "ATEN_CPU_CAPABILITY": "default",
           "OMP_NUM_THREADS": "2"}
# Nothing of the other processor: no number depends on it. Threads that wait for each other
# otherwise spin, which on cores that are shared costs three times the CPU seconds.
WITHOUT_SPINNING = {"OPENBLAS_THREAD_TIMEOUT": "4", "OMP_WAIT_POLICY": "PASSIVE"}
# To be run in a kernel: what it computes with.
LOOK = """
import os
import numpy
from numpy._core._multiarray_umath import __cpu_features__
from threadpoolctl import threadpool_info
off = os.environ.get("NPY_DISABLE_CPU_FEATURES", "").split()
print([__cpu_features__.get(name, False) for name in off], os.environ.get("ATEN_CPU_CAPABILITY"),
      [pool["num_threads"] for pool in threadpool_info()])
"""


def seen(environment):
    """What `LOOK` prints where this environment has arrived."""
    off = [False] * len(environment.get("NPY_DISABLE_CPU_FEATURES", "").split())
    threads = min(int(environment["OMP_NUM_THREADS"]), os.cpu_count())
    return f"{off} {environment.get('ATEN_CPU_CAPABILITY')} {[threads]}\n"
