"""The `voxcpm` package with what its inference needs, in a folder of its own, made once for each user.

Whole, the package brings 75 more (a web interface, data sets, other speech models) of which inference imports
none. So a second folder is laid over this environment, whose torch and the rest serve it.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

from filelock import FileLock

PACKAGES = (
    "voxcpm==2.0.3",
    "transformers==5.23.0",
    "safetensors==0.8.0",
    "einops==0.8.2",
    "librosa==0.11.0",
    "audioread==3.1.0",
    "decorator==5.3.1",
    "lazy-loader==0.6",
    "llvmlite==0.50.0",
    "msgpack==1.2.4",
    "numba==0.68.1",
    "platformdirs==4.14.7",
    "pooch==1.9.0",
    "scikit-learn==1.9.1",
    "soxr==1.1.0",
    "threadpoolctl==3.8.0",
)


def prepare() -> Path:
    """The folder to put on the module path; downloads 120 MB the first time."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    made_for = " ".join([sys.version, sys.platform, *PACKAGES])
    name = f"voxcpm-{hashlib.sha256(made_for.encode()).hexdigest()[:12]}"
    folder = cache / "sayhook" / "test-environments" / name
    folder.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(folder.with_suffix(".lock")):
        if not folder.is_dir():
            _install(folder)
    return folder


def _install(folder: Path) -> None:
    unfinished = folder.with_suffix(".unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run(
        [*pip, "--no-deps", "--only-binary", ":all:", "--target", str(unfinished), *PACKAGES], check=True
    )
    unfinished.rename(folder)
