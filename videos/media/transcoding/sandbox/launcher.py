"""Restricts its own process, then executes a tool: a script that `process.py` runs.

It imports no module of ours and few others, because it starts for every tool. A `preexec_fn` would
be unsafe where threads run. The fences are made by system calls:

- *files*: Landlock (Linux 5.13); only listed paths can be opened, even by root;
- *network*: an empty network namespace;
- *calls*: seccomp; no sockets, no other processes, no access to other processes.
"""

import contextlib
import ctypes
import os
import resource
import signal
import struct
import sys
from collections.abc import Sequence

FENCES = ("network", "files", "calls")
# Where programs and libraries are loaded from
RUNTIME = (
    *("/usr", "/lib", "/lib64", "/nix/store", "/etc/ld.so.cache", "/etc/ld.so.preload"),
    sys.base_prefix,
)
# What programs read about the machine, such as the number of processors
SYSTEM_INFO = (
    *("/dev/urandom", "/dev/random", "/dev/zero", "/sys/devices/system/cpu"),
    *("/sys/devices/system/node", "/proc/cpuinfo", "/proc/meminfo", "/proc/stat"),
)

# linux/prctl.h, sched.h, ioprio.h
PR_SET_PDEATHSIG, PR_SET_SECCOMP, PR_SET_NO_NEW_PRIVS = 1, 22, 38
CLONE_NEWUSER, CLONE_NEWNET, CLONE_THREAD = 0x10000000, 0x40000000, 0x10000
LOWEST_PRIORITY = 2 << 13 | 7  # best effort, the lowest

# linux/landlock.h: rights on files by their bits, and the version that introduced them
EXECUTE, WRITE_FILE, READ_FILE, READ_DIR = (1 << bit for bit in range(4))
REMOVE_DIR, REMOVE_FILE, MAKE_DIR, MAKE_REG = 1 << 4, 1 << 5, 1 << 7, 1 << 8
REFER, TRUNCATE = 1 << 13, 1 << 14
FIRST_RIGHTS, RIGHT_SINCE = 13, {2: 13, 3: 14, 5: 15}
ON_FILES = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE
READ = READ_FILE | READ_DIR
WRITE = WRITE_FILE | TRUNCATE | REMOVE_DIR | REMOVE_FILE | MAKE_DIR | MAKE_REG | REFER
CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446

# linux/audit.h and the tables of system calls: (architecture, numbers)
CALLS = {
    "x86_64": (
        0xC000003E,
        {"clone": 56, "ioprio_set": 251},
        # socket fork vfork kill ptrace mount keyctl add_key request_key unshare perf_event_open
        # setns process_vm_readv process_vm_writev bpf userfaultfd pidfd_getfd
        (41, 57, 58, 62, 101, 165, 250, 248, 249, 272, 298, 308, 310, 311, 321, 323, 438),
    ),
    "aarch64": (
        0xC00000B7,
        {"clone": 220, "ioprio_set": 30},
        # socket kill ptrace mount keyctl add_key request_key unshare perf_event_open
        # setns process_vm_readv process_vm_writev bpf userfaultfd pidfd_getfd
        (198, 129, 117, 40, 219, 217, 218, 97, 241, 268, 270, 271, 280, 282, 438),
    ),
}
# The arguments of clone3 and io_uring_setup cannot be filtered: they fail with ENOSYS.
UNFILTERABLE = (435, 425)
X32 = 0x40000000
EPERM, ENOSYS = 1, 38
SECCOMP_MODE_FILTER = 2
KILL, REFUSE, ALLOW = 0x80000000, 0x00050000, 0x7FFF0000
# linux/bpf_common.h: load a word; jump if equal, if at least, if a bit is set; return
LOAD, IF_EQUAL, IF_AT_LEAST, IF_SET, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
NUMBER, ARCHITECTURE, FIRST_ARGUMENT = 0, 4, 16  # offsets in struct seccomp_data


class Unsupported(Exception):
    """The kernel does not support a fence."""


def system_call(number: int, *arguments: object) -> int:
    """Make a system call by its number. Raises Unsupported."""
    answer = int(ctypes.CDLL(None, use_errno=True).syscall(ctypes.c_long(number), *arguments))
    if answer < 0:
        raise Unsupported(os.strerror(ctypes.get_errno()))
    return answer


def prctl(option: int, *arguments: object) -> None:
    """Call prctl(2). Raises Unsupported."""
    padded = [*arguments, 0, 0, 0, 0][:4]
    longs = [ctypes.c_ulong(a) if isinstance(a, int) else a for a in padded]
    if ctypes.CDLL(None, use_errno=True).prctl(option, *longs):
        raise Unsupported(os.strerror(ctypes.get_errno()))


def isolate_network() -> None:
    """Enter an empty network namespace. Raises Unsupported."""
    unshare = ctypes.CDLL(None, use_errno=True).unshare
    if unshare(CLONE_NEWNET) and unshare(CLONE_NEWNET | CLONE_NEWUSER):
        raise Unsupported(os.strerror(ctypes.get_errno()))


