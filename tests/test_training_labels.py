"""A firm's own judgements become examples: thumbs up answer, thumbs down are the likeliest mistakes."""

import json
from pathlib import Path

import pytest

from training.draw import Draw
from training.label_examples import LABELS, label_examples
from training.records import Passage


def line(question: str, text: str, verdict: str) -> str:
    return json.dumps({"question": question, "text": text, "verdict": verdict, "file": "supply.pdf"})


def test_thumbs_become_grades_and_negatives(tmp_path: Path) -> None:
    path = tmp_path / "labels.jsonl"
    path.write_text(
        "\n".join(
            [
                line("What is the cap?", "The cap is one million.", "answers"),
                line("What is the cap?", "A cap is worn on the head.", "does not answer"),
                "",
                line("Who dances?", "Nobody dances.", "does not answer"),
            ]
        )
    )
    examples, passages = label_examples(path)
    texts = {passage.passage_id: passage.text for passage in passages}
    assert [(one.source, one.wordings) for one in examples] == [
        (LABELS, ("What is the cap?",)),
        (LABELS, ("Who dances?",)),
    ]
    assert [{texts[one]: grade for one, grade in example.grades.items()} for example in examples] == [
        {"The cap is one million.": 4},
        {},
    ]
    assert [[texts[one] for one in example.negatives] for example in examples] == [
        ["A cap is worn on the head."],
        ["Nobody dances."],
    ]
    others = [Passage(f"o{number}", "lease.pdf", "Lease", f"The rent is {number}.") for number in range(9)]
    groups = Draw({one.passage_id: one for one in [*passages, *others]}, examples, seed=1).groups(0, 4)
    assert {group.question.rstrip("?") for group in groups} <= {"What is the cap", "Who dances"}


@pytest.mark.parametrize("text", ['{"question": "?"}', line("?", "t", "perhaps")])
def test_what_is_no_judgement_is_named_by_its_line(tmp_path: Path, text: str) -> None:
    path = tmp_path / "labels.jsonl"
    path.write_text(text)
    with pytest.raises(ValueError, match="line 1 is no judgement"):
        label_examples(path)
