"""What a process gives up before it touches a stranger's file. Linux only, standard library only.

`confine` covers: memory, CPU and wall-clock time, size of written files, open files, new
processes, core dumps, gaining privileges, root's own privileges, and (on x86-64 and AArch64) every
system call that computing on open descriptors does not need: no file can be opened, nothing
connected, started, traced or signalled. Where the kernel refuses a part (an old kernel, a
container without the right), that part is skipped and the rest holds.

It does not cover: reading memory that the process already has (the child of a fork sees what its
parent had loaded, so the parent must hold no secret), side channels, and bugs of the kernel behind
the system calls that stay allowed.
"""

import ctypes
import os
import resource
import signal
import struct
from contextlib import suppress
from pathlib import Path

NOBODY = 65_534
"""User and group that root becomes."""

_STATM = Path("/proc/self/statm")

_PR_SET_PDEATHSIG = 1
_PR_SET_SECCOMP = 22
_PR_SET_NO_NEW_PRIVS = 38
_SECCOMP_MODE_FILTER = 2
_prctl = ctypes.CDLL(None).prctl
_prctl.argtypes = [ctypes.c_int] + [ctypes.c_ulong] * 4


def die_with_parent() -> None:
    """Let the kernel kill this process when the thread that forked it ends."""
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def confine(*, memory_bytes: int, cpu_seconds: float, wall_seconds: float, file_bytes: int) -> None:
    """Give up, for good, all that decoding one clip does not need.

    Parameters
    ----------
    memory_bytes : int
        Address space that may be added to what the process has now; beyond it, allocation fails.
    cpu_seconds : float
        CPU time from now (rounded up to whole seconds), then SIGXCPU.
    wall_seconds : float
        Time on the clock from now, then SIGALRM.
    file_bytes : int
        Largest file that it may write.
    """
    used = resource.getrusage(resource.RUSAGE_SELF)
    cpu = int(used.ru_utime + used.ru_stime + cpu_seconds) + 1
    mapped = int(_STATM.read_bytes().split()[0]) * resource.getpagesize()
    for what, limit in (
        (resource.RLIMIT_AS, mapped + memory_bytes),
        (resource.RLIMIT_CPU, cpu),
        (resource.RLIMIT_FSIZE, file_bytes),
        (resource.RLIMIT_NOFILE, 16),
        (resource.RLIMIT_NPROC, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (limit, limit))
    signal.setitimer(signal.ITIMER_REAL, wall_seconds)
    if os.geteuid() == 0:
        with suppress(OSError):  # a container without CAP_SETUID: root it stays
            os.setgroups([])
            os.setresgid(NOBODY, NOBODY, NOBODY)
            os.setresuid(NOBODY, NOBODY, NOBODY)
        die_with_parent()  # changing the user has cleared it
    _prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    _allow_only_computing()


_SYSCALLS = {  # machine -> (audit architecture, allowed numbers)
    "x86_64": (
        0xC000003E,
        {
            "read": 0, "write": 1, "close": 3, "fstat": 5, "lseek": 8, "mmap": 9, "mprotect": 10,
            "munmap": 11, "brk": 12, "rt_sigaction": 13, "rt_sigprocmask": 14, "rt_sigreturn": 15,
            "pread64": 17, "pwrite64": 18, "sched_yield": 24, "mremap": 25, "madvise": 28,
            "getpid": 39, "exit": 60, "gettimeofday": 96, "sigaltstack": 131, "gettid": 186,
            "futex": 202, "sched_getaffinity": 204, "restart_syscall": 219, "clock_gettime": 228,
            "exit_group": 231, "getrandom": 318, "rseq": 334,
        },
    ),
    "aarch64": (
        0xC00000B7,
        {
            "read": 63, "write": 64, "close": 57, "fstat": 80, "lseek": 62, "mmap": 222,
            "mprotect": 226, "munmap": 215, "brk": 214, "rt_sigaction": 134, "rt_sigprocmask": 135,
            "rt_sigreturn": 139, "pread64": 67, "pwrite64": 68, "sched_yield": 124, "mremap": 216,
            "madvise": 233, "getpid": 172, "exit": 93, "gettimeofday": 169, "sigaltstack": 132,
            "gettid": 178, "futex": 98, "sched_getaffinity": 123, "restart_syscall": 128,
            "clock_gettime": 113, "exit_group": 94, "getrandom": 278, "rseq": 293,
        },
    ),
}  # fmt: skip


def _filter() -> bytes | None:
    """Return a seccomp filter by which calls outside `_SYSCALLS` fail with EPERM (bpf(4))."""
    known = _SYSCALLS.get(os.uname().machine)
    if known is None:
        return None
    architecture, calls = known
    numbers = sorted(calls.values())
    load, jump_equal, answer = 0x20, 0x15, 0x06
    kill_process, refuse, allow = 0x80000000, 0x00050000 | 1, 0x7FFF0000
    code = [
        (load, 0, 0, 4),  # the architecture: numbers mean nothing without it
        (jump_equal, 1, 0, architecture),
        (answer, 0, 0, kill_process),
        (load, 0, 0, 0),  # the number
        *((jump_equal, len(numbers) - i, 0, number) for i, number in enumerate(numbers)),
        (answer, 0, 0, refuse),
        (answer, 0, 0, allow),
    ]
    return b"".join(struct.pack("HBBI", *line) for line in code)


_FILTER = _filter()


def _allow_only_computing() -> None:
    """Install the filter (seccomp(2)), where there is one for this machine."""
    if _FILTER is None:
        return
    program = ctypes.create_string_buffer(_FILTER, len(_FILTER))
    header = ctypes.create_string_buffer(
        struct.pack("HxxxxxxP", len(_FILTER) // 8, ctypes.addressof(program))
    )
    _prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.addressof(header), 0, 0)
