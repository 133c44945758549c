"""A VoxCPM2 checkpoint on disk: is it one, is it whole, and the model in memory.

Two traps of the package are closed here. A path that is no folder is taken for a name to download, so the
folder is looked at first. Weights that are absent are skipped silently and the model then makes noise, so
the names are compared after loading.
"""

from __future__ import annotations

import json
import logging
import os
import struct
import warnings
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from engine.errors import BackendUnavailable, ModelMissing

if TYPE_CHECKING:
    import torch

log = logging.getLogger(__name__)

Device = Literal["auto", "cuda", "mps", "cpu"]
"""No card numbers: "cuda:0" silently loses the compiled speed. CUDA_VISIBLE_DEVICES picks the card."""

_MODEL = "model.safetensors"
_CODECS = ("audiovae.safetensors", "audiovae.pth")
_FILES = ("config.json", "tokenizer.json", "tokenizer_config.json", _MODEL)


def require(folder: Path) -> None:
    """Raises `ModelMissing` unless `folder` looks like a whole VoxCPM2 checkpoint."""
    if not folder.is_dir():
        raise ModelMissing(f"There is no VoxCPM2 model in {folder}: {_mend(folder)}.")
    absent = [name for name in _FILES if not (folder / name).is_file()]
    if not any((folder / name).is_file() for name in _CODECS):
        absent.append(_CODECS[1])
    if absent:
        raise ModelMissing(f"The VoxCPM2 model in {folder} lacks {', '.join(absent)}: {_mend(folder)}.")
    architecture = _architecture(folder)
    if architecture != "voxcpm2":
        raise ModelMissing(f"The model in {folder} is {architecture}, not voxcpm2: {_mend(folder)}.")


def load(folder: Path, *, device: Device, compiled: bool) -> Any:
    """The package's model object, checked. On CUDA it is compiled and has spoken once if `compiled`.

    Raises `ModelMissing` or `BackendUnavailable`, each with its mend.
    """
    require(folder)
    # Both are read when the libraries are first imported: no progress bars, no look at the network.
    os.environ.setdefault("TQDM_DISABLE", "1")
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    package = _package()
    import torch

    _check_device(device)
    on_cuda = device == "cuda" or (device == "auto" and torch.cuda.is_available())
    model = _load(package, folder, device, compiled=compiled and on_cuda)
    _check_weights(folder, model)
    if compiled and on_cuda and not hasattr(model, "_feat_encoder_raw"):
        log.warning("VoxCPM2 runs uncompiled, at about half its speed: is triton installed?")
    return model


def _package() -> Any:
    try:
        from voxcpm import VoxCPM
    except ImportError as error:
        raise ModelMissing(
            f"The voxcpm package is not installed ({error}): run `pip install 'sayhook[voxcpm]'`."
        ) from error
    return VoxCPM


def _load(package: Any, folder: Path, device: Device, *, compiled: bool) -> Any:
    options = {"load_denoiser": False, "device": device, "local_files_only": True}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        try:
            return package.from_pretrained(str(folder), optimize=compiled, **options).tts_model
        except Exception as error:
            if compiled:
                log.warning("VoxCPM2 could not be compiled and runs at about half its speed: %s", error)
                return _load(package, folder, device, compiled=False)
            raise ModelMissing(
                f"The VoxCPM2 model in {folder} could not be loaded ({error}): {_mend(folder)}."
            ) from error


def _check_device(device: Device) -> None:
    import torch

    absent = (device == "cuda" and not torch.cuda.is_available()) or (
        device == "mps" and not torch.backends.mps.is_available()
    )
    if absent:
        raise BackendUnavailable(
            f"No {device} device can be used: check the driver and CUDA_VISIBLE_DEVICES, or set "
            "SAYHOOK_VOXCPM_DEVICE=auto."
        )


def _check_weights(folder: Path, model: torch.nn.Module) -> None:
    wanted = set(model.state_dict())
    found = set(_names(folder / _MODEL)) | {f"audio_vae.{name}" for name in _codec_names(folder)}
    if absent := sorted(wanted - found):
        raise ModelMissing(
            f"The VoxCPM2 model in {folder} lacks {len(absent)} of {len(wanted)} weights, {absent[0]} for "
            f"one: {_mend(folder)}."
        )


def _codec_names(folder: Path) -> Iterable[str]:
    if (folder / _CODECS[0]).is_file():
        return _names(folder / _CODECS[0])
    import torch

    content = torch.load(folder / _CODECS[1], map_location="cpu", weights_only=True)
    names: dict[str, object] = content.get("state_dict", content)
    return names


def _names(file: Path) -> Iterable[str]:
    """The names in a safetensors file: its header is a length in 8 bytes, then JSON."""
    with file.open("rb") as content:
        (length,) = struct.unpack("<Q", content.read(8))
        header: dict[str, object] = json.loads(content.read(length))
    return header.keys() - {"__metadata__"}


def _architecture(folder: Path) -> str:
    try:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        return str(config.get("architecture", "voxcpm")).lower()
    except (ValueError, AttributeError) as error:
        raise ModelMissing(f"{folder / 'config.json'} cannot be read: {_mend(folder)}.") from error


def _mend(folder: Path) -> str:
    return (
        f"fetch openbmb/VoxCPM2 (5 GB), for example with `hf download openbmb/VoxCPM2 --local-dir {folder}`, "
        "and set SAYHOOK_VOXCPM_MODEL to its folder"
    )
