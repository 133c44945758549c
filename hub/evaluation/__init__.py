"""How well the engine does what it promises, in figures: `sayhook eval`.

A section is a function from a `Bench` to `Figure`s. The libraries that listen (speech recognition, a second
speaker encoder, a quality model) are in the extra `eval`; a section that wants one that is missing raises
`LibraryMissing`, whose message says what to install.
"""

from hub.evaluation.figures import Figure, fallen, read_baseline, write_baseline
from hub.evaluation.libraries import LibraryMissing
from hub.evaluation.sections import SECTIONS, evaluate

__all__ = ["SECTIONS", "Figure", "LibraryMissing", "evaluate", "fallen", "read_baseline", "write_baseline"]
