"""How often a near miss is a right passage: CUAD questions put to one contract each, with the annotators' answers.

    python benchmarks/near_misses.py CUAD_FOLDER --data-dir DIRECTORY

The data directory must hold contracts of that folder, and no other process may hold it.
"""

import hashlib
from collections import Counter
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from core.explain.margin import cut
from core.models import load_encoder, load_scorer
from core.pipeline.recipe_file import default_recipe
from core.pipeline.tools import Tools
from core.records import Inquiry, Judged, Ranking
from core.settings import load_settings
from core.stage1_retrieve import retrieve
from core.stage2_rerank import rerank
from core.storage.originals import contract_id_of
from evals.cuad import read_cuad
from evals.labels import Task, label
from ingest.open_library import open_library

MARGINS = (0.02, 0.05, 0.1)
COLUMNS = ("near", "flagged", "right", "found", "lost")
HEADINGS = ("Near misses", "Questions with any", "Right ones", "Lost ones found", "Questions lost")


def main(
    cuad: Annotated[Path, typer.Argument(help="A folder of CUAD: pdf/ and master_clauses.csv.")],
    data_dir: Annotated[Path, typer.Option(help="A library that holds its contracts.")],
    questions: Annotated[int, typer.Option(help="How many to ask.")] = 220,
) -> None:
    """Ask questions that have a right passage, and count near misses at each margin."""
    settings = load_settings(data_dir)
    asked = read_cuad(cuad, None)
    counts: Counter[tuple[float, str]] = Counter()
    with open_library(settings, "benchmarks") as library:
        ids = {file.name: contract_id_of(file.read_bytes()) for file in asked.files}
        tasks = [task for task in label(asked, ids, library.catalogue).tasks if task.right]
        scoped = sorted((task for task in tasks if task.contract_ids), key=_shuffled)[:questions]
        encoder, scorer = load_encoder(settings.encoder, settings), load_scorer(settings.reranker, settings)
        snapshot = library.snapshot()
        for task in scoped:
            inquiry = Inquiry(
                task.question.question,
                task.contract_ids,
                settings.candidates,
                settings.keep,
                settings.minimum_relevance,
            )
            tools = Tools(snapshot, encoder, settings.candidates, settings.rrf_k)
            ranking = rerank(inquiry, retrieve(inquiry, default_recipe(), tools).candidates, scorer)
            for margin in MARGINS:
                count(counts, margin, task, ranking, settings.minimum_relevance)
    table = Table("Margin", *HEADINGS, title=f"{len(scoped)} questions put to one contract each")
    for margin in MARGINS:
        table.add_row(str(margin), *(str(counts[margin, column]) for column in COLUMNS))
    Console().print(table)


def _shuffled(task: Task) -> str:
    return hashlib.sha256(task.question.question_id.encode()).hexdigest()


def count(
    counts: Counter[tuple[float, str]], margin: float, task: Task, ranking: Ranking, minimum: float
) -> None:
    """Add one question; it is lost when right passages were candidates and none of them was kept."""
    near = cut(ranking, margin, minimum).near_misses
    right = sum(_right(one, task) for one in near)
    lost = not any(_right(one, task) for one in ranking.kept) and any(
        _right(one, task) for one in ranking.discarded
    )
    counts[margin, "near"] += len(near)
    counts[margin, "flagged"] += bool(near)
    counts[margin, "right"] += right
    counts[margin, "lost"] += lost
    counts[margin, "found"] += lost and right > 0


def _right(judged: Judged, task: Task) -> bool:
    return judged.candidate.chunk.chunk_id in task.right


if __name__ == "__main__":
    typer.run(main)
