"""The records that flow through Proviso, in the order in which they appear.

Reading:    ContractText (Pages) -> Chunks -> Contract, the catalogue's row
Question:   Inquiry -> Hits of each leg -> Candidates -> Ranking (kept, discarded) -> Evidence -> Answer

Every record is frozen: a stage makes new ones, it never changes what an earlier stage said.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class TextSource(StrEnum):
    """How the text of a page was obtained."""

    TEXT = "text"
    OCR = "ocr"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class TextRun:
    """Characters of the contract text that stand together on a page: ``length`` characters from offset
    ``start`` of the contract text are the page's own characters from ``char_index`` (pypdfium2's count).
    ``hidden`` says that a reader of the page does not see them.
    """

    start: int
    length: int
    char_index: int
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class WordBox:
    """Where a word read by OCR stands: contract text offsets and a box in PDF points, origin bottom left."""

    start: int
    length: int
    left: float
    bottom: float
    right: float
    top: float


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a contract; its text is ``contract.text[start:end]`` without running headers and footers.

    ``number`` counts from 1, ``label`` is the page's printed number where the PDF states one, and
    ``confidence`` (0-1) is given for pages read by OCR.
    """

    number: int
    label: str
    start: int
    end: int
    source: TextSource
    runs: tuple[TextRun, ...] = ()
    words: tuple[WordBox, ...] = ()
    confidence: float | None = None


@dataclass(frozen=True, slots=True)
class ContractText:
    """What reading one PDF yields. Pages are in order and ``text`` is their texts joined by newlines."""

    contract_id: str
    file_name: str
    text: str
    pages: tuple[Page, ...]
    outline: tuple[str, ...] = ()
    document_title: str = ""
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Profile:
    """What a contract plainly says about itself; an empty field means it was not found."""

    title: str
    parties: tuple[str, ...] = ()
    date: str = ""
    governing_law: str = ""
    contract_type: str = ""


@dataclass(frozen=True, slots=True)
class DefinedTerm:
    """A term that a contract defines; its definition is ``contract.text[start:end]``."""

    term: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class CrossReference:
    """Words such as ``Section 12.3`` at ``contract.text[start:end]``; the clause they name begins at ``target``."""

    start: int
    end: int
    target: int


class ChunkKind(StrEnum):
    """The part of a contract that a chunk belongs to."""

    FRONT = "front"
    CLAUSE = "clause"
    DEFINITIONS = "definitions"
    SCHEDULE = "schedule"


@dataclass(frozen=True, slots=True)
class Chunk:
    """A passage of one contract: ``contract.text[start:end] == text``, pages counted from 1, both inclusive.

    ``context`` is the line (title and headings) that the models read before the text; the user never sees it
    as part of the passage.
    """

    chunk_id: str
    contract_id: str
    ordinal: int
    start: int
    end: int
    text: str
    heading_path: tuple[str, ...]
    kind: ChunkKind
    page_start: int
    page_end: int
    context: str = ""

    @property
    def heading(self) -> str:
        """The heading path as one line, such as ``8 Limitation of Liability > 8.2 Cap``."""
        return " > ".join(self.heading_path)

    @property
    def situated_text(self) -> str:
        """The text the models read: context line, then the passage."""
        return f"{self.context}\n{self.text}" if self.context else self.text


@dataclass(frozen=True, slots=True)
class Contract:
    """A contract of the library. ``contract_id`` is the sha256 of the file's bytes, in hexadecimal."""

    contract_id: str
    file_name: str
    profile: Profile
    page_count: int
    chunk_count: int
    unread_pages: tuple[int, ...] = ()
    ocr_pages: tuple[int, ...] = ()
    warnings: tuple[str, ...] = ()
    added_at: str = ""


# What a reader may search with beside the question: more or longer wordings would only slow the search.
MOST_WORDINGS = 12
LONGEST_WORDING = 2000


class Selection(StrEnum):
    """How the reranker fills the places: by relevance alone, or with one passage of each contract."""

    BEST = "best passages"
    BEST_OF_EACH = "best of each contract"


@dataclass(frozen=True, slots=True)
class Inquiry:
    """One question and how it is to be answered. An empty ``contract_ids`` searches every contract.

    ``pipeline`` names the recipe that is run; ``formulations`` are wordings that the reader gave to search with, in
    place of those that the recipe would make. The question itself among them stands for no wording: given alone, it is
    searched with nothing beside it.
    """

    question: str
    contract_ids: tuple[str, ...] = ()
    candidates: int = 100
    keep: int = 5
    minimum_relevance: float = 0.0
    selection: Selection = Selection.BEST
    pipeline: str = "hybrid"
    formulations: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.question.strip():
            raise ValueError(f"The question is empty: {self.question!r}.")
        if not 20 <= self.candidates <= 200:
            raise ValueError(f"The number of candidates must lie between 20 and 200, not {self.candidates}.")
        if not 1 <= self.keep <= 20:
            raise ValueError(f"The number of passages kept must lie between 1 and 20, not {self.keep}.")
        if not 0.0 <= self.minimum_relevance <= 1.0:
            raise ValueError(f"The minimum relevance must lie between 0 and 1, not {self.minimum_relevance}.")
        if len(self.formulations) > MOST_WORDINGS:
            raise ValueError(f"At most {MOST_WORDINGS} wordings can be given, not {len(self.formulations)}.")
        for wording in self.formulations:
            if not wording.strip():
                raise ValueError(f"A wording is empty: {wording!r}.")
            if len(wording) > LONGEST_WORDING:
                raise ValueError(
                    f"A wording has at most {LONGEST_WORDING} characters, not {len(wording)}: {wording[:60]!r}..."
                )


