"""Add, delete, crash and query in any order against a dictionary: the library is what the dictionary says."""

import shutil
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from core.records import Inquiry
from core.storage.originals import contract_id_of
from tests.fakes import WordEncoder, add_contract, open_test_library, retrieve_hybrid

NAMES = ["supply", "lease", "loan", "agency"]
CLAUSES = {
    name: [f"The {name} fee is due.", f"Notices of the {name} go by post.", "Ohio law."] for name in NAMES
}


def id_of(name: str) -> str:
    return contract_id_of(f"{name}\n{chr(10).join(CLAUSES[name])}".encode())


class LibraryMachine(RuleBasedStateMachine):
    """The model is a dictionary from contract id to clauses."""

    def __init__(self) -> None:
        super().__init__()
        self.root = Path(tempfile.mkdtemp())
        self.starts = 0
        self.library = open_test_library(self.root / "0")
        self.model: dict[str, list[str]] = {}
        self.abandoned = [self.library]

    @rule(name=st.sampled_from(NAMES))
    def add(self, name: str) -> None:
        assert add_contract(self.library, name, CLAUSES[name]) == id_of(name)
        self.model[id_of(name)] = CLAUSES[name]

    @precondition(lambda self: self.model)
    @rule(data=st.data())
    def delete(self, data: st.DataObject) -> None:
        gone = data.draw(st.sampled_from(sorted(self.model)))
        self.library.delete(gone)
        del self.model[gone]

    @rule(data=st.data(), hidden=st.booleans())
    def crash(self, data: st.DataObject, hidden: bool) -> None:
        """What a killed process leaves is what is in its files; the copy is opened without closing anything."""
        if hidden and self.model:
            # It died within a deletion: hidden, and nothing else done.
            gone = data.draw(st.sampled_from(sorted(self.model)))
            self.library.catalogue.hide(gone)
            del self.model[gone]
        before = self.root / str(self.starts)
        self.starts += 1
        shutil.copytree(before, self.root / str(self.starts))
        self.library = open_test_library(self.root / str(self.starts))
        self.abandoned.append(self.library)

    @rule()
    def restart(self) -> None:
        self.library.close()
        self.library = open_test_library(self.root / str(self.starts))
        self.abandoned[-1] = self.library

    @rule(name=st.sampled_from(NAMES))
    def query(self, name: str) -> None:
        found = retrieve_hybrid(
            Inquiry(f"When is the {name} fee due?"), self.library.snapshot(), WordEncoder()
        )
        texts = sorted((one.chunk.contract_id, one.chunk.text) for one in found)
        assert texts == sorted((one, clause) for one, clauses in self.model.items() for clause in clauses)

    @invariant()
    def the_library_is_the_model(self) -> None:
        assert {one.contract_id for one in self.library.catalogue.contracts()} == set(self.model)
        assert set(self.library.originals.ids()) == set(self.model)
        assert self.library.differences() == {"vectors": 0, "keywords": 0}

    def teardown(self) -> None:
        for library in self.abandoned:
            library.close()
        shutil.rmtree(self.root)


TestLibraryMachine = LibraryMachine.TestCase
TestLibraryMachine.settings = settings(
    max_examples=5, stateful_step_count=8, deadline=None, suppress_health_check=list(HealthCheck)
)
