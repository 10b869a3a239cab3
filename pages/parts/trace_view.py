"""How a question was searched: the pipeline, the wordings beside the question, and what each module did."""

import streamlit as st

from core.records import Finding, TraceStep
from pages.parts.markup import safe

COLUMNS = ("Step", "Module", "Given", "Gave", "Seconds", "Model calls")


def trace_view(finding: Finding) -> None:
    """Draw it, closed at first; nothing for a finding of before there were pipelines."""
    if not finding.trace:
        return
    with st.expander(f"How this was searched: pipeline {finding.inquiry.pipeline}"):
        st.html(trace_html(finding))


def trace_html(finding: Finding) -> str:
    """The wordings, the notes, and one row for each module."""
    said = "".join(f'<p class="hint">{safe(note)}</p>' for note in finding.notes)
    if finding.formulations:
        items = "".join(f"<li>{safe(wording)}</li>" for wording in finding.formulations)
        said += f'<p class="hint">Searched beside the question:</p><ul>{items}</ul>'
    rows = "".join(_row(step) for step in finding.trace)
    heads = "".join(f'<th scope="col">{name}</th>' for name in COLUMNS)
    return (
        f'<section class="trace">{said}<table><thead><tr>{heads}</tr></thead>'
        f"<tbody>{rows}</tbody></table></section>"
    )


def _row(step: TraceStep) -> str:
    calls = f"{step.calls}, about {step.tokens:,} tokens" if step.calls else "none"
    layer = step.layer.value.replace("_", "-")
    cells = (layer, step.module.replace("_", " "), step.input, step.output, f"{step.seconds:.2f}", calls)
    return f"<tr>{''.join(f'<td>{safe(cell)}</td>' for cell in cells)}</tr>"
