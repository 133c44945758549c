"""The languages this hub speaks."""

from __future__ import annotations

from starlette.responses import JSONResponse, Response

from engine.languages import LANGUAGES
from hub.api.call import Call
from hub.api.schemas.languages import Language, Languages


async def list_languages(call: Call) -> Response:
    """`GET /v1/languages`"""
    answer = Languages(
        data=[
            Language(
                code=language.code,
                name=language.name,
                native_name=language.native_name,
                engine=language.engine,
                tier=language.tier,
                word_error_rate=language.word_error_rate,
            )
            for language in LANGUAGES.values()
        ]
    )
    return JSONResponse(answer.model_dump(mode="json"), headers={"Cache-Control": "public, max-age=300"})
