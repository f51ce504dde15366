"""Another processor, as far as one can be had without buying it.

Other vector units, for NumPy and PyTorch and for the linear algebra of both, and sums in the order
of two threads: where a number depends on these, it is right on one machine and wrong on the next.
"""

import os

ANOTHER = {"NPY_DISABLE_CPU_FEATURES": "X86_V3 X86_V4", "OPENBLAS_CORETYPE": "Nehalem",
           "ATEN_CPU_CAPABILITY": "default", "MKL_CBWR": "COMPATIBLE", "OMP_NUM_THREADS": "2"}
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
blas, = threadpool_info()
told = {name: os.environ.get(name) for name in ("ATEN_CPU_CAPABILITY", "MKL_CBWR")}
core = "OPENBLAS_CORETYPE" in os.environ and blas["architecture"]
print([__cpu_features__.get(name, False) for name in off], core, told, blas["num_threads"])
"""


def seen(environment):
    """What `LOOK` prints where this environment has arrived."""
    off = [False] * len(environment.get("NPY_DISABLE_CPU_FEATURES", "").split())
    told = {name: environment.get(name) for name in ("ATEN_CPU_CAPABILITY", "MKL_CBWR")}
    threads = min(int(environment["OMP_NUM_THREADS"]), os.cpu_count())
    return f"{off} {environment.get('OPENBLAS_CORETYPE', False)} {told} {threads}\n"
