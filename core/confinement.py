"""What a process that opens a file from a stranger may do: nothing but compute, within limits.

Both programs that hand such a file to a PDF library are started with ``child_environment`` and call ``confine``
before they look at it.
"""

import ctypes
import math
import os
import resource
import signal
import sys
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO, Final

PACKAGE_ROOT: Final = Path(__file__).resolve().parents[1]
_KEPT_ENVIRONMENT: Final = ("PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SYSTEMROOT")
_DENIED: Final = ("socket.connect", "socket.bind", "socket.sendto", "socket.getaddrinfo", "subprocess.Popen")
_DENIED_STARTS: Final = ("os.exec", "os.posix_spawn", "os.spawn", "os.fork", "os.system", "pty.", "urllib.")
_NEW_NETWORK: Final = 0x40000000
_NEW_USER: Final = 0x10000000
_NO_NEW_PRIVILEGES: Final = 38


class Network(StrEnum):
    """How a confined process is kept off the network."""

    NAMESPACE = "an empty network namespace"
    CALLS = "refused calls"


def child_environment() -> dict[str, str]:
    """What such a process may know of the environment: no keys, no proxies, nothing but where things are."""
    kept = {name: os.environ[name] for name in _KEPT_ENVIRONMENT if name in os.environ}
    paths = [str(PACKAGE_ROOT), *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))]
    return kept | {
        "PYTHONPATH": os.pathsep.join(os.path.abspath(path) for path in paths),
        "PYTHONUTF8": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "ORT_DISABLE_TELEMETRY": "1",
    }


def claim_output() -> BinaryIO:
    """The output for messages alone: whatever a library prints goes to the error output instead."""
    kept = os.dup(sys.stdout.fileno())
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    return os.fdopen(kept, "wb")


def confine(seconds: float, memory: int, processors: int = 1) -> Network:
    """Limit this process for good; must be called before it starts a thread.

    Python refuses connections, programs and forks from here on; where the system lets an ordinary user have an
    empty network namespace, native code has no network either.

    Args:
        seconds: of wall-clock time, and of each processor's.
        memory: bytes of address space.
        processors: how many it may keep busy.
    """
    whole = math.ceil(seconds)
    for limit, amount in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(limit, (amount, amount))
    # At the soft limit the process is told that its time is up; at the hard one it would be killed without a
    # word, which looks like a lack of memory.
    resource.setrlimit(resource.RLIMIT_CPU, (whole * processors, whole * processors + 1))
    # Should the application die, nobody is left to stop this process.
    signal.alarm(whole + 1)
    network = _leave_network()
    sys.addaudithook(_refuse)
    return network


def _leave_network() -> Network:
    if not sys.platform.startswith("linux"):
        return Network.CALLS
    system = ctypes.CDLL(None)
    system.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    alone = system.unshare(_NEW_NETWORK) == 0 or system.unshare(_NEW_USER | _NEW_NETWORK) == 0
    return Network.NAMESPACE if alone else Network.CALLS


def _refuse(event: str, _arguments: object) -> None:
    if event in _DENIED or event.startswith(_DENIED_STARTS):
        raise PermissionError(f"This process may not do this: {event}.")
