"""Write a data set as WebDataset shards: a few large tar archives.

Many small files are slow to list, to copy and to read over a network; shards are not. Files of
pictures are copied as they are. The same data give the same bytes. FOLDER is a DATA for every
other command, and --out must be empty or not there yet.

for example:
  saccade data shard photos/ --out photos-shards
  saccade data shard photos/ --out photos-shards --size 1GB
"""

from __future__ import annotations

import argparse
import re
from pathlib import Path

from saccade.cli._streams import print_facts, print_json
from saccade.errors import BadConfig, printable

_UNITS = {"": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9, "KIB": 2**10, "MIB": 2**20, "GIB": 2**30}


def configure(parser: argparse.ArgumentParser) -> None:
    """Name the words of this verb.

    Args:
        parser: Takes them.

    Source: ours.
    """
    parser.add_argument("data", metavar="DATA", help="a folder, a file or a name")
    parser.add_argument("--out", metavar="FOLDER", required=True, help="where to; empty or not there yet")
    parser.add_argument("--size", metavar="SIZE", type=_size, default=256 * 10**6, help="of a shard (default 256MB)")
    parser.add_argument("--json", action="store_true", help="everything, as one JSON object")


def _size(text: str) -> int:
    found = re.fullmatch(r"(\d{1,12})\s*([KMG]I?B)?", text.strip().upper())
    if not found or not int(found[1]):
        raise argparse.ArgumentTypeError(f"got {text!r}; taken is a number of bytes, such as 256MB")
    return int(found[1]) * _UNITS[found[2] or ""]


def run(options: argparse.Namespace) -> int:
    """Write the shards, and count what is in them.

    Args:
        options: What the words said.

    Returns:
        0.

    Raises:
        BadConfig: If the folder is not empty.

    Source: ours.
    """
    from saccade.data.opening import open_data
    from saccade.data.place import refuse_inside
    from saccade.data.shards.writing import write_shards

    dataset = open_data(options.data, shares=(1.0, 0.0, 0.0))
    out = Path(options.out).expanduser()
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise BadConfig(
            f"got {printable(str(out))}, which is there and not empty; taken is a new folder; give another --out"
        )
    refuse_inside(out, dataset)
    written = write_shards(dataset, out, most_bytes=options.size)
    shards = sorted(path for path in out.iterdir() if path.suffix == ".tar")
    total = sum(path.stat().st_size for path in shards)
    if options.json:
        print_json(
            {"out": str(out), "shards": [path.name for path in shards], "bytes": total, "written": dict(written)}
        )
        return 0
    print_facts([
        ("shards", f"{len(shards):,}, together {total / 1e6:,.1f} MB"),
        *((kind, f"{count:,}") for kind, count in written.items()),
        ("out", printable(str(out))),
    ])  # fmt: skip
    return 0
