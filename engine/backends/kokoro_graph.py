"""The model's graph as this processor computes it soonest; the samples are those of the published one."""

from __future__ import annotations

import logging
import os
from hashlib import sha256
from pathlib import Path

from filelock import FileLock

FORM = "products-1"
"""Goes into the kept file's name: another form of the graph is another file."""

log = logging.getLogger(__name__)


def soonest(published: Path) -> bytes:
    """The serialised model.

    Where byte products are exact its convolutions are rewritten, once: the outcome is kept beside
    `published`, under a name with its own SHA-256, and made anew when it does not match.
    """
    from engine.backends.convolutions import multiplies_exactly

    if not multiplies_exactly():
        return published.read_bytes()
    return _kept(published) or _made(published)


def _kept(published: Path) -> bytes | None:
    for path in published.parent.glob(f"{published.stem}.{FORM}.*.onnx"):
        content = path.read_bytes()
        if path.name == _name(published, content):
            return content
    return None


def _made(published: Path) -> bytes:
    """One process rewrites, others that start meanwhile wait for what it keeps."""
    content = None
    try:
        with FileLock(published.with_name(f".{published.stem}.lock")):
            if kept := _kept(published):
                return kept
            content = _rewritten(published)
            _keep(published, content)
    except OSError as error:
        log.info("the rewritten model cannot be kept (%s); it is made again at each start", error)
    return _rewritten(published) if content is None else content


def _rewritten(published: Path) -> bytes:
    import onnx

    from engine.backends.convolutions import rewritten

    content: bytes = rewritten(onnx.load(str(published))).SerializeToString()
    return content


def _keep(published: Path, content: bytes) -> None:
    """Whole or not at all, even if this process is killed; other forms go."""
    target = published.with_name(_name(published, content))
    part = published.with_name(f".{published.stem}.part")
    with part.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    part.replace(target)
    _forget_others(target, published)


def _forget_others(kept: Path, published: Path) -> None:
    for path in published.parent.glob(f"{published.stem}.*.onnx"):
        if path != kept:
            path.unlink(missing_ok=True)


def _name(published: Path, content: bytes) -> str:
    return f"{published.stem}.{FORM}.{sha256(content).hexdigest()[:32]}.onnx"
