"""Questions that need several passages together, from a ``multi_hop.jsonl`` beside the contracts.

One JSON object a line: ``id``, ``kind`` (multi-hop, comparative or compound), ``question``, ``contracts`` (what it is
about, empty for all), and ``passages``, a list of objects with ``contract`` and ``quote``: two or more, all needed.
"""

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, Final

from evals.question_lines import check_question, read_question_lines
from evals.questions import LabelledQuestion, Quoted

MULTI_HOP_FILE: Final = "multi_hop.jsonl"
SECTION: Final = "several passages needed"
NOTE: Final = (
    "Questions that need several passages are asked of the whole corpus, whichever contracts they are about: a reader"
    " does not know yet where the answer stands."
)


def read_multi_hop(folder: Path, names: Collection[str]) -> tuple[LabelledQuestion, ...]:
    """Every such question of ``folder``, none where it has no such file; the category is the kind.

    Args:
        folder: where the file is.
        names: of the contracts that may be quoted.

    Raises:
        InvalidSettings: the file cannot be read, or a line is no such question.
    """
    source = folder / MULTI_HOP_FILE
    if not source.exists():
        return ()
    return read_question_lines(
        source, lambda fields: _question(fields, names), "question with several passages"
    )


def _question(fields: Mapping[str, Any], names: Collection[str]) -> LabelledQuestion:
    needed = [Quoted(str(one["contract"]), str(one["quote"])) for one in fields["passages"]]
    if len(needed) < 2:
        raise ValueError(f"{len(needed)} passages, and two are the least")
    check_question(fields, (one.file for one in needed), names)
    first, *others = needed
    return LabelledQuestion(
        str(fields["id"]),
        str(fields["question"]),
        str(fields["kind"]),
        (),
        first.file,
        (first.words,),
        SECTION,
        tuple(others),
        together=True,
    )
