"""Contracts: add PDF files, watch them being indexed, look at, correct, download and delete contracts."""

import streamlit as st

from pages.parts.contract_detail import contract_detail, delete_confirmed
from pages.parts.contract_table import contract_table
from pages.parts.frame import frame
from pages.parts.queue_view import queue
from pages.parts.state import session
from pages.parts.upload import upload_form

with frame("Contracts") as services:
    st.html('<h1 class="page">Contracts</h1>')
    delete_confirmed(services)
    upload_form(services)
    queue(services)
    contract_table(services)
    chosen = services.library.catalogue.contract(session().chosen_contract)
    if chosen is not None:
        contract_detail(chosen, services)
