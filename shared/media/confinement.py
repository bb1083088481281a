"""Take the network, and all files but a few, from this process for good, before it works on a file of strangers.

Linux alone: the network by a seccomp filter (no socket, no io_uring), files by Landlock. Both are for
the process and for whatever it starts, and neither can be undone.

Promises: after `take_network` no connection can be opened and no name resolved, whatever a decoder is told by a file;
after `take_files` only the system's programs and libraries and the named paths can be opened. Each returns whether the
kernel did it, so that whoever calls can say what stands.
Does not promise anything on a kernel without them: there the arguments of each program are the only guard.
"""

import ctypes
import errno
import os
import platform
import struct
from collections.abc import Iterable, Sequence
from pathlib import Path

#: What programs need of the system: code, the loader's table, and a look at the processors.
SYSTEM = (
    "/usr", "/bin", "/lib", "/lib64", "/etc/ld.so.cache", "/etc/alternatives", "/etc/fonts", "/etc/localtime",
    "/proc/cpuinfo", "/proc/meminfo", "/sys/devices/system/cpu",
)  # fmt: skip
_DEVICES = ("/dev/null", "/dev/zero", "/dev/urandom")

_NO_NEW_PRIVILEGES, _SET_SECCOMP, _FILTER = 38, 22, 2
_ALLOW, _REFUSE = 0x7FFF0000, 0x00050000 | errno.EACCES
_LOAD, _EQUALS, _AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06  # instructions of the classic packet filter
_NUMBER, _ARCHITECTURE = 0, 4  # places in what the kernel shows the filter
_IO_URING_SETUP = 425  # on every architecture
_OTHER_NUMBERS = 0x40000000  # from here on a second set of numbers for the same calls
#: The mark of an architecture, and the number of its call `socket`.
_ARCHITECTURES = {"x86_64": (0xC000003E, 41), "aarch64": (0xC00000B7, 198)}

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_FOLDER, _TRUNCATE = 1, 2, 4, 8, 1 << 14
_ALL_BY_VERSION = {1: (1 << 13) - 1, 2: (1 << 14) - 1}
_ALL = (1 << 15) - 1  # from version 3 on

_libc = ctypes.CDLL(None, use_errno=True)


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("code", ctypes.c_void_p))


def take_network() -> bool:
    """Refuse every new socket to this process from now on. Return whether the kernel does it."""
    known = _ARCHITECTURES.get(platform.machine())
    if known is None:
        return False
    mark, socket_number = known
    code = b"".join(
        struct.pack("HBBI", *each)
        for each in (
            (_LOAD, 0, 0, _ARCHITECTURE),
            (_EQUALS, 0, 5, mark),  # another architecture has other numbers
            (_LOAD, 0, 0, _NUMBER),
            (_AT_LEAST, 3, 0, _OTHER_NUMBERS),
            (_EQUALS, 2, 0, _IO_URING_SETUP),
            (_EQUALS, 1, 0, socket_number),
            (_RETURN, 0, 0, _ALLOW),
            (_RETURN, 0, 0, _REFUSE),
        )
    )
    held = ctypes.create_string_buffer(code, len(code))
    program = _Program(len(code) // 8, ctypes.addressof(held))
    if _libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0):
        return False
    return not _libc.prctl(_SET_SECCOMP, _FILTER, ctypes.byref(program), 0, 0)


def files_can_be_taken() -> bool:
    """Return whether this kernel has Landlock, and lets this process use it."""
    return _landlock_version() > 0


def take_files(reads: Sequence[str], writes: Sequence[str]) -> bool:
    """Refuse every file but the system's, those to read, and those to write and read, to this process from now on.

    A folder stands for all files in it. Return whether the kernel does it. Raises FileNotFoundError for a named path
    that does not exist.
    """
    version = _landlock_version()
    if version < 1:
        return False
    handled = _ALL_BY_VERSION.get(version, _ALL)
    attribute = struct.pack("Q", handled)
    rules = _libc.syscall(_CREATE_RULESET, attribute, len(attribute), 0)
    if rules < 0:
        return False
    try:
        _allow(rules, _present((*SYSTEM, *os.get_exec_path())), handled & (_EXECUTE | _READ_FILE | _READ_FOLDER))
        _allow(rules, _present(_DEVICES), handled & (_READ_FILE | _WRITE_FILE))
        _allow(rules, reads, handled & (_READ_FILE | _READ_FOLDER))
        _allow(rules, writes, handled & ~_EXECUTE)
        return not _libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0) and not _libc.syscall(_RESTRICT_SELF, rules, 0)
    finally:
        os.close(rules)


def _landlock_version() -> int:
    return int(_libc.syscall(_CREATE_RULESET, None, 0, 1))


def _present(paths: Iterable[str]) -> list[str]:
    return [each for each in paths if Path(each).exists()]


def _allow(rules: int, paths: Iterable[str], access: int) -> None:
    for path in paths:
        granted = access if Path(path).is_dir() else access & (_EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE)
        handle = os.open(path, os.O_PATH | os.O_CLOEXEC)
        try:
            if _libc.syscall(_ADD_RULE, rules, 1, struct.pack("=Qi", granted, handle), 0):
                raise OSError(ctypes.get_errno(), "the kernel refuses a rule for", path)
        finally:
            os.close(handle)
