"""`make manifests`: archives that install, with the hub's address in them and the same bytes every time."""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MANIFESTS = ROOT / "manifests"
HUB = "https://speak.example.org"


def built(to: Path, *arguments: str, script: Path = MANIFESTS / "archives.py") -> str:
    done = subprocess.run(
        [sys.executable, str(script), "--to", str(to), *arguments], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def refused(to: Path, *arguments: str, script: Path = MANIFESTS / "archives.py") -> str:
    done = subprocess.run(
        [sys.executable, str(script), "--to", str(to), *arguments], capture_output=True, text=True
    )
    assert done.returncode != 0
    return done.stderr


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A copy of the script beside a WordPress plugin and an npm package that has to be built."""
    home = tmp_path / "manifests"
    files = {
        "shop/sayhook-voice.php": "<?php\n/*\n * Plugin Name: Sayhook\n */\nconst HUB = 'https://voice.example.com';\n",
        "shop/readme.txt": "=== Sayhook ===\n",
        "shop/tests/test.php": "<?php\n",
        "shop/.env": "SECRET=1\n",
        "lib/package.json": json.dumps(
            {
                "name": "@sayhook/lib",
                "version": "1.2.3",
                "files": ["dist"],
                "scripts": {
                    "build": "node -e \"fs.mkdirSync('dist');fs.writeFileSync('dist/index.js','1')\"",
                },
            }
        ),
        "lib/README.md": "# Lib\n",
        "lib/dist/old.js": "0",
        "lib/src/index.ts": "1",
    }
    for name, text in files.items():
        path = home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    shutil.copy(MANIFESTS / "archives.py", home)
    return home


def test_the_same_files_give_the_same_bytes_whenever_they_were_written(home: Path, tmp_path: Path) -> None:
    script = home / "archives.py"
    first = built(tmp_path / "one", script=script)
    for path in home.rglob("*"):
        os.utime(path, (1_000_000_000, 1_000_000_000))
    second = built(tmp_path / "two", script=script)
    names = ["sayhook-lib-1.2.3.tgz", "sayhook-shop.zip"]
    assert sorted(path.name for path in (tmp_path / "one").iterdir()) == names
    for name in names:
        data = (tmp_path / "one" / name).read_bytes()
        assert data == (tmp_path / "two" / name).read_bytes()
        assert hashlib.sha256(data).hexdigest() in first
        assert hashlib.sha256(data).hexdigest() in second


def test_a_plugin_lies_in_its_own_folder_and_a_package_holds_what_it_was_built_into(
    home: Path, tmp_path: Path
) -> None:
    built(tmp_path / "out", "--hub", f"{HUB}/", script=home / "archives.py")
    with zipfile.ZipFile(tmp_path / "out" / "sayhook-shop.zip") as archive:
        assert archive.namelist() == ["sayhook-voice/readme.txt", "sayhook-voice/sayhook-voice.php"]
        assert f"'{HUB}'".encode() in archive.read("sayhook-voice/sayhook-voice.php")
    data = (tmp_path / "out" / "sayhook-lib-1.2.3.tgz").read_bytes()
    with tarfile.open(fileobj=io.BytesIO(data)) as package:
        assert package.getnames() == ["package/README.md", "package/dist/index.js", "package/package.json"]


def test_what_cannot_be_built_says_why(home: Path, tmp_path: Path) -> None:
    script = home / "archives.py"
    assert "There is no wordpress in manifests/; there are lib, shop." in refused(
        tmp_path, "wordpress", script=script
    )
    assert "must be an address" in refused(tmp_path, "--hub", "voice.example.org", script=script)
    package = json.loads((home / "lib/package.json").read_text("utf-8"))
    package["scripts"]["build"] = "node -e \"console.error('no such type');process.exit(2)\""
    (home / "lib/package.json").write_text(json.dumps(package), "utf-8")
    said = refused(tmp_path, "lib", script=script)
    assert "npm run build failed in manifests/lib" in said
    assert "no such type" in said


def test_make_builds_ours(tmp_path: Path) -> None:
    """Everything in manifests/ that needs no build, by the command people are told."""
    folders = [path for path in MANIFESTS.iterdir() if path.is_dir()]
    plain = sorted(path.name for path in folders if not _is_npm_package(path))
    only = f"ONLY={' '.join(plain)} --to {tmp_path}"
    done = subprocess.run(["make", "manifests", f"HUB={HUB}", only], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == [f"sayhook-{name}.zip" for name in plain]
    for path in tmp_path.iterdir():
        with zipfile.ZipFile(path) as archive:
            assert archive.testzip() is None
            assert not any(b"https://voice.example.com" in archive.read(name) for name in archive.namelist())


def _is_npm_package(folder: Path) -> bool:
    path = folder / "package.json"
    return path.is_file() and not json.loads(path.read_text("utf-8")).get("private")
