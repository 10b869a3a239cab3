"""The pages and the command with stand-ins for the models and a real library in a temporary folder."""

import io
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import cast

from reportlab.pdfgen.canvas import Canvas
from streamlit.testing.v1 import AppTest

from cli.ask import Desk
from core.audit.events import AuditedModel, AuditEvent
from core.audit.log import AuditLog
from core.audit.trail import AuditedModels, AuditPolicy, AuditTrail
from core.errors import AuditUnavailable
from core.models import CrossEncoderScorer, Encoder, Scorer
from core.search import Searcher
from core.settings import Settings
from core.stage3_answer import Answerer
from core.storage.library import Library
from core.waiting_line import WaitingLine
from core.workbench.workbench import open_workbench
from ingest.index_contract import Tools
from ingest.worker import work_off
from pages.parts.model_loading import LoadingModels
from pages.parts.wiring import Services, provide
from tests.fakes import OverlapScorer, WordEncoder, open_test_library

ROOT = Path(__file__).resolve().parent.parent
CLAUSES = [
    "The cap on liability is one million dollars in each year.",
    "Neither party is liable for loss of profit.",
    "Notices go by post to the registered office.",
    "The law of Ohio governs this agreement.",
    "Either party may terminate on ninety days notice.",
    "Confidential information is kept secret for five years.",
    "The supplier delivers the goods to the port of Hull.",
]
QUESTION = "What is the cap on liability?"
HOSTILE = (
    '<script>alert(1)</script> ![x](http://127.0.0.1:9/x.png) $$1,000$$ <img src=x onerror=alert(2)> & "q"'
)


class FullDisk:
    """A log that can store nothing."""

    def append(self, event: AuditEvent) -> int:
        raise AuditUnavailable("The audit log", f"cannot take {event.action.value}.", "Free some disk space.")


def make_trail(directory: Path, policy: AuditPolicy = AuditPolicy()) -> AuditTrail:  # noqa: B008
    """A real audit log in ``directory`` that names the stand-ins."""
    models = AuditedModels(
        "test", AuditedModel("words", "e1"), AuditedModel("overlap", "r1"), AuditedModel("extract")
    )
    return AuditTrail(AuditLog(directory / "audit.sqlite3"), policy, models)


def make_desk(settings: Settings, library: Library, answerer: Answerer | None = None) -> Desk:
    """What ``proviso ask`` works with."""
    scorer = OverlapScorer()
    searcher = Searcher(WordEncoder, lambda: scorer, library.snapshot, WaitingLine())
    named = cast("CrossEncoderScorer", scorer)
    return Desk(settings, library, named, searcher, make_trail(settings.directory), answerer)


@contextmanager
def provided(
    directory: Path,
    scorer: Scorer | None = None,
    encoder: Encoder | None = None,
    settings: Mapping[str, object] | None = None,
) -> Iterator[Services]:
    """Services for the pages while the context lasts; ``settings`` differ from the defaults."""
    library = open_test_library(directory)
    models = LoadingModels(lambda: encoder or WordEncoder(), lambda: scorer or OverlapScorer())
    models.start()
    models.scorer()
    chosen = Settings(data_dir=directory, minimum_relevance=0.0).model_copy(update=settings or {})
    services = Services(
        chosen, library, models, WaitingLine(), make_trail(directory), open_workbench(directory)
    )
    provide(services)
    try:
        yield services
    finally:
        provide(None)
        library.close()


def opened(script: str = "app.py", **query: str) -> AppTest:
    """A page of the app as a new session sees it first."""
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=30)
    if script != "app.py":
        app.switch_page(script)
    for name, value in query.items():
        app.query_params[name] = value
    return app.run()


def screen(app: AppTest) -> str:
    """All HTML that a page wrote itself, in order, without the style sheet."""
    return "\n".join(element.value for element in app.html if "<style" not in element.value)


def ask(app: AppTest, question: str = QUESTION) -> AppTest:
    """Type a question and press Ask."""
    app.text_input(key="question_text").set_value(question)
    return app.button(key="ask").click().run()


def pdf(*pages: str) -> bytes:
    """A PDF with a line of text for every line of every page."""
    buffer = io.BytesIO()
    canvas = Canvas(buffer)
    for page in pages:
        for number, line in enumerate(page.splitlines()):
            canvas.drawString(72, 760 - 20 * number, line)
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def index_waiting(services: Services) -> None:
    """Work off the queue in this thread, with words counted as tokens."""
    tools = Tools.of(services.settings, WordEncoder, lambda text: len(text.split()), services.passwords)
    work_off(services.library, tools)


def add_pdf(library: Library, services: Services, name: str, *pages: str) -> str:
    """Add a contract the way an upload does; returns its id."""
    contract_id = library.originals.put(pdf(*pages))
    library.jobs.enqueue(contract_id, name)
    index_waiting(services)
    return contract_id
