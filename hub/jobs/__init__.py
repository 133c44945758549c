"""The life of a generation: accepted, claimed by a worker, ended; found, cancelled and erased by its owner.

Every change of state is one database transaction that moves the state, the credits and the outgoing
deliveries together. The queue is told afterwards and may forget; `sweep` reminds it.
"""

from hub.jobs.accept import Acceptance, Once, accept, enqueue, forget, prepare, record
from hub.jobs.claim import Claim, beat, claim
from hub.jobs.end import cancel, complete, complete_part, fail, give_back
from hub.jobs.erase import erase, erase_many
from hub.jobs.find import Page, find, newest, sources_of
from hub.jobs.leftovers import sweep_unknown
from hub.jobs.parts import load_spoken
from hub.jobs.previews import preview_id
from hub.jobs.states import ENDED, OPEN, Status
from hub.jobs.sweep import SweepReport, sweep

__all__ = [
    "ENDED",
    "OPEN",
    "Acceptance",
    "Claim",
    "Once",
    "Page",
    "Status",
    "SweepReport",
    "accept",
    "beat",
    "cancel",
    "claim",
    "complete",
    "complete_part",
    "enqueue",
    "erase",
    "erase_many",
    "fail",
    "find",
    "forget",
    "give_back",
    "load_spoken",
    "newest",
    "prepare",
    "preview_id",
    "record",
    "sources_of",
    "sweep",
    "sweep_unknown",
]
