"""The sweep of one table, made once for the live picture and for the table that is shipped."""

import pytest

import contexture_lite as cl


@pytest.fixture(scope="session")
def swept():
    """The sweep of one table, as the shipped file holds it."""
    return cl.sweep(["wine"], n_jobs=1, progress=False).round(5)
