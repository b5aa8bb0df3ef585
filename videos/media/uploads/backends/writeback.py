"""Asks the kernel to start writing a file to disk while more of it arrives."""

import ctypes
import sys
from collections.abc import Callable

WRITE = 2  # SYNC_FILE_RANGE_WRITE of <linux/fs.h>: begin, and do not wait


def of_the_system() -> Callable[[int, int, int], None]:
    """`sync_file_range(2)`, or a function that does nothing where it is not available."""
    try:
        call = ctypes.CDLL(None, use_errno=True).sync_file_range
    except (OSError, AttributeError, TypeError):
        return lambda handle, offset, length: None
    call.argtypes = [ctypes.c_int, ctypes.c_int64, ctypes.c_int64, ctypes.c_uint]
    # Only a hint: fsync reports errors
    return lambda handle, offset, length: call(handle, offset, length, WRITE) and None


begin = of_the_system() if sys.platform == "linux" else (lambda handle, offset, length: None)