@dataclass(frozen=True, slots=True)
class Hit:
    """One chunk found by one leg of the first stage; ranks count from 1."""

    chunk_id: str
    rank: int
    score: float


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a compound or comparative question, searched and judged on its own.

    Args:
        name: tells it apart from the other parts: its words, or the contract it is put to.
        text: what is searched and judged; the question itself where contracts are compared.
        contract_ids: where; empty means wherever the question is put.
    """

    name: str
    text: str
    contract_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FoundBy:
    """A module that found a chunk: with which wording (written by ``origin``), at which rank, along which path, and
    for which part of the question (its name; empty: for the whole).
    """

    module: str
    wording: str
    origin: str
    rank: int
    score: float
    path: tuple[str, ...] = ()
    part: str = ""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A chunk that the first stage proposes, with what each leg said of it (None: that leg missed it).

    ``found_by`` names every module that found it, the best rank first.
    """

    chunk: Chunk
    contract_title: str
    dense: Hit | None
    bm25: Hit | None
    fused_rank: int
    fused_score: float
    found_by: tuple[FoundBy, ...] = ()


class Verdict(StrEnum):
    """The rule that decided over a candidate."""

    KEPT = "kept"
    BEYOND_KEEP = "rank beyond the number kept"
    BELOW_MINIMUM = "relevance below the minimum"
    SAME_CONTRACT = "a better passage of the same contract is kept"
    OTHER_PART = "its place went to the best passage of another part of the question"
    PROMOTED = "promoted by a reader"
    REMOVED = "removed by a reader"


class ScoredBy(StrEnum):
    """Which model a candidate's score comes from. The small one judges only who gets to the cross-encoder."""

    CROSS_ENCODER = "cross-encoder"
    FIRST_LOOK = "first look"


@dataclass(frozen=True, slots=True)
class Judged:
    """A candidate after the second stage: logit, relevance (0-1), final rank from 1, and the verdict.

    ``truncated`` says that the pair was longer than the model reads, so the end of the passage did not count.
    ``scored_by`` says whose logit it is; those of the first look rank below all of the cross-encoder. ``wording`` is
    the part of the question that the logit is of; empty: it is of the question itself.
    """

    candidate: Candidate
    logit: float
    relevance: float
    rank: int
    truncated: bool
    verdict: Verdict
    scored_by: ScoredBy = ScoredBy.CROSS_ENCODER
    wording: str = ""


@dataclass(frozen=True, slots=True)
class Ranking:
    """Every candidate with its judgement: ``kept`` and ``discarded`` together are all of them, by rank."""

    kept: tuple[Judged, ...]
    discarded: tuple[Judged, ...]

    @property
    def all(self) -> tuple[Judged, ...]:
        """Kept and discarded candidates in the order of their final rank."""
        return tuple(sorted(self.kept + self.discarded, key=lambda judged: judged.rank))


@dataclass(frozen=True, slots=True)
class Override:
    """What a reader changed about a ranking, by chunk id, and why.

    Args:
        promoted: discarded passages that take a place.
        removed: kept passages that lose theirs.
        reason: the reader's own words.
        actor: who did it.
        at: when, UTC, ISO 8601.

    Raises:
        ValueError: nothing is changed, a chunk is named twice, or there is no reason.
    """

    promoted: tuple[str, ...]
    removed: tuple[str, ...]
    reason: str
    actor: str
    at: str

    def __post_init__(self) -> None:
        named = self.promoted + self.removed
        if not named:
            raise ValueError("An override promotes or removes at least one passage.")
        if len(set(named)) != len(named):
            raise ValueError("An override names a passage twice.")
        if not self.reason.strip():
            raise ValueError(f"An override needs a reason, not {self.reason!r}.")


