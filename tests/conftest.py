"""What all tests share: thread counts, Hypothesis's pace, and a watch on the notebooks."""

import os

# A worker or more for every core: more threads only get in each other's way. Before numpy is
# imported, whose OpenBLAS looks here too (`make test` asks for two threads the second time).
os.environ.setdefault("OMP_NUM_THREADS", "1")

import hypothesis

# The same examples on every machine, and no deadline: a busy machine is not a failure.
hypothesis.settings.register_profile("course", derandomize=True, deadline=None, database=None)
hypothesis.settings.load_profile("course")


def pytest_configure(config):
    """The table of the notebooks' costs; a conftest here would not see the notebooks' folder."""
    import costs

    config.pluginmanager.register(costs)
