from pathlib import Path

import saccade


def test_the_model_is_written_where_it_was_asked_for(saccade_command, monkeypatch):
    asked = []

    def export(model, path=None):
        asked.append((model, path))
        return Path(path or "runs/a.safetensors")

    monkeypatch.setitem(vars(saccade), "export", export)
    assert saccade_command("export", "runs/a") == (0, "runs/a.safetensors\n", "")
    assert saccade_command("export", "runs/a", "--out", "b.safetensors") == (0, "b.safetensors\n", "")
    assert asked == [("runs/a", None), ("runs/a", "b.safetensors")]
