"""Events coming in: take the raw bytes, show who sent them, name the delivery. Everything fails closed."""

from webhooks.inbound.body import MAX_BYTES, read_body
from webhooks.inbound.schemes import SCHEMES, make_verifier
from webhooks.inbound.verified import Verified, Verifier

__all__ = ["MAX_BYTES", "SCHEMES", "Verified", "Verifier", "make_verifier", "read_body"]
