"""A firm's own judgements, as ``proviso labels --export`` writes them, as examples to train on."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from core.workbench.labels import LabelVerdict
from training.records import Example, Passage

LABELS: Final = "labels"
BEST: Final = 4


def label_examples(path: Path) -> tuple[list[Example], list[Passage]]:
    """One example a question: what readers said answers it, and what they said does not, as its likeliest mistakes.

    Args:
        path: ``labels.jsonl`` of an exported folder. The passages stand in it as they were judged, without the line
            of title and headings.

    Raises:
        ValueError: a line is no judgement.
    """
    passages: dict[str, Passage] = {}
    said: dict[str, dict[str, bool]] = {}
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if not line.strip():
            continue
        question, passage, answers = _judgement(json.loads(line), f"{path}, line {number}")
        passages[passage.passage_id] = passage
        said.setdefault(question, {})[passage.passage_id] = answers
    examples = [
        Example(
            LABELS,
            (question,),
            {passage_id: BEST for passage_id, answers in verdicts.items() if answers},
            tuple(passage_id for passage_id, answers in verdicts.items() if not answers),
            bare=True,
        )
        for question, verdicts in said.items()
    ]
    return examples, list(passages.values())


def _judgement(fields: Mapping[str, Any], place: str) -> tuple[str, Passage, bool]:
    try:
        text, owner = str(fields["text"]), str(fields["file"])
        answers = LabelVerdict(fields["verdict"]) is LabelVerdict.ANSWERS
        question = str(fields["question"])
    except (KeyError, ValueError, TypeError) as error:
        raise ValueError(f"{place} is no judgement: {error}") from None
    digest = hashlib.sha256(f"{owner}\0{text}".encode()).hexdigest()[:16]
    return question, Passage(f"label/{digest}", owner, "", text), answers
