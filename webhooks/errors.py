"""What can go wrong between us and another machine.

    WebhookError                       carries `code` (machines, metric labels) and a sentence (people)
    ├── DestinationRefused             this address may not be called; trying again will not change that
    ├── HostNotFound                   the name has no address right now; trying again may help
    ├── SecretMalformed                a configured secret or key is not of the form its scheme demands
    ├── SchemeMalformed                a manifest names a scheme or an option that does not exist
    ├── BodyTooLarge             413   the body is over the cap; refused while reading
    └── NotVerified              401   nothing shows that the message is from who it says
        ├── SecretMissing              no secret is configured, so nothing can be verified: fails closed
        ├── HeaderMissing              a header the scheme needs is absent or empty
        ├── HeaderRepeated             a header the scheme needs came twice
        ├── Malformed                  a header or token is not of the form its scheme demands
        ├── OutsideWindow              correctly signed, but too old or from the future: possibly replayed
        ├── SignatureMismatch          no live secret made this signature
        └── ClaimRefused               correctly signed, but for somebody or something else

No sentence ever holds a secret, a signature or a piece of the body.
"""

from __future__ import annotations


class WebhookError(Exception):
    code = "webhook_error"
    status = 400


class DestinationRefused(WebhookError):
    code = "destination_refused"


class HostNotFound(WebhookError):
    code = "host_not_found"


class SecretMalformed(WebhookError):
    code = "secret_malformed"


class SchemeMalformed(WebhookError):
    code = "scheme_malformed"


class BodyTooLarge(WebhookError):
    code = "body_too_large"
    status = 413


class NotVerified(WebhookError):
    code = "not_verified"
    status = 401


class SecretMissing(NotVerified):
    code = "secret_missing"


class HeaderMissing(NotVerified):
    code = "header_missing"


class HeaderRepeated(NotVerified):
    code = "header_repeated"


class Malformed(NotVerified):
    code = "malformed"


class OutsideWindow(NotVerified):
    code = "outside_window"


class SignatureMismatch(NotVerified):
    code = "signature_mismatch"


class ClaimRefused(NotVerified):
    code = "claim_refused"
