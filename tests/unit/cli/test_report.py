from pathlib import Path
from types import SimpleNamespace

import saccade


def test_the_card_is_written_where_it_was_asked_for(saccade_command, monkeypatch):
    asked = []

    def run(path):
        return SimpleNamespace(
            report=lambda out, seconds: asked.append((path, out, seconds)) or Path(out or f"{path}/card.html")
        )

    monkeypatch.setitem(vars(saccade), "Run", run)
    assert saccade_command("report", "runs/a") == (0, "runs/a/card.html\n", "")
    assert saccade_command("report", "runs/a", "--out", "b.html") == (0, "b.html\n", "")
    assert saccade_command("report", "runs/a", "--seconds", "0") == (0, "runs/a/card.html\n", "")
    assert asked == [("runs/a", None, 20.0), ("runs/a", "b.html", 20.0), ("runs/a", None, 0.0)]
