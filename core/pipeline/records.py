"""The records of a pipeline, in the order in which they appear.

Recipe (a TOML file)  ->  Query (formulations, scope)  ->  Legs  ->  fused Hits  ->  Candidates, and a TraceStep each.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from core.records import Candidate, Hit, Layer, Part, TraceStep

Option = int | float | str | bool


@dataclass(frozen=True, slots=True)
class Step:
    """One module of a recipe and the options it is given; what is left out has the module's default."""

    module: str
    options: Mapping[str, Option] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Recipe:
    """A pipeline: modules layer by layer. ``read_recipe`` is the only maker, so every recipe is a valid one."""

    name: str
    description: str
    pre_retrieval: tuple[Step, ...]
    retrieval: tuple[Step, ...]
    fusion: Step
    post_retrieval: tuple[Step, ...]
    generation: Step

    @property
    def steps(self) -> tuple[tuple[Layer, Step], ...]:
        """Every step with its layer, in the order in which they run."""
        return (
            *((Layer.PRE_RETRIEVAL, step) for step in self.pre_retrieval),
            *((Layer.RETRIEVAL, step) for step in self.retrieval),
            (Layer.FUSION, self.fusion),
            *((Layer.POST_RETRIEVAL, step) for step in self.post_retrieval),
            (Layer.GENERATION, self.generation),
        )


@dataclass(frozen=True, slots=True)
class Formulation:
    """One wording that is searched for. ``origin`` says which module wrote it (``question``: the lawyer).

    Only retrieval reads formulations: the reranker scores against the question itself, and the generator sees
    neither. ``weight`` is what a rank counts in the fusion, 1 for the question. ``by`` tells the reader who wrote it,
    where the module's name does not.
    """

    text: str
    origin: str
    dense: bool = True
    bm25: bool = True
    weight: float = 1.0
    by: str = ""


@dataclass(frozen=True, slots=True)
class Query:
    """What is searched, and where: ``contract_ids`` empty means every contract. ``notes`` is told to the reader, and
    ``parts`` are those into which a module took the question apart.
    """

    question: str
    formulations: tuple[Formulation, ...]
    contract_ids: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    parts: tuple[Part, ...] = ()


@dataclass(frozen=True, slots=True)
class Leg:
    """What one module found for one formulation, best first; ``paths`` says, by chunk id, how it came there, and
    ``notes`` what the reader should know about it, such as contracts that were searched in another way. ``part`` is
    the part of the question it was found for, None for the whole.
    """

    module: str
    formulation: Formulation
    hits: tuple[Hit, ...]
    paths: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    part: Part | None = None


@dataclass(frozen=True, slots=True)
class Retrieved:
    """What the first stage gives: candidates by fused rank, the query as it was searched, what each module did, and
    the list of each.
    """

    candidates: tuple[Candidate, ...]
    query: Query
    trace: tuple[TraceStep, ...]
    legs: tuple[Leg, ...]
