"""What left the machine for a question, in words: the same on the page and in files."""

from core.found_by import module_name
from core.plural import plural
from core.records import Answer, AnswerKind, Finding

# Whoever gives these answers asks no model service.
QUIET = frozenset({AnswerKind.EXTRACT, AnswerKind.REFUSED})


def what_left(answer: Answer | None, finding: Finding, endpoint: str, *, follow_up: bool = False) -> str:
    """Everything that was sent to the model service, ``nothing`` where that is so.

    Args:
        answer: None where there is none.
        finding: with what its pipeline's modules sent.
        endpoint: host of the service; empty where there is none.
        follow_up: whether a follow-up was sent to be put in full.
    """
    parts = []
    if follow_up:
        parts.append(
            f"the follow-up with the questions before it and the titles in scope, to {endpoint}, to be put in full"
        )
    parts += [
        f"what the module {module_name(step.module)} asked, to {endpoint}"
        for step in finding.trace
        if step.sent
    ]
    passages = len(finding.evidence.passages)
    if endpoint and answer is not None and passages and answer.kind not in QUIET:
        counted = plural(passages, "passage")
        parts.append(f"the question and {counted}, to {answer.model or 'the model'} at {endpoint}")
    return "; ".join(parts) or "nothing"
