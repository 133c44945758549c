"""What the routes of pronunciations take and answer."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field, field_validator

from engine.languages import LANGUAGES
from hub.api.schemas.generate import Absent, listed_language
from hub.api.schemas.instant import Instant

ANY = "any"


class PronunciationFields(BaseModel):
    """How a word is said. `respelling` serves every engine; `ipa` is finer where the engine takes it."""

    model_config = ConfigDict(frozen=True, extra="ignore", str_strip_whitespace=True)

    word: str = Field(
        min_length=1,
        max_length=60,
        description="The word as it is written; it matches whole. In lower case it matches any case.",
        examples=["Siobhan"],
    )
    respelling: str | Absent = Field(
        None, min_length=1, max_length=120, description="How to read it.", examples=["shi-vawn"]
    )
    ipa: str | Absent = Field(
        None,
        min_length=1,
        max_length=120,
        description="Its sounds in the International Phonetic Alphabet.",
        examples=["ʃɪˈvɔːn"],
    )
    language: str = Field(ANY, description="Where it holds.", json_schema_extra={"enum": [ANY, *LANGUAGES]})

    @field_validator("language")
    @classmethod
    def _as_listed(cls, value: str) -> str:
        if value.lower() == ANY:
            return ANY
        code = listed_language(value)
        if code not in LANGUAGES:
            raise ValueError("one language, or any")
        return code


class PronunciationShown(BaseModel):
    """How a word is said."""

    model_config = ConfigDict(frozen=True)

    id: str = Field(json_schema_extra={"format": "uuid"})
    word: str
    respelling: str | None
    ipa: str | None
    language: str
    created_at: Instant


class PronunciationList(BaseModel):
    model_config = ConfigDict(frozen=True)

    data: list[PronunciationShown]
