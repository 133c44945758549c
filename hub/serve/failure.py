"""Why the hub cannot start, always one sentence that also says how to mend it.

CannotStart
├── AlreadyRunning     another supervisor holds this data folder
├── AddressTaken       the port is in use or may not be listened on
├── FolderUnusable     the data folder is not writable, or its disk is full
└── ChildFailed        a process died again and again before the hub was ready
"""


class CannotStart(Exception):
    """Carries the sentence; the command line prints it and exits with 1."""


class AlreadyRunning(CannotStart):
    pass


class AddressTaken(CannotStart):
    pass


class FolderUnusable(CannotStart):
    pass


class ChildFailed(CannotStart):
    pass
