"""Who does something, as the audit log names them."""

import getpass
import os

from core.redact import printable


def system_user() -> str:
    """The user of the operating system that runs this process."""
    try:
        return f"system user {printable(getpass.getuser())}"
    except (KeyError, OSError):
        # A container may run under a number that has no name.
        return f"system user {os.getuid()}"
