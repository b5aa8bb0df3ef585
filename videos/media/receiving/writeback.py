"""Has the kernel begin to write a file out while more of it comes in."""

import ctypes
import sys
from collections.abc import Callable

WRITE = 2  # SYNC_FILE_RANGE_WRITE of <linux/fs.h>: begin, and do not wait


def of_the_system() -> Callable[[int, int, int], None]:
    """`sync_file_range(2)`; where there is none, what is written waits for fsync."""
    try:
        call = ctypes.CDLL(None, use_errno=True).sync_file_range
    except (OSError, AttributeError, TypeError):
        return lambda handle, offset, length: None
    call.argtypes = [ctypes.c_int, ctypes.c_int64, ctypes.c_int64, ctypes.c_uint]
    # A hint: what goes wrong, fsync tells.
    return lambda handle, offset, length: call(handle, offset, length, WRITE) and None


begin = of_the_system() if sys.platform == "linux" else (lambda handle, offset, length: None)
