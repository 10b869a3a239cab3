"""What goes wrong outside the guard of a page shows neither exception nor traceback nor key."""

from streamlit.testing.v1 import AppTest


def broken() -> None:
    from serving.application import show_failure

    assert show_failure(RuntimeError("sk-secret"))


def test_a_fault_is_a_panel_without_details() -> None:
    app = AppTest.from_function(broken).run(timeout=60)
    shown = "\n".join(element.value for element in app.html)
    assert "could not be drawn because of a fault in Proviso" in shown
    assert "secret" not in shown
    assert not app.exception
