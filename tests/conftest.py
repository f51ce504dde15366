"""What all tests share: thread counts, Hypothesis's pace, and a watch on the notebooks."""

import os
import re

# Two workers on two cores: more threads only get in each other's way. Before numpy is imported,
# whose OpenBLAS looks here too (`make test` asks for two threads the second time).
os.environ.setdefault("OMP_NUM_THREADS", "1")

import hypothesis

# The same examples on every machine, and no deadline: a busy machine is not a failure.
hypothesis.settings.register_profile("course", derandomize=True, deadline=None, database=None)
hypothesis.settings.load_profile("course")


def pytest_configure(config):
    """The table of the notebooks' costs; a conftest here would not see the notebooks' folder."""
    import costs

    config.pluginmanager.register(costs)


def pytest_xdist_make_scheduler(config, log):
    """A file's tests go to one worker and share what is slow to make.

    The longest file by far, every notebook in the browser, is dealt in two: the notebooks with
    an even number and those with an odd one.
    """
    from xdist.scheduler import LoadFileScheduling

    class ByFile(LoadFileScheduling):
        def _split_scope(self, nodeid):
            file = nodeid.partition("::")[0]
            number = re.search(r"test_notebooks\.py::.*\[(\d\d)_", nodeid)
            return f"{file}, {int(number[1]) % 2}" if number else file

    return ByFile(config, log) if config.option.dist == "loadfile" else None