@dataclass(frozen=True, slots=True)
class Passage:
    """One passage of the evidence as the generator may see it; ``number`` is its citation marker."""

    number: int
    chunk_id: str
    contract_id: str
    contract_title: str
    heading: str
    page_start: int
    page_end: int
    text: str
    relevance: float

    @property
    def page_range(self) -> str:
        """``4`` or ``4-5``."""
        return (
            str(self.page_start) if self.page_start == self.page_end else f"{self.page_start}-{self.page_end}"
        )


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that an answer may rest on: the reranker's kept passages, numbered from 1.

    Only ``core.stage2_rerank`` builds it, and the answering stage takes nothing else.

    Raises:
        ValueError: more than ``keep`` passages, numbers that are not 1..n, or a chunk that appears twice.
    """

    question: str
    keep: int
    passages: tuple[Passage, ...]

    def __post_init__(self) -> None:
        if len(self.passages) > self.keep:
            raise ValueError(f"Evidence holds {len(self.passages)} passages, more than the {self.keep} kept.")
        numbers = [passage.number for passage in self.passages]
        if numbers != list(range(1, len(numbers) + 1)):
            raise ValueError(f"Evidence must be numbered from 1 without gaps, not {numbers}.")
        if len({passage.chunk_id for passage in self.passages}) != len(self.passages):
            raise ValueError("Evidence names the same chunk twice.")


class Layer(StrEnum):
    """The types of a pipeline's modules, in the order in which they run."""

    PRE_RETRIEVAL = "pre_retrieval"
    RETRIEVAL = "retrieval"
    FUSION = "fusion"
    POST_RETRIEVAL = "post_retrieval"
    GENERATION = "generation"


@dataclass(frozen=True, slots=True)
class TraceStep:
    """What one module did: its input and output in words, wall-clock seconds, and what it asked of a model service.

    ``sent`` is every message that left for the service, word for word; ``tokens`` estimates what was sent and received.
    ``steps`` is what the reader was told while it worked.
    """

    layer: Layer
    module: str
    input: str
    output: str
    seconds: float
    calls: int = 0
    tokens: int = 0
    sent: tuple[str, ...] = ()
    steps: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Wording:
    """A text that was searched beside the question: written by the module ``origin``, or by the reader.

    ``dense`` and ``bm25`` say whether its meaning and its words were searched. ``derived`` says that a module made it
    out of what it had found, so that no reader can give it beforehand. ``by`` says who wrote it where the module's name
    does not: a model service, a thesaurus.
    """

    text: str
    origin: str
    dense: bool = True
    bm25: bool = True
    derived: bool = False
    by: str = ""


@dataclass(frozen=True, slots=True)
class StageTime:
    """Wall-clock seconds that one stage took."""

    stage: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Finding:
    """The result of the first two stages: what was found, what was kept, and on what the answer may rest.

    ``passage_cautions`` holds, by chunk id, what must be said beside a kept passage; most have nothing.
    ``override`` is what a reader changed about the ranking, None where it is the reranker's own. ``trace`` is what
    each module of the pipeline did, ``wordings`` is what was searched beside the question, and ``notes`` what
    the pipeline decided that a reader should know, such as a narrowed scope. ``parts`` are those of a question that was
    taken apart; each of them got its best passage a place first.
    """

    inquiry: Inquiry
    ranking: Ranking
    evidence: Evidence
    timings: tuple[StageTime, ...]
    contracts_searched: int
    cautions: tuple[str, ...] = ()
    passage_cautions: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    override: Override | None = None
    trace: tuple[TraceStep, ...] = ()
    wordings: tuple[Wording, ...] = ()
    notes: tuple[str, ...] = ()
    parts: tuple[Part, ...] = ()

    @property
    def formulations(self) -> tuple[str, ...]:
        """The texts of the wordings."""
        return tuple(wording.text for wording in self.wordings)


class AnswerKind(StrEnum):
    """How an answer came about, and whether it may be relied on as complete."""

    GENERATED = "generated"
    EXTRACT = "extract"
    REFUSED = "refused"
    INCOMPLETE = "incomplete"
    UNAVAILABLE = "unavailable"


@dataclass(frozen=True, slots=True)
class Citation:
    """A marker such as ``[2]`` in an answer; ``passage`` is None when the evidence has no such number."""

    marker: int
    passage: Passage | None


@dataclass(frozen=True, slots=True)
class Quote:
    """Words an answer puts in quotation marks, and whether a passage it cites holds them verbatim."""

    text: str
    verbatim: bool


@dataclass(frozen=True, slots=True)
class Statement:
    """One sentence of an answer with its citations and quotes."""

    text: str
    citations: tuple[Citation, ...]
    quotes: tuple[Quote, ...] = ()

    @property
    def supported(self) -> bool:
        """True when it cites, every marker resolves inside the evidence, and every quote is verbatim."""
        return (
            bool(self.citations)
            and all(citation.passage is not None for citation in self.citations)
            and all(quote.verbatim for quote in self.quotes)
        )


@dataclass(frozen=True, slots=True)
class Answer:
    """What the user is told. ``note`` says plainly what kind of answer this is or why there is none."""

    kind: AnswerKind
    text: str
    statements: tuple[Statement, ...]
    model: str
    note: str
    seconds: float = 0.0
    cautions: tuple[str, ...] = field(default=())

    @property
    def complete(self) -> bool:
        """False for an answer that is missing or breaks off; it must never pass for a whole one."""
        return self.kind not in (AnswerKind.INCOMPLETE, AnswerKind.UNAVAILABLE)
