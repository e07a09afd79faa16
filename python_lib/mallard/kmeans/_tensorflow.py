"""TensorFlow without Keras and without its greetings; every other module imports `tf` from here.

Importing TensorFlow also loads Keras, unless the environment asks for legacy Keras. Mallard uses neither, and skipping
Keras makes the import three times as fast.

TensorFlow also writes lines about its processor, oneDNN and XLA to stderr, from C++, where Python's logging has no say.
It reads what may be written once, at its import. The kernels here don't use oneDNN, so that the line about it is
avoided by switching it off. What the user has set counts.

The environment is restored afterwards, so that callers who want `tf.keras` still get the current version.
"""

import os

_QUIET = {"TF_CPP_MIN_LOG_LEVEL": "2", "TF_ENABLE_ONEDNN_OPTS": "0"}

_before = dict(os.environ)
os.environ.update({**_QUIET, **_before, "TF_USE_LEGACY_KERAS": "1"})
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
    for _name in (*_QUIET, "TF_USE_LEGACY_KERAS"):
        if _name in _before:
            os.environ[_name] = _before[_name]
        else:
            del os.environ[_name]

__all__ = ["tf"]
