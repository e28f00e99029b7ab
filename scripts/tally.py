"""Add up what the two pytest processes of `./do test` did, say it in one line, and record it under --full.

Usage: tally.py FOLDER [--record]

FOLDER holds what `pytest --junitxml` wrote. A test adds a figure to the record with pytest's `record_property`.
"""

from __future__ import annotations

import datetime
import json
import platform
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

RESULTS = Path(__file__).parent.parent / "benchmarks" / "results" / "tests.jsonl"


def tally(folder: Path) -> dict[str, Any]:
    """Count the tests and gather their figures.

    Args:
        folder: Where the XML files are.

    Returns:
        The counts, the seconds, and each figure under "test: figure".
    """
    counts = {"passed": 0, "failed": 0, "skipped": 0}
    seconds, figures = 0.0, {}
    for path in sorted(folder.glob("*.xml")):
        for suite in ElementTree.parse(path).getroot().iter("testsuite"):
            numbers = {name: int(suite.get(name, 0)) for name in ("tests", "failures", "errors", "skipped")}
            failed = numbers["failures"] + numbers["errors"]
            counts["failed"] += failed
            counts["skipped"] += numbers["skipped"]
            counts["passed"] += numbers["tests"] - failed - numbers["skipped"]
            seconds += float(suite.get("time", 0))
        for case in ElementTree.parse(path).getroot().iter("testcase"):
            for figure in case.iter("property"):
                figures[f"{case.get('name')}: {figure.get('name')}"] = figure.get("value")
    return {**counts, "seconds": round(seconds, 1), "figures": figures}


def record(result: dict[str, Any]) -> None:
    """Append a result with its date, commit and machine to benchmarks/results/tests.jsonl."""
    commit = subprocess.run(["git", "describe", "--always", "--dirty"], capture_output=True, text=True, check=False)
    line = {
        "date": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "commit": commit.stdout.strip() or "unknown",
        "python": platform.python_version(),
        "torch": version("torch"),
        "machine": f"{platform.system()} {platform.machine()}",
        **result,
    }
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    with RESULTS.open("a", encoding="utf-8") as file:
        file.write(json.dumps(line, ensure_ascii=False) + "\n")


def main() -> int:
    """Print the one line; the exit code is 1 when anything failed or nothing ran."""
    result = tally(Path(sys.argv[1]))
    if "--record" in sys.argv[2:]:
        record(result)
    passed, failed, skipped = (result[name] for name in ("passed", "failed", "skipped"))
    ran = passed + failed
    print(f"./do test: {passed} passed, {failed} failed, {skipped} skipped, in {result['seconds']:.0f} s")
    return int(failed > 0 or ran == 0)


if __name__ == "__main__":
    sys.exit(main())
