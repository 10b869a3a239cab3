"""Contracts and questions for the load: every session asks about a company that no other session knows."""

import io
from itertools import islice, product

from reportlab.pdfgen.canvas import Canvas

SYLLABLES = ("bar", "del", "fon", "gri", "kel", "lum", "mor", "nes", "pol", "quin", "ros", "tam", "vel")
CLAUSE = """{number}. Liability of {name}
The total liability of {name} under or in connection with this agreement, whether in contract,
tort or otherwise, is limited in each contract year to {amount} dollars.
The limit stated in this clause does not apply to fraud, to wilful misconduct, or to any
liability of {name} that cannot be limited by law.
{name} keeps insurance in an amount that covers the limit stated in this clause and proves it
to the other party once a year on demand.
Claims against {name} under this clause are made in writing within twelve months of the
event that gave rise to them, after which claims against {name} are barred."""
# The models read the title with every passage, so it must name no company.
COVER = """MASTER SERVICES AGREEMENT
This agreement is made between the companies that are named in its clauses."""


def companies(number: int) -> tuple[str, ...]:
    """``number`` names, none of which is part of another."""
    parts = islice(product(SYLLABLES, repeat=3), number)
    return tuple("".join(reversed(three)).capitalize() + "ax" for three in parts)


def question(name: str, round_number: int) -> str:
    """The question of one round; its words differ from round to round so that no score is remembered."""
    return f"What is the limit on the liability of {name} in contract year {round_number}?"


def library_pdf(names: tuple[str, ...]) -> bytes:
    """One contract in which each company has a clause and a page of its own."""
    clauses = [CLAUSE.format(number=n, name=name, amount=1000 * n) for n, name in enumerate(names, start=1)]
    return pdf([COVER, *clauses])


def other_pdf(number: int) -> bytes:
    """A contract that is added while the questions are asked, of three pages."""
    return pdf([CLAUSE.format(number=n, name=f"Tenant {number}", amount=number) for n in range(1, 4)])


def pdf(pages: list[str]) -> bytes:
    """A PDF with the lines of each text on a page of its own."""
    buffer = io.BytesIO()
    canvas = Canvas(buffer)
    for page in pages:
        for line_number, line in enumerate(page.splitlines()):
            canvas.drawString(56, 780 - 18 * line_number, line)
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()
