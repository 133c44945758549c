"""The languages this hub speaks."""

from __future__ import annotations

from starlette.responses import JSONResponse, Response

from engine.languages import LANGUAGES
from engine.languages import Language as Known
from hub.api.call import Call
from hub.api.schemas.languages import Language, Languages
from hub.engines import serving


async def list_languages(call: Call) -> Response:
    """`GET /v1/languages`"""
    answer = Languages(
        data=[
            _shown(language, engine)
            for language in LANGUAGES.values()
            if (engine := serving(call.hub.settings, language.code)) is not None
        ]
    )
    return JSONResponse(answer.model_dump(mode="json"), headers={"Cache-Control": "public, max-age=300"})


def _shown(language: Known, engine: str) -> Language:
    """Tier and error were measured with the embedded engine; another one was trained on what it serves."""
    embedded = engine == language.engine
    return Language(
        code=language.code,
        name=language.name,
        native_name=language.native_name,
        engine=engine,
        tier=language.tier if embedded else "native",
        word_error_rate=language.word_error_rate if embedded else None,
    )
