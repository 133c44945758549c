"""The model's graph as this processor computes it soonest; the samples are those of the published one."""

from __future__ import annotations

import logging
import os
from hashlib import sha256
from pathlib import Path
from tempfile import NamedTemporaryFile

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
    import onnx

    from engine.backends.convolutions import rewritten

    content: bytes = rewritten(onnx.load(str(published))).SerializeToString()
    try:
        _keep(published, published.with_name(_name(published, content)), content)
    except OSError as error:
        log.info("the rewritten model cannot be kept (%s); it is made again at each start", error)
    return content


def _keep(published: Path, target: Path, content: bytes) -> None:
    """Whole or not at all, whoever else does the same; forms of before go."""
    with NamedTemporaryFile(dir=target.parent, prefix=target.stem, suffix=".part", delete=False) as file:
        part = Path(file.name)
        try:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
            part.chmod(0o644)
            part.replace(target)
            _forget_others(target, published)
        except OSError:
            part.unlink(missing_ok=True)
            raise


def _forget_others(kept: Path, published: Path) -> None:
    for path in published.parent.glob(f"{published.stem}.*.onnx"):
        if path != kept:
            path.unlink(missing_ok=True)


def _name(published: Path, content: bytes) -> str:
    return f"{published.stem}.{FORM}.{sha256(content).hexdigest()[:32]}.onnx"
