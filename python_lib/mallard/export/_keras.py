"""Keras on TensorFlow; every other module imports `keras` from here.

Of Keras's backends, only TensorFlow takes texts.
"""

import os

from mallard.errors import MallardError
from mallard.kmeans import _tensorflow  # before Keras imports TensorFlow, so that this doesn't greet

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
import keras

if keras.backend.backend() != "tensorflow":
    raise MallardError(f"Keras runs on {keras.backend.backend()}, which takes no texts: set KERAS_BACKEND=tensorflow.")

__all__ = ["_tensorflow", "keras"]