def restrict_files(tool: str, reads: Sequence[str], folder: str) -> None:
    """Allow reading `reads` and what programs need, and writing `folder`. Raises Unsupported."""
    libraries = os.path.join(os.path.dirname(os.path.dirname(os.path.realpath(tool))), "lib")
    version = system_call(CREATE_RULESET, None, ctypes.c_size_t(0), ctypes.c_uint32(1))
    known = (1 << FIRST_RIGHTS) - 1
    for since, bit in RIGHT_SINCE.items():
        known |= (1 << bit) * (version >= since)
    # Version 4 adds TCP, version 6 signals and abstract sockets: all of it is denied.
    rules = struct.pack("QQQ", known, 3, 3)[: 8 if version < 4 else 16 if version < 6 else 24]
    fence = system_call(CREATE_RULESET, rules, ctypes.c_size_t(len(rules)), ctypes.c_uint32(0))
    for paths, rights in (
        ((*RUNTIME, tool, libraries), READ | EXECUTE),
        (SYSTEM_INFO, READ),
        (reads, READ),
        (["/dev/null"], READ_FILE | WRITE_FILE),
        ([folder] if folder else [], READ | WRITE),
    ):
        for path in paths:
            allow_path(fence, path, rights & known)
    system_call(RESTRICT_SELF, ctypes.c_int(fence), ctypes.c_uint32(0))
    os.close(fence)


def allow_path(fence: int, path: str, rights: int) -> None:
    """Allow `rights` at and below `path`, if it exists. Raises Unsupported."""
    try:
        place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    if not os.path.isdir(path):
        rights &= ON_FILES
    beneath = struct.pack("=Qi", rights, place)
    system_call(ADD_RULE, ctypes.c_int(fence), ctypes.c_int(1), beneath, ctypes.c_uint32(0))
    os.close(place)


def restrict_calls() -> None:
    """Deny sockets, new processes and access to other processes. Raises Unsupported."""
    if os.uname().machine not in CALLS or struct.calcsize("P") != 8:
        raise Unsupported(os.uname().machine)
    architecture, named, refused = CALLS[os.uname().machine]
    lines = [
        (LOAD, 0, 0, ARCHITECTURE),
        (IF_EQUAL, 1, 0, architecture),
        (RETURN, 0, 0, KILL),
        (LOAD, 0, 0, NUMBER),
    ]
    for number in UNFILTERABLE:
        lines += [(IF_EQUAL, 0, 1, number), (RETURN, 0, 0, REFUSE | ENOSYS)]
    for number in refused:
        lines += [(IF_EQUAL, 0, 1, number), (RETURN, 0, 0, REFUSE | EPERM)]
    lines += [
        (IF_AT_LEAST, 0, 1, X32),
        (RETURN, 0, 0, REFUSE | EPERM),
        (IF_EQUAL, 0, 3, named["clone"]),
        (LOAD, 0, 0, FIRST_ARGUMENT),
        (IF_SET, 1, 0, CLONE_THREAD),
        (RETURN, 0, 0, REFUSE | EPERM),
        (RETURN, 0, 0, ALLOW),
    ]
    program = ctypes.create_string_buffer(b"".join(struct.pack("=HBBI", *line) for line in lines))
    head = struct.pack("HxxxxxxQ", len(lines), ctypes.addressof(program))
    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.c_char_p(head))


def apply_fences(fences: Sequence[str], tool: str, reads: Sequence[str], folder: str) -> list[str]:
    """Apply `fences`, in an order in which each is possible. Returns those that are applied."""
    acts = {
        "network": isolate_network,
        "files": lambda: restrict_files(tool, reads, folder),
        "calls": restrict_calls,
    }
    applied = []
    for name in FENCES:
        if name in fences:
            with contextlib.suppress(Unsupported):
                if name == "files":
                    prctl(PR_SET_NO_NEW_PRIVS, 1)
                acts[name]()
                applied.append(name)
    return applied


def lower_priority() -> None:
    """Give other processes priority on processor and disk."""
    os.nice(10)
    if sys.platform == "linux" and os.uname().machine in CALLS:
        with contextlib.suppress(Unsupported):
            number = CALLS[os.uname().machine][1]["ioprio_set"]
            system_call(number, ctypes.c_int(1), ctypes.c_int(0), ctypes.c_int(LOWEST_PRIORITY))


def exec_tool(arguments: Sequence[str]) -> None:
    """Restrict this process and execute a tool.

    Arguments: CPU seconds, bytes of memory, bytes of a file, the parent's process id, the fences,
    the folder, the number of readable paths, these paths, and the tool's own arguments.
    """
    cpu, memory, file, parent = map(int, arguments[:4])
    fences, folder, count = arguments[4].split(","), arguments[5], int(arguments[6])
    reads, tool = arguments[7 : 7 + count], list(arguments[7 + count :])
    lower_priority()
    missing = {name for name in fences if name} - set(apply_fences(fences, tool[0], reads, folder))
    if missing:
        sys.exit(f"no fence against {', '.join(sorted(missing))}")
    if sys.platform == "linux":
        prctl(PR_SET_PDEATHSIG, int(signal.SIGKILL))  # after the namespaces, which would reset it
        if os.getppid() != parent:  # the parent died before the line above
            sys.exit(1)
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    # The soft limit sends SIGXCPU, which can be told apart; the hard limit sends SIGKILL.
    resource.setrlimit(resource.RLIMIT_CPU, (cpu, cpu + 5))
    resource.setrlimit(resource.RLIMIT_FSIZE, (file, file))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.execv(tool[0], tool)  # noqa: S606


if __name__ == "__main__":
    if sys.argv[1:] == ["try"]:
        print(",".join(apply_fences(FENCES, sys.executable, [], "")))  # noqa: T201 (read by parent)
    else:
        exec_tool(sys.argv[1:])
