"""Export of a review: the grid as a file of the kind that the reader chooses, made when it is asked for."""

from datetime import UTC, datetime
from functools import partial

import streamlit as st

from core.export.grid_files import KINDS, grid_file
from core.export.records import Format
from core.review.records import Review
from pages.parts.export_menu import KINDS as LABELS
from pages.parts.markup import file_name
from pages.parts.state import actor
from pages.parts.wiring import Services


def review_export(review: Review, services: Services) -> None:
    """One button that opens the list of kinds."""
    asking = actor()
    with st.popover("Export", key="export_review"), st.container(gap=None):
        for kind in KINDS:
            st.download_button(
                LABELS[kind][0],
                partial(exported_review, review, kind, services, asking),
                file_name=file_name(f"{review.name}.{kind.value}", f"review.{kind.value}"),
                mime=kind.media_type,
                on_click="ignore",
                type="tertiary",
                key=f"export_review_{kind.value}",
            )


def exported_review(review: Review, kind: Format, services: Services, asking: str) -> bytes:
    """The file as the grid stands when it is asked for; the audit log says so before it is made.

    Raises:
        AuditUnavailable: it could not be logged, so it is not given.
    """
    ids = tuple(one.contract_id for one in review.contracts)
    services.trail.exported(asking, f"review {review.review_id} ({kind.value})", ids)
    grid = services.reviews.store.grid(review)
    contracts = {one.contract_id: one for one in services.library.catalogue.contracts()}
    return grid_file(grid, contracts, kind, datetime.now(UTC), asking)
