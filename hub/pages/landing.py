"""The page at `/`."""

from __future__ import annotations

from starlette.responses import Response

from hub.pages.icons import platforms
from hub.pages.page import Visit, page
from hub.pages.waveform import waveform_path

_SECONDS = 3.1
_PEAKS = (
    0,
    2,
    7,
    64,
    53,
    69,
    83,
    74,
    73,
    75,
    71,
    47,
    32,
    20,
    5,
    1,
    3,
    8,
    52,
    60,
    58,
    64,
    61,
    57,
    53,
    52,
    47,
    42,
    44,
    34,
    34,
    28,
    24,
    0,
    0,
    99,
    87,
    75,
    18,
    62,
    62,
    34,
    32,
    57,
    47,
    44,
    45,
    48,
    6,
    18,
    8,
    46,
    82,
    15,
    26,
    43,
    35,
    24,
    21,
    14,
    17,
    38,
    33,
    32,
    26,
    24,
    17,
    1,
    23,
    30,
    21,
    17,
    18,
    1,
    0,
    10,
    2,
    0,
    0,
    0,
)
"""Of `static/hello.mp3`, the loudest being 99."""


@page("/", sign_in=False)
async def landing(visit: Visit) -> Response:
    return visit.render(
        "landing.html", platforms=platforms(visit.hub.settings), wave=waveform_path(_PEAKS), seconds=_SECONDS
    )
