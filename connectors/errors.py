"""What can go wrong between a platform and us.

    ConnectorError                carries `code` (machines, metric labels) and a sentence (people)
    ├── ConnectorInvalid          a connector's folder is half made; the sentence names the file and the mend
    ├── OptionInvalid             an owner's option does not fit; `option` names it
    ├── ArrivalRefused            a browser does not come from the platform, whatever its address says
    ├── EventUnreadable           a delivery's payload is not what the platform documents
    ├── MappingFailed             the owner's template or filter cannot be applied; the event is kept
    └── PushFailed                the audio could not be put back
        ├── TryAgain              not now: `retry_after` is the header Retry-After as it came, or None;
        │                         `strains` says that the platform is unreachable or broken, not only busy;
        │                         `keep` is added to the target's fields for the next try of a push
        ├── ConnectionBroken      the platform no longer accepts our credentials: pause and tell the owner
        ├── TargetGone            what the audio belongs to is no longer there
        └── PushRefused           the platform will not take it; trying again does not help

No sentence ever holds a secret; of a payload it holds names of fields and short codes, never a text.
"""

from __future__ import annotations

from collections.abc import Mapping


class ConnectorError(Exception):
    code = "connector_error"


class ConnectorInvalid(ConnectorError):
    code = "connector_invalid"


class OptionInvalid(ConnectorError):
    code = "option_invalid"

    def __init__(self, option: str, sentence: str) -> None:
        super().__init__(sentence)
        self.option = option


class ArrivalRefused(ConnectorError):
    code = "arrival_refused"


class EventUnreadable(ConnectorError):
    code = "event_unreadable"


class MappingFailed(ConnectorError):
    code = "mapping_failed"


class PushFailed(ConnectorError):
    code = "push_failed"


class TryAgain(PushFailed):
    code = "try_again"

    def __init__(self, sentence: str, retry_after: str | None = None, *, strains: bool = False) -> None:
        super().__init__(sentence)
        self.retry_after = retry_after
        self.strains = strains
        self.keep: Mapping[str, str] = {}


class ConnectionBroken(PushFailed):
    code = "connection_broken"


class TargetGone(PushFailed):
    code = "target_gone"


class PushRefused(PushFailed):
    code = "push_refused"
