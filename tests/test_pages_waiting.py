"""What the pages wait for: the models on their way, and the line in front of the cross-encoder."""

import threading

import pytest

from core.errors import ModelUnavailable
from core.waiting_line import LineFull, WaitingLine
from pages.parts.model_loading import LoadingModels
from tests.fakes import OverlapScorer, WordEncoder


def test_models_are_ready_when_both_are_loaded() -> None:
    may_load = threading.Event()

    def load_scorer() -> OverlapScorer:
        may_load.wait()
        return OverlapScorer()

    models = LoadingModels(WordEncoder, load_scorer)
    models.start()
    assert isinstance(models.encoder(), WordEncoder)
    before = models.ready
    may_load.set()
    assert isinstance(models.scorer(), OverlapScorer)
    assert (before, models.ready) == (False, True)
    assert models.failure is None


def test_models_stand_back_for_the_first_page_until_somebody_wants_one() -> None:
    begun = threading.Event()

    def load_encoder() -> WordEncoder:
        begun.set()
        return WordEncoder()

    models = LoadingModels(load_encoder, OverlapScorer, stand_back=600.0)
    models.start()
    assert not begun.wait(0.1)
    assert isinstance(models.scorer(), OverlapScorer)
    assert begun.is_set()


def test_models_come_without_being_asked_for() -> None:
    begun = threading.Event()

    def load_scorer() -> OverlapScorer:
        begun.set()
        return OverlapScorer()

    LoadingModels(WordEncoder, load_scorer, stand_back=0.0).start()
    assert begun.wait(5)


def test_a_model_that_cannot_be_loaded_is_told_to_whoever_asks() -> None:
    def load_scorer() -> OverlapScorer:
        raise ModelUnavailable("reranker", "is not there.", "Put it there.")

    models = LoadingModels(WordEncoder, load_scorer)
    models.start()
    with pytest.raises(ModelUnavailable, match="is not there"):
        models.scorer()
    assert not models.ready
    assert isinstance(models.failure, ModelUnavailable)


def test_the_line_is_served_in_order_and_tells_the_place() -> None:
    line = WaitingLine()
    served: list[int] = []
    places: list[int] = []
    waiting = threading.Event()

    def note(ahead: int) -> None:
        places.append(ahead)
        waiting.set()

    def second() -> None:
        with line.turn(note):
            served.append(2)

    with line.turn():
        thread = threading.Thread(target=second)
        thread.start()
        assert waiting.wait(5)
        served.append(1)
    thread.join(5)
    assert served == [1, 2]
    assert set(places) == {1}


def test_a_full_line_refuses() -> None:
    line = WaitingLine(longest=0)
    with line.turn(), pytest.raises(LineFull), line.turn():
        pass
    with line.turn():
        pass


def test_leaving_the_line_frees_the_place() -> None:
    line = WaitingLine()

    def leave(_: int) -> None:
        raise KeyboardInterrupt

    with line.turn(), pytest.raises(KeyboardInterrupt), line.turn(leave):
        pass
    with line.turn():
        pass
