"""Where a page of rows ends, newest first: by time and id, so that rows of one instant are neither lost nor
shown twice.
"""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from uuid import UUID

from hub.errors import Unprocessable


def cursor_at(at: datetime, row_id: str) -> str:
    return base64.urlsafe_b64encode(json.dumps([at.isoformat(), row_id]).encode()).decode()


def parse_cursor(cursor: str) -> tuple[datetime, str]:
    """The time and the id. Raises Unprocessable."""
    try:
        at, row_id = json.loads(base64.urlsafe_b64decode(cursor.encode()))
        instant = datetime.fromisoformat(at)
        if instant.tzinfo is None:
            raise ValueError("no zone")
        return instant.astimezone(UTC), str(UUID(row_id))
    except (ValueError, TypeError, AttributeError, OverflowError) as error:
        raise Unprocessable("cursor", "must be the next_cursor of an earlier page.") from error
