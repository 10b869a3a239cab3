"""Narrow a question by what contracts say about themselves."""

import datetime

import streamlit as st

from core.contract_filter import Choices, ContractFilter, choices
from core.records import Contract
from pages.parts.markup import label

EARLIEST = datetime.date(1900, 1, 1)
LATEST = datetime.date(2100, 12, 31)


def filter_form(contracts: tuple[Contract, ...], key: str = "filter") -> ContractFilter:
    """Draw the fields and give what is chosen; without a choice, a filter that every contract meets. ``key`` begins
    the names of the fields.
    """
    offered: Choices = choices(contracts)
    left, right = st.columns(2, gap="small")
    parties = left.multiselect("Party", offered.parties, format_func=label, key=f"{key}_party")
    kinds = right.multiselect("Type", offered.contract_types, format_func=label, key=f"{key}_type")
    laws = st.multiselect("Governing law", offered.governing_laws, format_func=label, key=f"{key}_law")
    first, last = st.columns(2, gap="small")
    begin = first.date_input("Dated from", None, EARLIEST, LATEST, format="YYYY-MM-DD", key=f"{key}_from")
    end = last.date_input("Dated to", None, EARLIEST, LATEST, format="YYYY-MM-DD", key=f"{key}_to")
    return ContractFilter(tuple(parties), tuple(laws), tuple(kinds), iso_day(begin), iso_day(end))


def iso_day(value: datetime.date | None) -> str:
    """A day that was chosen as YYYY-MM-DD; empty for none."""
    return value.isoformat() if value else ""
