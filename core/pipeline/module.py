"""What a module is: a plain function with a name, a layer and options. Adding one is a file and a line in the list."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from core.pipeline.records import Leg, Option, Query
from core.pipeline.tools import Tools
from core.records import Hit, Layer

Options = Mapping[str, Option]
Bounds = Mapping[str, tuple[float, float]]
"""The least and the largest value of an option, by its name; an option without bounds takes any of its type."""


@dataclass(frozen=True, slots=True)
class PreRetrieval:
    """Changes what is searched, or where. ``options`` holds every option with its default.

    One that ``writes`` wordings is left out when the reader gave wordings. One that ``asks`` sends words to the model
    service where there is one, and works without.
    """

    name: str
    run: Callable[[Query, Options, Tools], Query]
    options: Options = field(default_factory=dict)
    writes: bool = False
    bounds: Bounds = field(default_factory=dict)
    layer: Layer = Layer.PRE_RETRIEVAL
    asks: bool = False


@dataclass(frozen=True, slots=True)
class Retrieval:
    """Finds chunks for a query; one that ``asks`` sends words to the model service where there is one."""

    name: str
    run: Callable[[Query, Options, Tools], tuple[Leg, ...]]
    options: Options = field(default_factory=dict)
    bounds: Bounds = field(default_factory=dict)
    layer: Layer = Layer.RETRIEVAL
    asks: bool = False


@dataclass(frozen=True, slots=True)
class Fusion:
    """Makes one ranking out of all legs."""

    name: str
    run: Callable[[tuple[Leg, ...], Options, Tools], tuple[Hit, ...]]
    options: Options = field(default_factory=dict)
    bounds: Bounds = field(default_factory=dict)
    layer: Layer = Layer.FUSION


@dataclass(frozen=True, slots=True)
class Fixed:
    """A module that the stages themselves run: the reranker and the answer. A recipe names it where it stands."""

    name: str
    layer: Layer
    options: Options = field(default_factory=dict)
    bounds: Bounds = field(default_factory=dict)


Module = PreRetrieval | Retrieval | Fusion | Fixed
