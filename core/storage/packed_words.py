"""Many strings as two arrays, so that they are mapped from a file and only those that are needed become objects."""

import itertools
import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class PackedWords:
    """Strings by number: the UTF-8 bytes of string n are ``text[ends[n - 1]:ends[n]]``."""

    text: NDArray[np.uint8]
    ends: NDArray[np.int64]

    @classmethod
    def of(cls, words: Iterable[str]) -> "PackedWords":
        """The strings in the order given."""
        encoded = [word.encode() for word in words]
        ends = np.fromiter(itertools.accumulate(map(len, encoded)), np.int64, len(encoded))
        return cls(np.frombuffer(b"".join(encoded), dtype=np.uint8), ends)

    def __len__(self) -> int:
        return len(self.ends)

    def __getitem__(self, number: int) -> str:
        begin = int(self.ends[number - 1]) if number else 0
        return self.text[begin : int(self.ends[number])].tobytes().decode()

    def pick(self, numbers: NDArray[np.int64]) -> list[str]:
        """The strings with these numbers."""
        ends = self.ends[numbers].tolist()
        begins = np.where(numbers > 0, self.ends[numbers - 1], 0).tolist()
        text = self.text.data
        return [str(text[begin:end], "utf-8") for begin, end in zip(begins, ends, strict=True)]

    def __iter__(self) -> Iterator[str]:
        content, begin = self.text.tobytes(), 0
        for end in self.ends.tolist():
            yield content[begin:end].decode()
            begin = end


class Vocabulary:
    """Every word of an index, numbered in the order in which the words came; words are added and never renumbered.

    Shared by all versions of an index: a version that does not know a word has no chunk with it. Safe to share
    between threads.
    """

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self._words: list[str] = []
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._words)

    def number(self, word: str) -> int | None:
        """The number of ``word``, None for a word that no chunk ever had."""
        return self._numbers.get(word)

    def numbers(self, words: Iterable[str]) -> list[int]:
        """The numbers of ``words``; new words get the next ones."""
        with self._lock:
            known = self._numbers
            found = []
            for word in words:
                number = known.get(word)
                if number is None:
                    number = len(known)
                    # The list first: who sees the number may ask for the word.
                    self._words.append(word)
                    known[word] = number
                found.append(number)
            return found

    def array_of(self, words: Iterable[str]) -> NDArray[np.int32]:
        """As ``numbers``, as an array."""
        return np.asarray(self.numbers(words), dtype=np.int32)

    def words(self, numbers: Sequence[int]) -> list[str]:
        """The words with these numbers."""
        return [self._words[number] for number in numbers]
