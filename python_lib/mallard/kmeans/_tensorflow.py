"""TensorFlow without Keras; every other module imports `tf` from here.

Importing TensorFlow also loads Keras, unless the environment asks for legacy Keras. Mallard uses neither, and skipping
Keras makes the import three times as fast. The environment is restored afterwards, so that callers who want `tf.keras`
still get the current version.
"""

import os

_LEGACY_KERAS = "TF_USE_LEGACY_KERAS"

_before = os.environ.get(_LEGACY_KERAS)
os.environ[_LEGACY_KERAS] = "1"
try:
    import tensorflow as tf
except ModuleNotFoundError as error:
    if error.name != "tensorflow":
        raise
    raise ModuleNotFoundError(
        "mallard needs TensorFlow: pip install tensorflow-cpu, or any other distribution of TensorFlow.",
        name=error.name,
    ) from None
except Exception as error:  # two distributions in one folder, or others' versions that don't fit, fail in many ways
    raise ImportError(str(error) or type(error).__name__, name="tensorflow") from error
finally:
    if _before is None:
        del os.environ[_LEGACY_KERAS]
    else:
        os.environ[_LEGACY_KERAS] = _before

__all__ = ["tf"]
