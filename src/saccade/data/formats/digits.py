"""The handwritten digits that scikit-learn carries: 1,797 pictures of 8×8 pixels and 17 grey levels, no download.

Source: the test set of E. Alpaydin and C. Kaynak, Optical Recognition of Handwritten Digits, UCI, 1998.
"""

from __future__ import annotations

import numpy as np

from saccade.data.arrays import open_arrays
from saccade.data.format import Format
from saccade.data.splitting import Splitting
from saccade.errors import BadConfig, printable
from saccade.types.sample import DataSet

__all__ = ["digits"]


def digits() -> Format:
    """The 1,797 handwritten digits of scikit-learn, cut into train, val and test by the seed."""
    return Format('"digits" for 1,797 real handwritten digits, there without a download', _open)


def _open(options: str, splitting: Splitting) -> DataSet:
    if options:
        raise BadConfig(f"got digits:{printable(options)}; taken is digits alone, it has no options; leave them out")
    from sklearn.datasets import load_digits

    levels, target = load_digits(return_X_y=True)
    images = np.round(np.asarray(levels).reshape(-1, 8, 8) * (255 / 16)).astype(np.uint8)
    return open_arrays((images, np.asarray(target)), splitting, "digits")
