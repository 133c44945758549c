"""What each account wants pronounced how."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from hub.store.tables import Table


class PronunciationEntry(Table):
    """`language` is empty for all languages; one of `respelling` and `ipa` is set, or both are."""

    __tablename__ = "pronunciations"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"))
    language: Mapped[str] = mapped_column(String(8), default="")
    word: Mapped[str] = mapped_column(String(60))
    respelling: Mapped[str | None] = mapped_column(String(120), default=None)
    ipa: Mapped[str | None] = mapped_column(String(120), default=None)
    created_at: Mapped[datetime]

    __table_args__ = (UniqueConstraint("account_id", "language", "word"),)
