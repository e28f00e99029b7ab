"""The type checker that tests put on every function: beartype, which takes an int where a float is written."""

from __future__ import annotations

from beartype import BeartypeConf, beartype

checked = beartype(conf=BeartypeConf(is_pep484_tower=True))
