"""Every key the hub keeps in Redis, apart from those ARQ makes of a job's id (`arq:job:<id>` and kin)."""

from __future__ import annotations

from hub.queue.protocol import Kind

SPEAK: Kind = "speak"
DELIVER: Kind = "deliver"

WAITING: dict[Kind, str] = {SPEAK: "sayhook:queue:speak", DELIVER: "sayhook:queue:deliver"}
"""Sorted sets of waiting and running job ids; scores: virtual time for `speak`, else milliseconds."""

WORKERS: dict[Kind, str] = {SPEAK: "sayhook:workers:speak", DELIVER: "sayhook:workers:deliver"}
"""Sorted sets of live workers, scored by the server's time (seconds) at which they count as dead."""

CLOCK = "sayhook:speak:clock"
"""Virtual time of the fair queue: the start tag of the job that was started last."""

TAGS = "sayhook:speak:tags"
"""Sorted set of accounts, scored by the virtual time at which their last job will have had its share."""

TURN = "sayhook:speak:turn:"
"""Prefix of a key a job: the start tag its account has paid for it, until it is taken up by a worker."""

LIVE = "sayhook:live:"
"""Prefix of a stream a job: the audio of the attempt under way, for as long as somebody listens."""

LISTENED = "sayhook:listened:"
"""Prefix of a key a job: there while somebody listens to it."""

JOBS: dict[Kind, str] = {SPEAK: "speak", DELIVER: "deliver"}
"""The names under which workers know the two kinds of job."""
