"""What comes in at the public doors is checked here, once; and tables have one face.

Every check returns clean NumPy or scipy.sparse data or raises an error that names the
argument, the place and the value. `arrays` is the one place that knows what may hold numbers,
`labels` what may hold labels, and what to do where two labelled things meet; `scalars` knows
numbers and seeds, and `tables` hides whether a table is dense.
"""

# ruff: noqa: F401

from contexture_lite._checks.arrays import (
    as_array,
    as_distribution,
    as_function,
    as_numbers,
    as_positions,
    as_singular_values,
    as_table,
    as_target,
    refuse_cells,
    rounding_unit,
)
from contexture_lite._checks.labels import (
    as_classes,
    columns_of,
    in_columns,
    in_order,
    index_of,
    kind_of_label,
    names_among,
    order_of,
    plain,
    row_by_row,
)
from contexture_lite._checks.scalars import as_count, as_generator, as_number
from contexture_lite._checks.tables import (
    as_dense,
    column,
    read_only,
    refuse_empty,
    scaled,
    sums,
    without_empty,
)
