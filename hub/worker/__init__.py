"""The processes that do the work: `speak` holds the voices, `deliver` calls other people's URLs.

A job may be started more than once: what it does to the record is fenced by the record, never by the queue.
"""

from hub.worker.deliver import run_deliver
from hub.worker.speak import run_speak

__all__ = ["run_deliver", "run_speak"]
