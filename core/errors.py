"""Errors that a user can act on: each names its subject, the reason and the next step."""


class ProvisoError(Exception):
    """Base of every error that is shown to the user instead of a traceback.

    Args:
        subject: the file, store, model or service concerned.
        reason: what is wrong, in words a lawyer understands.
        next_step: what the user can do about it.
    """

    def __init__(self, subject: str, reason: str, next_step: str) -> None:
        super().__init__(f"{subject}: {reason} {next_step}".strip())
        self.subject = subject
        self.reason = reason
        self.next_step = next_step


class RejectedFile(ProvisoError):
    """A file that cannot become a contract; nothing was stored."""


class PasswordNeeded(RejectedFile):
    """A file that is protected by a password that was not given, or not this one."""


class ModelUnavailable(ProvisoError):
    """A configured model that cannot be loaded."""


class StoreBusy(ProvisoError):
    """The data directory is held by another process."""


class StoreUnavailable(ProvisoError):
    """The vector store cannot be reached or read."""


class StoreNotClosed(StoreUnavailable):
    """The process that wrote the vector store ended before all of it was on disk."""


class StorageFull(ProvisoError):
    """The disk of the data directory is full; nothing that was stored is lost."""


class CatalogueUnusable(ProvisoError):
    """The catalogue is missing, damaged, or was written by a newer Proviso."""


class ChatUnavailable(ProvisoError):
    """The model endpoint gave no usable answer."""


class AuditUnavailable(ProvisoError):
    """The audit log cannot be written or read, so nothing is done that would have to be in it."""


class UnknownContract(ProvisoError):
    """A name or id that is no contract of the library, or more than one."""


class InvalidSettings(ProvisoError):
    """A setting that is unknown or out of range."""
