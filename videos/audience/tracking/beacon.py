"""Parses what a playing browser reports. Pure: bytes in, a `BeaconReport` or `BadBeacon` out."""

import json
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from studio.ranges import Range
from videos.audience.tracking.bounds import MAX_ELAPSED_SECONDS

MAX_BYTES = 16 * 1024
MAX_SEQ = 2**31 - 1  # what a PositiveIntegerField holds on every database
MAX_POSITION = 1e7  # seconds, longer than any video
MAX_RANGES = 500  # in one report; a view stores fewer, see bounds.py
MAX_DECIMALS = 10  # of a position
MAX_KEY_LENGTH = 64  # characters


class BadBeacon(ValueError):
    """A report that no browser playing our page would send; the message says why."""


@dataclass(frozen=True)
class BeaconReport:
    """One report. `elapsed` and `ranges` are in seconds; `share` is a token, perhaps unknown.

    `elapsed` is MAX_ELAPSED_SECONDS at most; positions have MAX_DECIMALS at most. `key` is the
    secret of the tab that started the view; empty if it has none.
    """

    view: str
    video: str
    share: str | None
    seq: int
    elapsed: float
    ranges: tuple[Range, ...]
    event: str
    key: str = ""


def parse_report(view: str, body: bytes) -> BeaconReport:
    """Parse a JSON body of the view with this id. Raises BadBeacon.

    Unknown keys are ignored. `elapsed` may be any size: a tab may stay open for weeks.
    """
    fields = _fields(body)
    return BeaconReport(
        view=_view_id(view),
        video=_text(fields, "video", 255),
        share=_share(fields),
        seq=_seq(fields),
        elapsed=float(min(_number(fields.get("elapsed"), "elapsed"), MAX_ELAPSED_SECONDS)),
        ranges=_ranges(fields),
        event=_text(fields, "event", 20),
        key=_key(fields),
    )


def _fields(body: bytes) -> dict[str, Any]:
    if len(body) > MAX_BYTES:
        raise BadBeacon("too large")
    try:
        fields = json.loads(body)
    except (ValueError, RecursionError):
        raise BadBeacon("not JSON") from None
    if not isinstance(fields, dict):
        raise BadBeacon("not an object")
    return fields


def _view_id(text: str) -> str:
    try:
        return str(UUID(text))
    except ValueError:
        raise BadBeacon("view is no UUID") from None


def _text(fields: dict[str, Any], name: str, longest: int) -> str:
    text = fields.get(name)
    # Not printable: NUL and lone surrogates, which a database refuses, and line ends.
    if not isinstance(text, str) or not 0 < len(text) <= longest or not text.isprintable():
        raise BadBeacon(f"{name} is no text")
    return text


def _share(fields: dict[str, Any]) -> str | None:
    share = fields.get("share")
    return _text(fields, "share", 255) if share not in (None, "") else None


def _key(fields: dict[str, Any]) -> str:
    if fields.get("key") in (None, ""):
        return ""
    key = _text(fields, "key", MAX_KEY_LENGTH)
    if not key.isascii():
        raise BadBeacon("key is no ASCII")
    return key


def _seq(fields: dict[str, Any]) -> int:
    seq = fields.get("seq")
    if type(seq) is not int or not 0 <= seq <= MAX_SEQ:
        raise BadBeacon("seq is out of range")
    return seq


def _number(value: Any, name: str) -> float:
    if type(value) not in (int, float):
        raise BadBeacon(f"{name} is no number")
    if not value >= 0:  # NaN is not, either
        raise BadBeacon(f"{name} is out of range")
    return value  # type: ignore[no-any-return]  # not yet a float: an integer may be beyond any


def _position(value: Any) -> float:
    number = _number(value, "a range")
    if number > MAX_POSITION:
        raise BadBeacon("a range is out of range")
    return round(float(number), MAX_DECIMALS)


def _ranges(fields: dict[str, Any]) -> tuple[Range, ...]:
    pairs = fields.get("ranges")
    if not isinstance(pairs, list):
        raise BadBeacon("ranges is no list")
    if len(pairs) > MAX_RANGES:
        raise BadBeacon("too many ranges")
    return tuple(_range(pair) for pair in pairs)


def _range(pair: Any) -> Range:
    if not isinstance(pair, list) or len(pair) != 2:
        raise BadBeacon("a range is no pair")
    start, end = _position(pair[0]), _position(pair[1])
    if start > end:
        raise BadBeacon("a range is reversed")
    return start, end
