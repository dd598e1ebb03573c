"""A model bundle's folder: read and verified, its manifest replaced whole."""

import hashlib
import json
import os
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import jsonschema

from .refuse import Refused

SCHEMA = Path(__file__).parents[2] / "manifest.schema.json"
CPU_FEATURES = ("avx2", "avx512f", "avx512_vnni", "avx_vnni", "asimddp", "i8mm")


@dataclass(frozen=True)
class Bundle:
    folder: Path
    manifest: dict

    @property
    def name(self) -> str:
        return f"{self.manifest['name']}@{self.manifest['version']}"

    def graphs(self, variant: str | None = None) -> list[dict]:
        """Entries of the manifest's files, of one variant or of all."""
        return [file for file in self.manifest["files"] if variant in (None, file["variant"])]


def read_bundle(folder: Path) -> Bundle:
    """Reads a bundle and verifies its manifest and every sha256."""
    file = folder / "manifest.json"
    try:
        manifest = json.loads(file.read_text())
    except OSError as error:
        raise Refused(f'"{folder}": expected a model bundle, found no manifest.json; make one with "tierwatch model import"') from error
    except ValueError as error:
        raise Refused(f'"{file}": expected JSON, found text that is none; make the bundle again') from error
    version = manifest.get("schemaVersion") if isinstance(manifest, dict) else None
    if isinstance(version, int) and version > 1:
        raise Refused(f'"{file}": expected schemaVersion 1, found {version}: made by a newer Tierwatch; update this one')
    require_valid(manifest, str(file))
    for one in manifest["files"]:
        graph = folder / one["file"]
        found = sha256_of(graph) if graph.is_file() else "no file"
        if found != one["sha256"]:
            raise Refused(f'"{graph}": expected sha256 {one["sha256"]}, found {found}; make the bundle again')
    return Bundle(folder, manifest)


@cache
def manifest_schema() -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text()))


def require_valid(manifest, subject: str) -> None:
    """Refuses a manifest that breaks the schema that core publishes."""
    error = next(iter(manifest_schema().iter_errors(manifest)), None)
    if error:
        place = ".".join(str(part) for part in error.absolute_path) or "manifest"
        raise Refused(f'"{subject}": {place}: {error.message[:200]}; make the bundle again')


def write_manifest(folder: Path, manifest: dict) -> None:
    """Replaces manifest.json in one step: aside, then renamed."""
    require_valid(manifest, str(folder / "manifest.json"))
    write_text(folder / "manifest.json", json.dumps(manifest, indent=2, ensure_ascii=False) + "\n")


def write_text(file: Path, text: str) -> None:
    """Writes a whole file or none."""
    aside = file.with_name(f".{file.name}.{os.getpid()}.part")
    try:
        aside.write_text(text)
        os.replace(aside, file)
    finally:
        aside.unlink(missing_ok=True)


def sha256_of(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def cpu_features(cpuinfo: Path = Path("/proc/cpuinfo")) -> list[str]:
    """Features of this CPU that matter to inference, as the runtime names them."""
    try:
        lines = cpuinfo.read_text().splitlines()
    except OSError:
        return []
    line = next((one for one in lines if one.startswith(("flags", "Features"))), "")
    flags = set(line.partition(":")[2].split())
    return [feature for feature in CPU_FEATURES if feature in flags]
