"""Which bytes of a file a request asks for (RFC 9110, section 14): a pure decision."""

import re

SINGLE = re.compile(r"bytes=(\d{0,19})-(\d{0,19})")


class Unsatisfiable(Exception):
    """No byte of the file lies in the range: 416."""


def wanted(header: str, size: int) -> tuple[int, int] | None:
    """(first, last) byte asked for; None for the whole file, also where the header is no single
    range in bytes (a server may ignore those). Raises Unsatisfiable."""
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
