"""Tables that leave the console as CSV, safe to open in a spreadsheet."""
from __future__ import annotations

import csv
import io
from typing import Any, Iterable, Sequence

from starlette.responses import Response

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # what spreadsheets take for one


def cell(value: Any) -> Any:
    """Returns `value` as no spreadsheet runs it: words that would be a formula begin with an apostrophe."""
    if not isinstance(value, str):
        return "" if value is None else value
    return f"'{value}" if value.lstrip(" ").startswith(_FORMULA) else value


def table(name: str, heads: Sequence[str], rows: Iterable[Sequence[Any]]) -> Response:
    """Returns a file called `name`; with a byte order mark, by which spreadsheets know that it is UTF-8."""
    written = io.StringIO()
    writer = csv.writer(written)
    writer.writerow([cell(head) for head in heads])
    writer.writerows([cell(value) for value in row] for row in rows)
    headers = {"content-disposition": f"attachment; filename={name}"}
    return Response("\ufeff" + written.getvalue(), media_type="text/csv; charset=utf-8", headers=headers)
