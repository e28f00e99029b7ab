"""ShapeNet: meshes of things by category, and pictures of each that were drawn from all around.

    ShapeNetRendering/02691156/1a04e3eab45ca15dd86060f189eb133/rendering/00.png … 23.png
                                                              rendering/rendering_metadata.txt
    ShapeNetCore.v1/02691156/1a04e3eab45ca15dd86060f189eb133/model.obj
    (or both in one tree, the mesh as models/model_normalized.obj or model.obj beside rendering)

The target of a picture is the mesh of what it shows, read when the picture is, with the view that the metadata state.
All pictures of one thing are in one split. A folder train, val or test above the categories is that split.

Source: Chang et al., "ShapeNet" (2015); the pictures and their metadata: Choy et al., "3D-R2N2" (2016).
"""

from __future__ import annotations

import hashlib
import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from saccade.data.files import Files, has_picture, ignored_of, list_pictures, sub_folders
from saccade.data.format import Format
from saccade.data.labels.meshes import read_mesh
from saccade.data.labels.split_names import SPLIT_NAMES
from saccade.data.labels.text_files import number_of, read_lines
from saccade.data.splitting import Splitting, complete
from saccade.errors import BadData, BadLabel, printable
from saccade.types.finding import Finding
from saccade.types.mesh import Mesh
from saccade.types.sample import DataSet

__all__ = ["shape_net"]

_NAMES = {
    "02691156": "airplane", "02828884": "bench", "02933112": "cabinet", "02958343": "car", "03001627": "chair",
    "03211117": "display", "03636649": "lamp", "03691459": "loudspeaker", "04090263": "rifle", "04256520": "sofa",
    "04379243": "table", "04401088": "telephone", "04530566": "watercraft",
}  # fmt: skip
_MESHES = ("models/model_normalized.obj", "model.obj", "model_normalized.obj", "models/model.obj")
_METADATA = "rendering_metadata.txt"


def shape_net() -> Format:
    """Meshes by category, with pictures of each."""
    return Format(
        "the folders of ShapeNet, with rendering and model.obj for each model", _open, _recognises, arranges=True
    )


@dataclass(frozen=True, eq=False)
class MeshFile:
    """A mesh in a file of its own, read when a picture of it is.

    Args:
        path: The file, relative to the root of the data.
        class_id: What it is a mesh of.
        view: Where the picture was taken from, as in `Mesh`.

    Source: ours.
    """

    path: str
    class_id: int
    view: tuple[float, ...] = ()

    @property
    def classes(self) -> tuple[int, ...]:
        """Its class."""
        return (self.class_id,)

    def placed(self, root: str, size: tuple[int, int]) -> Mesh:
        """Read the mesh.

        Args:
            root: The folder of the data.
            size: Not used: a mesh lies in space.

        Returns:
            The mesh.

        Raises:
            BadLabel: If it cannot be read, or is none.

        Source: ours.
        """
        del size
        try:
            return replace(read_mesh(Path(root, self.path)), class_id=self.class_id, view=self.view)
        except BadData as error:
            raise BadLabel(str(error)) from error

    def digest(self, root: str) -> str:
        """Hash the file and the view."""
        try:
            content = Path(root, self.path).read_bytes()
        except OSError:
            return ""
        return hashlib.sha256(content + repr((self.class_id, self.view)).encode()).hexdigest()


@dataclass(frozen=True)
class _Model:
    """A thing: its split ("" where none is said), category, name, and the folders of pictures and mesh."""

    split: str
    category: str
    pictures: Path
    mesh: Path | None


def _recognises(path: Path) -> bool:
    return path.is_dir() and any(_pictures_of(model) and has_picture(model) for model in _model_folders(path))


def _is_category(folder: Path) -> bool:
    return len(folder.name) == 8 and folder.name.isascii() and folder.name.isdecimal()


def _trees(root: Path) -> list[tuple[str, Path]]:
    """The folders that hold categories, each with the split that its name says."""
    inner = [folder for folder in sub_folders(root) if not _is_category(folder)]
    places = [root, *inner] if any(map(_is_category, sub_folders(root))) else inner
    splits = [(SPLIT_NAMES.get(place.name.lower(), "") if place != root else "", place) for place in places]
    return [(split, place) for split, place in splits if any(map(_is_category, sub_folders(place)))]


