"""Does a recording hold more than one voice?"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_APART = 0.72
"""Halves of one speaker's recording are alike by 0.82 or more, two speakers by 0.47 to 0.75."""

_SMALLEST_SHARE = 0.15
_ROUNDS = 8

Windows = NDArray[np.float32]


def more_than_one(windows: Windows) -> bool:
    """Whether the speaker encoder's windows (rows of length 1) fall into two groups unlike as people are."""
    if len(windows) < 4:
        return False
    alike = windows @ windows.T
    centres = windows[list(np.unravel_index(alike.argmin(), alike.shape))]
    for _ in range(_ROUNDS):
        nearer = (windows @ centres.T).argmax(axis=1)
        if not 0 < nearer.sum() < len(nearer):
            return False
        centres = np.stack([_centre(windows[nearer == side]) for side in (0, 1)])
    share = min(nearer.mean(), 1 - nearer.mean())
    return bool(centres[0] @ centres[1] < _APART and share >= _SMALLEST_SHARE)


def _centre(windows: Windows) -> Windows:
    mean = windows.mean(axis=0)
    centre: Windows = mean / np.linalg.norm(mean)
    return centre
