"""A further variant of a bundle's fp32 graphs: made aside, then in its place with report and manifest, or not at all."""

import json
import os
import tempfile
from pathlib import Path

from .bundle import Bundle, sha256_of, write_manifest, write_text
from .refuse import Refused


def add_variant(bundle: Bundle, variant: str, make, report) -> list[tuple[dict, dict, dict]]:
    """Adds a graph of `variant` for every fp32 graph; an earlier one and what was measured of it go.

    `make(entry, source, target)` writes one and says what there is to say of it; `report(said)` is
    `{file name: JSON}` of reports/. Returns (fp32 entry, new entry, what make said) of each.
    """
    plain = bundle.graphs("fp32")
    if not plain:
        raise Refused(f'"{bundle.folder}": expected an fp32 graph to make {variant} of, found {", ".join(one["variant"] for one in bundle.graphs())}; import the weights again')
    files, said, fresh = [], [], []
    try:
        for one in plain:
            height, width = one["heightPx"], one["widthPx"]
            with tempfile.TemporaryDirectory() as aside:
                made = Path(aside) / f"{variant}.onnx"
                said.append({"heightPx": height, "widthPx": width, **make(one, bundle.folder / one["file"], made)})
                file = free_name(bundle, f"{variant}-{height}x{width}", sha256_of(made))
                place(made, bundle.folder / file, fresh)
            files.append({"variant": variant, "heightPx": height, "widthPx": width, "file": file, "sha256": sha256_of(bundle.folder / file), "bytes": (bundle.folder / file).stat().st_size})
        (bundle.folder / "reports").mkdir(exist_ok=True)
        write_manifest(bundle.folder, with_variant(bundle.manifest, variant, files))
    except BaseException:
        for file in fresh:
            file.unlink(missing_ok=True)
        raise
    for name, content in report(said).items():
        write_text(bundle.folder / "reports" / name, json.dumps(content, indent=2) + "\n")
    for file in {one["file"] for one in bundle.graphs(variant)} - {one["file"] for one in files}:
        (bundle.folder / file).unlink(missing_ok=True)
    return list(zip(plain, files, said))


def free_name(bundle: Bundle, stem: str, sha256: str) -> str:
    """A name that no graph of other bytes has, so that the old manifest stays true until the new one is there."""
    taken = {one["file"]: one["sha256"] for one in bundle.graphs()}
    return f"{stem}.onnx" if taken.get(f"{stem}.onnx", sha256) == sha256 else f"{stem}-{sha256[:8]}.onnx"


def place(made: Path, target: Path, fresh: list[Path]) -> None:
    """Copies a graph beside its place and renames it there."""
    if not target.exists():
        fresh.append(target)
    aside = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        aside.write_bytes(made.read_bytes())
        os.replace(aside, target)
    finally:
        aside.unlink(missing_ok=True)


def with_variant(manifest: dict, variant: str, files: list[dict]) -> dict:
    """The manifest with these graphs of a variant; what was measured of earlier ones goes."""
    benchmarks = [{**one, "rows": [row for row in one["rows"] if row["variant"] != variant]} for one in manifest["benchmarks"]]
    return {
        **manifest,
        "files": [one for one in manifest["files"] if one["variant"] != variant] + files,
        "benchmarks": [one for one in benchmarks if one["rows"]],
        "choice": [one for one in manifest["choice"] if one["variant"] != variant],
        "accuracy": [one for one in manifest["accuracy"] if one["variant"] != variant],
    }