def _model_folders(root: Path) -> Iterator[Path]:
    """A few models of each tree."""
    for _, tree in _trees(root):
        for category in [folder for folder in sub_folders(tree) if _is_category(folder)][:5]:
            yield from sub_folders(category)[:5]


def _pictures_of(model: Path) -> Path | None:
    return model / "rendering" if (model / "rendering").is_dir() else None


def _open(place: str, splitting: Splitting) -> DataSet:
    root, ignored = Path(place), Counter[str]()
    findings: list[Finding] = []
    models = list(_models(root, findings))
    categories = sorted({model.category for model in models})
    if not models:
        raise BadData(
            f"got {printable(place)} without a model that has both pictures and a mesh; taken are folders rendering "
            "and files model.obj of the same names; unpack ShapeNetRendering and ShapeNetCore into one folder"
        )
    ids = {category: number for number, category in enumerate(categories)}
    by_folder = {model.pictures.relative_to(root).as_posix(): model for model in models}
    given = {}
    for split in {model.split or "train" for model in models}:
        chosen = [folder for folder, model in by_folder.items() if (model.split or "train") == split]
        given[split] = Files(str(root), tuple(chosen), tuple(ids[by_folder[folder].category] for folder in chosen))
    splits = {}
    for split, things in complete(given, splitting).items():  # things are cut into splits, then come their pictures
        assert isinstance(things, Files)
        rows = [row for folder in things.paths for row in _rows(root, by_folder[folder], ids, ignored)]
        splits[split] = Files(str(root), tuple(path for path, _ in rows), tuple(mesh for _, mesh in rows))
    labels = tuple(_NAMES.get(category, category) for category in categories)
    return DataSet(
        root.name or "shape_net", labels, splits, "mesh", origin=ignored_of(ignored), findings=tuple(findings)
    )


def _models(root: Path, findings: list[Finding]) -> Iterator[_Model]:
    """Each thing that has pictures and a mesh."""
    folders = [
        (split, category.name, model)
        for split, tree in _trees(root)
        for category in sub_folders(tree)
        if _is_category(category)
        for model in sub_folders(category)
    ]
    meshes = {}
    for _, category, model in folders:
        file = next((model / name for name in _MESHES if (model / name).is_file()), None)
        if file:
            meshes.setdefault((category, model.name), file)
    for split, category, model in folders:
        pictures, mesh = _pictures_of(model), meshes.get((category, model.name))
        if pictures is None:
            continue
        key = pictures.relative_to(root).as_posix()
        if mesh is None:
            message = "got pictures of a thing without its mesh; taken are both; add model.obj"
            findings.append(Finding("missing-label", message, key=key))
        elif not has_picture(pictures):
            message = "got a folder without a picture; taken is one at least; draw it again"
            findings.append(Finding("missing-image", message, key=key))
        else:
            yield _Model(split, category, pictures, mesh)


def _rows(root: Path, model: _Model, ids: dict[str, int], ignored: Counter[str]) -> Iterator[tuple[str, MeshFile]]:
    """The pictures of a thing, each with its mesh and view."""
    assert model.mesh is not None
    metadata, above = model.pictures / _METADATA, model.pictures.relative_to(root).as_posix()
    views = [_view(line) for line in read_lines(metadata, 1 << 20)] if metadata.is_file() else []
    mesh = model.mesh.relative_to(root).as_posix()
    for path in list_pictures(model.pictures, ignored):
        stem = path.rpartition(".")[0]
        row = int(stem) if stem.isascii() and stem.isdecimal() and len(stem) < 6 else len(views)
        view = views[row] if row < len(views) else ()
        yield f"{above}/{path}", MeshFile(mesh, ids[model.category], view)


def _view(line: str) -> tuple[float, ...]:
    """Azimuth, elevation, in-plane rotation, distance and field of view; empty where a line says something else."""
    numbers = tuple(number_of(word) for word in line.split())
    return numbers if len(numbers) == 5 and not any(map(math.isnan, numbers)) else ()
