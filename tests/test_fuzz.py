"""A short run of the fuzzer, and any text at all through the splitter. The long run: python -m tests.fuzz."""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.records import ContractText, Page, TextSource
from tests.fuzz import check_contract

ROOT = Path(__file__).resolve().parent.parent


def test_forty_mutants_are_refused_or_sound() -> None:
    # In a process of its own: it forks, which a process with the threads of other tests should not.
    command = [sys.executable, "-m", "tests.fuzz", "--mutants", "40", "--minutes", "4"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr[-2000:]
    assert "ready" in done.stdout


def test_the_fuzzer_notices_a_broken_invariant() -> None:
    page = Page(1, "", 0, 3, TextSource.TEXT)
    with pytest.raises(AssertionError):
        check_contract(ContractText("0" * 64, "a.pdf", "Four", (page,)))


pieces = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\r"), max_size=60),
    st.sampled_from(
        ["1.", "1.1 Term", "(a) the", "ARTICLE IV", "\n", "\n\n", "Schedule 1", "\u00a0", "." * 40, "9" * 30]
    ),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.lists(pieces, max_size=12), min_size=1, max_size=4))
def test_any_text_is_split_without_loss(written: Sequence[Sequence[str]]) -> None:
    texts = [" ".join(page) for page in written]
    pages: list[Page] = []
    start = 0
    for number, text in enumerate(texts, start=1):
        pages.append(Page(number, "", start, start + len(text), TextSource.TEXT))
        start += len(text) + 1
    check_contract(ContractText("0" * 64, "a.pdf", "\n".join(texts), tuple(pages)))
