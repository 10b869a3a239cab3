"""Which contracts may be trained on and which are measured.

The parts are drawn by company, so that sister contracts stay together.
"""

import hashlib
import re
from enum import StrEnum
from typing import Final

from evals.questions import same_name

TEST_SHARE: Final = 130
TUNE_SHARE: Final = 80
_COMPANY_END = re.compile(r"_|\s*-\s")


class Part(StrEnum):
    """What a contract may be used for."""

    TRAIN = "train"
    TUNE = "tune"
    TEST = "test"


def part_of(file_name: str) -> Part:
    """The part that the contract ``file_name`` belongs to: of 1,000 companies 130 are test and 80 tune.

    ``TRAIN`` and ``TUNE`` (which chooses checkpoints and calibrates) are for ``training``; ``TEST`` is measured.
    """
    digest = hashlib.sha256(company_of(file_name).encode()).hexdigest()
    place = int(digest, 16) % 1000
    if place < TEST_SHARE:
        return Part.TEST
    return Part.TUNE if place < TEST_SHARE + TUNE_SHARE else Part.TRAIN


def company_of(file_name: str) -> str:
    """The company that CUAD's file names begin with, reduced to letters and digits."""
    return same_name(_COMPANY_END.split(file_name, maxsplit=1)[0])
