"""Keep large tensors' memory in the process, so that Linux need not fault it in again at every step.

glibc asks the system anew for each block above 32 MiB, and gives it back when it is freed: a training step then touches
tens of thousands of fresh pages. Three settings, made before torch loads, keep the pages, and make them large.
The price is that the process keeps the most memory it ever used. `saccade` on the command line does this when it starts
(`SACCADE_MEMORY=0` turns it off); a program that imports saccade is left alone, unless it calls `tune_memory()`.
"""

from __future__ import annotations

import os
import sys
from typing import Any

_TRIM_THRESHOLD, _MMAP_THRESHOLD, _MMAP_MAX = -1, -3, -4  # the numbers of the settings in glibc's malloc.h
_LARGE = 1 << 30
_NEVER = -1


def tune_memory() -> bool:
    """Ask glibc to keep freed memory and torch to use large pages; does nothing where there is no glibc.

    Call it before torch is imported. Later than that, glibc still keeps the memory, but torch no longer looks whether
    to use large pages. It never raises.

    Returns:
        Whether everything was set: False elsewhere than on Linux with glibc, and when torch was imported before.

    Source: mallopt(3); torch's c10/core/alignment.h for THP_MEM_ALLOC_ENABLE; the measurement is in benchmarks/.

    Example:
        >>> import saccade
        >>> saccade.tune_memory() in (True, False)
        True
    """
    mallopt = _mallopt()
    if mallopt is None:
        return False
    kept = mallopt(_MMAP_THRESHOLD, _LARGE) == 1 or mallopt(_MMAP_MAX, 0) == 1  # glibc < 2.35 refuses above 32 MiB
    kept = mallopt(_TRIM_THRESHOLD, _NEVER) == 1 and kept
    in_time = "torch" not in sys.modules
    os.environ.setdefault("THP_MEM_ALLOC_ENABLE", "1")
    return kept and in_time


def _mallopt() -> Any:
    """The C library's mallopt, or None where it is not glibc's."""
    if sys.platform != "linux":
        return None
    try:
        import ctypes

        library = ctypes.CDLL(None)
        if not hasattr(library, "gnu_get_libc_version"):
            return None
        library.mallopt.argtypes, library.mallopt.restype = [ctypes.c_int, ctypes.c_int], ctypes.c_int
        return library.mallopt
    except (ImportError, OSError, AttributeError):
        return None
