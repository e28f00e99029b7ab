"""Small data sets of every published form, as their authors lay them out."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from PIL import Image

from pictures import write_picture

CUBE = """# a cube
v 0 0 0
v 1 0 0
v 1 1 0
v 0 1 0
v 0 0 1
v 1 0 1
v 1 1 1
v 0 1 1
vt 0 0
vn 0 0 1
f 4 3 2 1
f 5/1/1 6/1/1 7/1/1 8/1/1
f 1//1 2//1 6//1 5//1
f 2 3 7 6
f -6 -5 -1 -2
f 1 5 8 4
"""


def write_mask(path: Path, values: np.ndarray, mode: str = "L") -> Path:
    """Write the numbers of a mask as PNG: grey ("L") or with a palette ("P")."""
    path.parent.mkdir(parents=True, exist_ok=True)
    image = Image.fromarray(values.astype(np.uint8), "L")
    if mode == "P":
        image = Image.frombytes("P", image.size, image.tobytes())
        image.putpalette([7 * number % 256 for number in range(768)])
    image.save(path)
    return path


def mask_of(index: int, size: tuple[int, int] = (6, 8)) -> np.ndarray:
    """A mask of three classes, with a row that does not count."""
    values = (np.arange(size[0] * size[1]).reshape(size) + index) % 3
    values[-1] = 255
    return values.astype(np.uint8)


def mask_folders(root: Path, count: int = 20) -> Path:
    for index in range(count):
        write_picture(root / "images" / f"{index}.jpg", shade=5 * index)
        write_mask(root / "masks" / f"{index}.png", mask_of(index), "P" if index % 2 else "L")
    (root / "classes.txt").write_text("road\nsky\ntree\n")
    return root


def lfw(root: Path) -> Path:
    """Nine people of three pictures: three to learn, three to choose, three to judge."""
    people = [f"{first}_{last}" for first in ("Ada", "Bob", "Cleo") for last in ("Ash", "Birch", "Cedar")]
    for number, person in enumerate(people):
        for picture in (1, 2, 3):
            write_picture(root / "lfw" / person / f"{person}_{picture:04}.jpg", shade=20 * number + picture)
    for file, start, header in (("pairsDevTrain.txt", 0, "2"), ("pairsDevTest.txt", 3, "2"), ("pairs.txt", 6, "1\t2")):
        one, two, three = people[start : start + 3]
        rows = [f"{one}\t1\t2", f"{two}\t1\t3", f"{one}\t3\t{two}\t2", f"{two}\t2\t{three}\t1"]
        (root / file).write_text("\n".join([header, *rows]) + "\n")
    return root


def wider_face(root: Path) -> Path:
    lists = root / "wider_face_split"
    lists.mkdir(parents=True)
    for split, count in (("train", 12), ("val", 4)):
        lines = []
        for index in range(count):
            name = f"{index % 2}--Parade/{index % 2}_Parade_{index}.jpg"
            write_picture(root / f"WIDER_{split}" / "images" / name, (40, 60), shade=9 * index + len(split))
            faces = [f"{face} {2 * face} {5 + face} 8 {face % 3} 0 1 {face % 2} 2 0 " for face in range(index % 4)]
            lines += [name, str(len(faces)), *(faces or ["0 0 0 0 0 0 0 0 0 0 "])]
        (lists / f"wider_face_{split}_bbx_gt.txt").write_text("\n".join(lines) + "\n")
    return root


def write_pts(path: Path, points: list[tuple[float, float]]) -> None:
    rows = "".join(f"{x:.6f} {y:.6f}\n" for x, y in points)
    path.write_text(f"version: 1\nn_points:  {len(points)}\n{{\n{rows}}}\n")


def landmarks(root: Path, count: int = 12) -> Path:
    for index in range(count):
        picture = write_picture(root / "helen" / f"{index}.png", (30, 40), shade=7 * index)
        write_pts(picture.with_suffix(".pts"), [(point / 2 + 1, (point * index) % 29 + 1.25) for point in range(68)])
    return root


def paired_folders(root: Path, count: int = 20) -> Path:
    for index in range(count):
        write_picture(root / "trainA" / f"{index}.jpg", shade=3 * index)
        write_picture(root / "trainB" / f"{index}.png", shade=3 * index + 100)
    return root


def unpaired_folders(root: Path) -> Path:
    for domain, count in (("A", 20), ("B", 14)):
        for index in range(count):
            write_picture(root / f"train{domain}" / f"{domain.lower()}{index}.jpg", shade=3 * index + ord(domain))
    return root


def shape_net(root: Path) -> Path:
    for category in ("02691156", "03001627", "99999999"):
        for model in range(5):
            folder = root / category / f"{int(category) + model:x}"
            for view in range(2):
                write_picture(folder / "rendering" / f"{view:02}.png", shade=model * 9 + view + int(category) % 97)
            views = "230.5 27.2 0 0.8 25\n12 25.1 0 0.9 25"
            (folder / "rendering" / "rendering_metadata.txt").write_text(views)
            (folder / "models").mkdir()
            (folder / "models" / "model_normalized.obj").write_text(CUBE + f"# {model}\n")
    return root


def visual_genome(root: Path, count: int = 12) -> Path:
    regions, images = [], []
    for number in range(1, count + 1):
        write_picture(root / ("VG_100K" if number % 2 else "VG_100K_2") / f"{number}.jpg", (30, 40), shade=8 * number)
        images.append({"image_id": number, "width": 40, "height": 30, "coco_id": None, "url": f"x/{number}.jpg"})
        found = [
            {"region_id": 100 * number + row, "image_id": number, "x": row, "y": 2 * row, "width": 10, "height": 8,
             "phrase": f"the clock is green {row} – Uhr"}
            for row in range(number % 3)
        ]  # fmt: skip
        regions.append({"id": number, "regions": found})
    (root / "region_descriptions.json").write_text(json.dumps(regions))
    (root / "image_data.json").write_text(json.dumps(images))
    return root


def png_bytes(index: int) -> bytes:
    from io import BytesIO

    content = BytesIO()
    Image.fromarray((np.arange(48) + 5 * index).astype(np.uint8).reshape(6, 8)).save(content, format="PNG")
    return content.getvalue()


def parquet(root: Path, count: int = 40, group: int = 7) -> Path:
    import pyarrow
    import pyarrow.parquet

    root.mkdir(parents=True)
    features = {"image": {"_type": "Image"}, "label": {"names": ["cat", "dog", "owl", "yak"], "_type": "ClassLabel"}}
    image = pyarrow.struct([("bytes", pyarrow.binary()), ("path", pyarrow.string())])
    schema = pyarrow.schema(
        [("image", image), ("label", pyarrow.int64())],
        metadata={b"huggingface": json.dumps({"info": {"features": features}}).encode()},
    )
    cells = [{"bytes": png_bytes(row), "path": f"{row}.png"} for row in range(count)]
    table = pyarrow.table([pyarrow.array(cells, image), [row % 4 for row in range(count)]], schema=schema)
    pyarrow.parquet.write_table(table, root / "some.parquet", row_group_size=group)
    return root / "some.parquet"
