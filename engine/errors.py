"""What can go wrong in the engine.

    EngineError                    carries `code` (for machines) and a sentence (for people)
    ├── ReferenceRejected          the reference recording cannot serve for a clone; says why and the mend
    ├── NothingToSpeak             no speakable text is left after cues and symbols are taken out
    ├── LanguageNotServed          no installed backend speaks this language
    ├── ModelMissing               model files are absent or damaged; names the command that mends it
    ├── BackendUnavailable         the device or the speech server is absent, busy or broke off; says the mend
    ├── BackendRefused             the speech server refused the request or our key; carries its reason
    ├── AudioDefective             the backend returned silent, runaway or broken audio, again after a retry
    └── Cancelled                  the caller's `cancelled()` said stop

`retryable` says whether the same request may succeed later on another try.
"""


class EngineError(Exception):
    code = "engine_error"
    retryable = False


class ReferenceRejected(EngineError):
    code = "invalid_reference"


class NothingToSpeak(EngineError):
    code = "nothing_to_speak"


class LanguageNotServed(EngineError):
    code = "language_not_served"


class ModelMissing(EngineError):
    code = "model_missing"
    retryable = True


class BackendUnavailable(EngineError):
    """`retry_after` is the server's own wish in seconds, where it told one."""

    code = "backend_unavailable"
    retryable = True

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class BackendRefused(EngineError):
    code = "backend_refused"


class AudioDefective(EngineError):
    code = "audio_defective"
    retryable = True


class Cancelled(EngineError):
    code = "cancelled"
