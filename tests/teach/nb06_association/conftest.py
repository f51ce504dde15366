"""The sweep of one table, made once for the live picture and for the table that is shipped."""

import pytest

from contexture_lite.teach.nb06_association import results


@pytest.fixture(scope="session")
def swept():
    """The sweep of one table, as the shipped file holds it."""
    return results.make(["wine"], n_jobs=1, progress=False).round(5)
