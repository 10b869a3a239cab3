"""The program of the reader process: one task on its input, messages on its output.

``python -m ingest.reading.reader_process`` reads a line with the task in JSON and then the bytes of a PDF until the
end of its input. It writes one message in JSON a line. It may open no connection, start no program and write
no file, and the system ends it when it takes too much memory or time.
"""

import json
import os
import sys
from collections.abc import Iterator
from dataclasses import asdict

from core.confinement import Network, claim_output, confine
from ingest.reading.records import Message, ReadTask, Rejected, Rejection, Started


def main() -> None:
    """Do the one task that stands on the input."""
    output = claim_output()
    task = task_from_json(sys.stdin.buffer.readline())
    network = _confine(task)
    content = sys.stdin.buffer.read()
    try:
        for message in _messages(content, task, network):
            output.write(message_to_json(message))
            output.flush()
    except MemoryError:
        output.write(message_to_json(Rejected(Rejection.TOO_MUCH_MEMORY)))
    except RecursionError:
        output.write(message_to_json(Rejected(Rejection.DAMAGED)))
    output.flush()
    # pdfium's own clean-up may fail on a document that it could not read.
    os._exit(0)


def _messages(content: bytes, task: ReadTask, network: Network) -> Iterator[Message]:
    if task.ocr_pages:
        from ingest.reading.ocr import load_recogniser, read_by_ocr

        recognise = load_recogniser()
        yield Started(network)
        yield from read_by_ocr(content, task, recognise)
    else:
        from ingest.reading.read_pdf import read_document

        yield Started(network)
        yield from read_document(content, task)


def message_to_json(message: Message) -> bytes:
    """One line of JSON."""
    return json.dumps(asdict(message), ensure_ascii=True).encode() + b"\n"


def task_to_json(task: ReadTask) -> bytes:
    """One line of JSON."""
    return json.dumps(asdict(task), ensure_ascii=True).encode() + b"\n"


def task_from_json(line: bytes) -> ReadTask:
    """The inverse of ``task_to_json``."""
    fields = json.loads(line)
    return ReadTask(**{**fields, "ocr_pages": tuple(fields["ocr_pages"])})


def _confine(task: ReadTask) -> Network:
    processors = os.cpu_count() or 1
    return confine(task.wall_seconds, task.memory, processors if task.ocr_pages else 1)


if __name__ == "__main__":
    main()
