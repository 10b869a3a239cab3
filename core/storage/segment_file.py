"""A segment of the keyword index in a file of its own, written once and mapped when it is read."""

from pathlib import Path

from core.storage.array_file import AnyArray, Checksum, map_arrays, write_arrays
from core.storage.keyword_segment import Segment
from core.storage.packed_words import PackedWords, Vocabulary

ARRAYS = (
    "chunk_starts",
    "chunk_columns",
    "chunk_codes",
    "word_starts",
    "word_rows",
    "word_codes",
    "first",
    "frequency",
    "length",
    "lengths",
    "run_starts",
)


def write_segment(path: Path, segment: Segment, vocabulary: Vocabulary) -> Checksum:
    """Write ``segment`` with its words.

    Raises:
        OSError: there is no room, or the folder is not writable; nothing is left behind.
    """
    arrays: dict[str, AnyArray] = {name: getattr(segment, name) for name in ARRAYS}
    words = PackedWords.of(vocabulary.words(segment.words.tolist()))
    for name, strings in (
        ("words", words),
        ("chunk_ids", segment.chunk_ids),
        ("run_contracts", segment.run_contracts),
    ):
        arrays |= {f"{name}/text": strings.text, f"{name}/ends": strings.ends}
    return write_arrays(path, arrays)


def read_segment(path: Path, name: str, checksum: Checksum, vocabulary: Vocabulary) -> Segment:
    """The segment in ``path``; its words are added to ``vocabulary``.

    Raises:
        ValueError: the file is missing, damaged or of another make.
    """
    arrays = map_arrays(path, checksum)
    try:
        words, chunk_ids, run_contracts = (
            PackedWords(arrays[f"{part}/text"], arrays[f"{part}/ends"])
            for part in ("words", "chunk_ids", "run_contracts")
        )
        return Segment(
            name=name,
            words=vocabulary.array_of(words),
            chunk_ids=chunk_ids,
            run_contracts=run_contracts,
            **{part: arrays[part] for part in ARRAYS},
        )
    except KeyError as error:
        raise ValueError(f"{path.name} is of another make.") from error
