"""Parsing of the Range header (RFC 9110, section 14)."""

import re

SINGLE = re.compile(r"bytes=(\d{0,19})-(\d{0,19})")


class Unsatisfiable(Exception):
    """The range is outside the file: status 416."""


def wanted(header: str, size: int) -> tuple[int, int] | None:
    """The (first, last) requested byte; None for the whole file. Raises Unsatisfiable.

    Headers with several ranges or other units are ignored, as a server may.
    """
    match = SINGLE.fullmatch(header.strip())
    if not match or match[1] == match[2] == "":
        return None
    if match[1] == "":
        length = min(int(match[2]), size)
        if length == 0:
            raise Unsatisfiable
        return size - length, size - 1
    first = int(match[1])
    last = int(match[2]) if match[2] else size - 1
    if match[2] and last < first:
        return None
    if first >= size:
        raise Unsatisfiable
    return first, min(last, size - 1)
