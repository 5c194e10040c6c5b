"""A history as one file, written row by row: nothing grows with the number of rows."""

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from itertools import islice
from typing import Any

from django.db.models import QuerySet
from django.http import StreamingHttpResponse

from accounts.models import User
from accounts.services import record
from detector.models import Prediction

COLUMNS = {
    "id": ("pk", "text"),
    "filename": ("clip__name", "text"),
    "status": ("status", "text"),
    "verdict": ("verdict", "text"),
    "probability": ("probability", "number"),
    "score": ("score", "number"),
    "threshold": ("threshold", "number"),
    "real_threshold": ("real_threshold", "number"),
    "error": ("error_code", "text"),
    "sha256": ("clip__sha256", "text"),
    "size": ("clip__size", "whole"),
    "seconds": ("clip__facts__duration", "number"),
    "model_version": ("model_version__name", "text"),
    "schema": ("model_version__schema", "text"),
    "origin": ("origin", "text"),
    "requested_version": ("requested_version__name", "text"),
    "target_fpr": ("target_fpr", "number"),
    "external_id": ("clip__external_id", "text"),
    "metadata": ("clip__metadata", "object"),
    "keep_audio": ("clip__keep_audio", "boolean"),
    "audio_erased_at": ("clip__erased_at", "time"),
    "created_at": ("created_at", "time"),
    "finished_at": ("finished_at", "time"),
}
"""Name of a column, where it comes from, and what it holds."""

FETCHED = 2_000
"""Rows that the database hands over at a time."""
ROW_GROUP = 2_000
"""Rows of a Parquet file that are packed together."""

Row = tuple[Any, ...]


def _rows(predictions: QuerySet[Prediction]) -> Iterator[Row]:
    # Out of a cursor of the server: what it returns is the history as it was when it began.
    columns = [source for source, _ in COLUMNS.values()]
    return predictions.values_list(*columns).iterator(chunk_size=FETCHED)


def _batched(rows: Iterable[Row], size: int) -> Iterator[list[Row]]:
    left = iter(rows)
    while some := list(islice(left, size)):
        yield some


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | float | str | dict):
        return value
    return value.isoformat() if isinstance(value, datetime) else str(value)


def as_csv(predictions: QuerySet[Prediction]) -> Iterator[bytes]:
    """Write comma-separated values with a head; what a spreadsheet would run gets an apostrophe."""
    rows = (tuple(map(_cell, row)) for row in _rows(predictions))
    yield _csv_lines([COLUMNS])
    for some in _batched(rows, FETCHED):
        yield _csv_lines(some)


def _csv_lines(rows: Iterable[Iterable[Any]]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()


def _cell(value: Any) -> Any:
    value = json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else _plain(value)
    is_formula = isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r"))
    return f"'{value}" if is_formula else value


def as_json_lines(predictions: QuerySet[Prediction]) -> Iterator[bytes]:
    """Write a JSON object a line."""
    for some in _batched(_rows(predictions), FETCHED):
        lines = (dict(zip(COLUMNS, map(_plain, row), strict=True)) for row in some)
        yield "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines).encode()


def as_parquet(predictions: QuerySet[Prediction]) -> Iterator[bytes]:
    """Write Parquet, typed and compressed; metadata is JSON text."""
    import pyarrow as pa  # 60 MB that a web process does without until somebody asks
    from pyarrow import parquet

    types = {
        "text": pa.string(),
        "object": pa.string(),
        "number": pa.float64(),
        "whole": pa.int64(),
        "boolean": pa.bool_(),
        "time": pa.timestamp("us", tz="UTC"),
    }
    schema = pa.schema([(name, types[kind]) for name, (_, kind) in COLUMNS.items()])
    read: dict[str, Callable[[Any], Any]] = {
        "text": lambda value: value and str(value),
        "object": json.dumps,
    }
    readers = [read.get(kind) for _, kind in COLUMNS.values()]
    written = _Written()
    with parquet.ParquetWriter(pa.PythonFile(written, mode="w"), schema) as writer:
        for some in _batched(_rows(predictions), ROW_GROUP):
            arrays = [
                pa.array([reader(value) for value in values] if reader else values, field.type)
                for values, reader, field in zip(
                    zip(*some, strict=True), readers, schema, strict=True
                )
            ]
            writer.write_batch(pa.record_batch(arrays, schema=schema))
            yield written.take()
    yield written.take()


class _Written:
    """A file that is only written, and whose bytes are taken away as they come."""

    closed = False

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._size = 0

    def write(self, data: Any) -> int:
        part = bytes(data)
        self._parts.append(part)
        self._size += len(part)
        return len(part)

    def tell(self) -> int:
        return self._size

    def flush(self) -> None:
        """There is nothing to flush."""

    def close(self) -> None:
        self.closed = True

    def take(self) -> bytes:
        taken = b"".join(self._parts)
        self._parts.clear()
        return taken


Writer = Callable[[QuerySet[Prediction]], Iterator[bytes]]

FORMATS: dict[str, tuple[str, Writer]] = {
    "csv": ("text/csv", as_csv),
    "jsonl": ("application/jsonl", as_json_lines),
    "parquet": ("application/vnd.apache.parquet", as_parquet),
}
"""Name of a format, which is also the ending of its files: content type and what writes it."""


def export_response(
    predictions: QuerySet[Prediction], *, kind: str, actor: User
) -> StreamingHttpResponse:
    """Answer with predictions as a file of one of `FORMATS`, and write down who took them."""
    media_type, write = FORMATS[kind]
    record(actor=actor, action="history.exported", details={"format": kind})
    return StreamingHttpResponse(
        write(predictions),
        content_type=media_type,
        headers={
            "Content-Disposition": f'attachment; filename="predictions.{kind}"',
            "Cache-Control": "no-store",
        },
    )
