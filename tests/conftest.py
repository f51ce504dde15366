"""What all tests share: thread counts, Hypothesis's pace, and the table of the notebooks' costs."""

import os

# Two workers on two cores: more threads only get in each other's way. Before numpy is imported.
for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(name, "1")

import hypothesis  # noqa: E402

# The same examples on every machine, and no deadline: a busy machine is not a failure.
hypothesis.settings.register_profile("course", derandomize=True, deadline=None, database=None)
hypothesis.settings.load_profile("course")


def pytest_terminal_summary(terminalreporter):
    """Seconds and peak memory of each notebook, from what test_costs.py recorded."""
    reports = [*terminalreporter.getreports("passed"), *terminalreporter.getreports("failed")]
    found = [dict(report.user_properties) for report in reports if report.when == "call"]
    rows = sorted((row for row in found if "seconds" in row), key=lambda row: row["notebook"])
    if rows:
        terminalreporter.section("notebooks: seconds and peak memory")
        for row in rows:
            terminalreporter.write_line(
                f"{row['notebook']:<40} {row['seconds']:>6.1f} s {row['peak_megabytes']:>6} MB"
            )
