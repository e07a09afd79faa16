"""A segmentation as a SavedModel, which TensorFlow serves without Python."""

from __future__ import annotations

import re
from pathlib import Path

from mallard.errors import MallardError
from mallard.export.as_keras import keras_model
from mallard.tables.stored import StoredSegmentation

NAME_OF_INPUT = re.compile(r"[A-Za-z0-9.][A-Za-z0-9_.\\>-]*")
"""What TensorFlow takes as the name of an input."""


def write_saved_model(stored: StoredSegmentation, folder: Path) -> None:
    """Write the Keras model as a SavedModel, whose signature has an input for each raw column.

    Raises:
        MallardError: TensorFlow can't have an input of a column's name.
    """
    for column in stored.columns:
        if not NAME_OF_INPUT.fullmatch(column.name):
            raise MallardError(
                f"column {column.name} has a name that TensorFlow can't serve: give it one of ASCII letters, digits "
                "and underscores in the select, or export another format."
            )
    keras_model(stored).export(folder, verbose=False)
