"""Tables of results that come with the notebooks."""

from pathlib import Path

import pandas as pd

FOLDER = Path(__file__).parents[2] / "notebooks" / "data"


def read(path, command):
    """The table as a DataFrame.

    Raises FileNotFoundError where the package was installed without its notebooks; ``command``
    makes the table.
    """
    if not Path(path).exists():
        raise FileNotFoundError(f"{path} is not there: the package seems to be installed without "
                                f"the notebooks. `{command}` makes the table")
    return pd.read_csv(path)
