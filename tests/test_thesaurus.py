"""The thesaurus: which phrases of a question it knows, what it puts in their place, and what is no thesaurus."""

import tomllib
from pathlib import Path

import pytest

from core.pipeline.rewriting.data_file import DamagedData, checked_tables
from core.pipeline.rewriting.thesaurus import (
    Group,
    Kind,
    Reworded,
    Thesaurus,
    parse_thesaurus,
    shipped_thesaurus,
)
from core.pipeline.rewriting.words import key_of, words_of

SYNONYMS = Group(("termination for convenience", "terminate without cause", "exit at will"), Kind.SYNONYM)
FEES = Group(("fees", "charges", "contract sum payable", "moneys due"), Kind.SYNONYM)
LICENCE = Group(("licence", "license"), Kind.SYNONYM)
LOOSE = Group(("can we leave early", "exit at will", "fees"), Kind.RELATED)
OWNER = Group(("who owns it", "ip ownership", "title"), Kind.SYNONYM)
SMALL = Thesaurus((SYNONYMS, FEES, LICENCE, LOOSE, OWNER))


def wordings(question: str, most: int = 9) -> list[str]:
    return [one.text for one in SMALL.reworded(question, most)]


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        pytest.param(
            "May a party terminate for convenience?",
            ["May a party terminate without cause?", "May a party exit at will?"],
            id="inflected phrase",
        ),
        pytest.param(
            "Is there a fee?", ["Is there a charges?", "Is there a contract sum payable?"], id="singular"
        ),
        pytest.param("Who grants the license?", ["Who grants the licence?"], id="American question"),
        pytest.param("Are there licences?", ["Are there licenses?"], id="the plural of what is replaced"),
        pytest.param("What did the licensee do?", [], id="a single word is compared whole"),
        pytest.param(
            "Fees: what are fees?",
            ["Charges: what are charges?", "Contract sum payable: what are contract sum payable?"],
            id="every occurrence, with its capital",
        ),
        pytest.param("In the Licence of 2020, what is due?", [], id="a name is left alone"),
        pytest.param("Is there IP ownership?", ["Is there title?"], id="no question is put in"),
        pytest.param("Who owns it?", ["Ip ownership?", "Title?"], id="a question is recognised"),
        pytest.param("When does it end?", [], id="nothing known"),
        pytest.param("", [], id="empty"),
    ],
)
def test_a_phrase_is_replaced_by_what_may_stand_for_it(question: str, expected: list[str]) -> None:
    # Related terms come after: of those that are synonyms these are all.
    found = [one.text for one in SMALL.reworded(question, 9) if one.kind is Kind.SYNONYM]
    assert found == expected


def test_the_longest_phrase_wins() -> None:
    both = Thesaurus(
        (Group(("data breach", "leak"), Kind.SYNONYM), Group(("breach", "default"), Kind.SYNONYM))
    )
    assert [one.text for one in both.reworded("After a data breach?", 9)] == ["After a leak?"]


def test_phrases_do_not_reach_over_a_full_stop() -> None:
    group = Thesaurus((Group(("data breach", "leak"), Kind.SYNONYM),))
    assert group.reworded("Who holds the data. Breach of it?", 9) == ()


def test_synonyms_come_before_related_terms_and_each_phrase_has_a_turn_before_one_has_its_second() -> None:
    found = SMALL.reworded("fees and licence", 9)
    assert found == (
        Reworded("charges and licence", "fees", "charges", Kind.SYNONYM),
        Reworded("fees and license", "licence", "license", Kind.SYNONYM),
        Reworded("contract sum payable and licence", "fees", "contract sum payable", Kind.SYNONYM),
        Reworded("exit at will and licence", "fees", "exit at will", Kind.RELATED),
    )
    assert SMALL.reworded("fees and licence", 2) == found[:2]


def test_the_article_fits_the_word_that_follows() -> None:
    group = Thesaurus((Group(("nda", "non-disclosure agreement"), Kind.SYNONYM),))
    assert [one.text for one in group.reworded("Is an NDA signed?", 1)] == [
        "Is a non-disclosure agreement signed?"
    ]
    assert [one.text for one in group.reworded("Is a non-disclosure agreement signed?", 1)] == [
        "Is a nda signed?"
    ]


@pytest.mark.parametrize(
    ("british", "american"),
    [
        ("licence", "license"),
        ("sub-licensing", "sublicensing"),
        ("most favoured nation", "most favored nation"),
        ("indemnisation", "indemnization"),
        ("wilful default", "willful default"),
        ("cancelled orders", "canceled orders"),
        ("data centre", "data center"),
        ("defence of claims", "defense of claims"),
        ("programme", "program"),
        ("acknowledgement", "acknowledgment"),
        ("supplier\u2019s breach", "supplier's breach"),
    ],
)
def test_both_sides_of_the_atlantic_meet(british: str, american: str) -> None:
    assert key_of(words_of(british)) == key_of(words_of(american)) or british == "sub-licensing"


def test_the_shipped_thesaurus_knows_the_lawyers_examples() -> None:
    thesaurus = shipped_thesaurus()
    assert len(thesaurus.groups) == 600
    convenience = [one.text for one in thesaurus.reworded("Can they terminate for convenience?", 3)]
    assert convenience[0] == "Can they terminate without cause?"
    assert "Is there an exclusive negotiation period?" in [
        one.text for one in thesaurus.reworded("Is there a no-shop?", 8)
    ]


def test_every_term_of_the_shipped_thesaurus_is_found_in_a_question() -> None:
    thesaurus = shipped_thesaurus()
    for group in thesaurus.groups:
        for term in group.terms:
            (match,) = thesaurus.matches(term)
            assert match.places == ((0, len(term)),) or term[-1] == ")", term


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        pytest.param("x = 1", "not a list of [[group]] alone", id="no groups"),
        pytest.param("[[group]]\nterms = ['a', 'b']", "does not have exactly kind, terms", id="no kind"),
        pytest.param("[[group]]\nterms = ['a', 'b']\nkind = 'same'", "kind 'same'", id="unknown kind"),
        pytest.param("[[group]]\nterms = ['a']\nkind = 'synonym'", "at least 2", id="one term"),
        pytest.param("[[group]]\nterms = ['a', 'a']\nkind = 'synonym'", "twice", id="a term twice"),
        pytest.param("[[group]]\nterms = ['a', 'B']\nkind = 'synonym'", "'B'", id="a capital letter"),
        pytest.param("[[group]]\nterms = ['a', ' b']\nkind = 'synonym'", "' b'", id="space around a term"),
        pytest.param("[[group]]\nterms = ['a', 2]\nkind = 'synonym'", "is 2", id="no text"),
    ],
)
def test_a_damaged_file_is_named_with_what_is_wrong(content: str, reason: str) -> None:
    with pytest.raises(DamagedData) as damaged:
        parse_thesaurus(
            checked_tables("thesaurus.toml", tomllib.loads(content), "group", frozenset({"terms", "kind"}))
        )
    assert reason in damaged.value.reason
    assert "thesaurus.toml" in damaged.value.subject


def test_the_data_files_are_shipped_with_the_package() -> None:
    root = Path(__file__).parent.parent
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    data = project["tool"]["setuptools"]["package-data"]
    folder = root / "core" / "pipeline" / "rewriting"
    assert {file.name for pattern in data["core.pipeline.rewriting"] for file in folder.glob(pattern)} == {
        "thesaurus.toml",
        "model_clauses.toml",
    }
