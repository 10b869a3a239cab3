"""The audit trail of the library that the settings describe."""

from urllib.parse import urlsplit

from core.answering.chat import OPENAI_BASE_URL
from core.answering.extract import MODEL as EXTRACT
from core.audit.events import AuditedModel
from core.audit.log import AuditLog
from core.audit.trail import AuditedModels, AuditPolicy, AuditTrail
from core.models import EncoderSource, reranker_directory, weights_digest
from core.settings import Settings
from ingest.open_library import fingerprint_of


def audit_log(settings: Settings) -> AuditLog:
    """The log in the data directory; made when the first event is written."""
    return AuditLog(settings.directory / "audit.sqlite3")


def open_trail(settings: Settings) -> AuditTrail:
    """Writes what happens to the log, naming the models by the sha256 of their weights."""
    models = AuditedModels(
        library_fingerprint=fingerprint_of(settings),
        encoder=AuditedModel(settings.encoder, weights_digest(EncoderSource(settings.encoder).directory)),
        reranker=AuditedModel(settings.reranker, weights_digest(reranker_directory(settings.reranker))),
        answerer=AuditedModel(settings.chat_model or EXTRACT),
        endpoint=chat_host(settings),
    )
    return AuditTrail(audit_log(settings), AuditPolicy(settings.audit_questions, settings.audit_text), models)


def chat_host(settings: Settings) -> str:
    """Host where passages are sent for an answer; empty when they stay on this machine."""
    if not settings.chat_configured:
        return ""
    address = settings.openai_base_url.strip() or OPENAI_BASE_URL
    try:
        # An address may hold a user and a password; only the host is ever shown or logged.
        return urlsplit(address).hostname or "an address that is none"
    except ValueError:
        return "an address that is none"
