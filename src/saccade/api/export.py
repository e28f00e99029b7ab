"""The verb export: a trained model, leaving.

Source: ours.
"""

from __future__ import annotations

from pathlib import Path

from saccade.api.predictor import Predictor, load
from saccade.api.run import Run
from saccade.errors import BadConfig
from saccade.exports.model_file import save_model


def export(model: str | Path | Run | Predictor, path: str | Path | None = None) -> Path:
    """Write a model as one safetensors file, with everything in its header that is needed to predict.

    Args:
        model: A run, its folder, a model file, or a predictor.
        path: The file to write; by default `<run>.safetensors` beside the run's folder.

    Returns:
        The file.

    Raises:
        BadConfig: If the name does not end in .safetensors, or none is given and there is no run to name it after.
        StorageFull: If the disk is full.

    Source: ours.
    """
    if path is None:
        if not isinstance(model, Run) and not (isinstance(model, str | Path) and Path(model).expanduser().is_dir()):
            raise BadConfig("got no name for the file; taken is a path that ends in .safetensors; give one")
        folder = model.path if isinstance(model, Run) else Path(model).expanduser()
        folder = folder if folder.name not in ("", "..") else folder.resolve()
        path = folder.parent / f"{folder.name}.safetensors"
    path = Path(path).expanduser()
    if path.suffix != ".safetensors":
        raise BadConfig(f"got {path.name!r}; taken is a name that ends in .safetensors; other formats come later")
    predictor = load(model, device="cpu")
    save_model(path, predictor.network, predictor.description)
    return path
