"""The type of a contract, by the words of its title."""

import re

# The first that fits, so what is narrow stands before what is wide.
_TYPES: tuple[tuple[str, str], ...] = (
    ("Amendment", r"amendment|addendum|supplement(?:al)?\b|amending|waiver"),
    ("Termination or settlement", r"settlement|termination|release|separation"),
    ("Confidentiality", r"confidential\w*|non-?disclosure|\bnda\b|secrecy"),
    ("Data processing", r"data (?:processing|protection|sharing|transfer)"),
    ("Non-competition", r"non-?compet\w*|non-?solicit\w*|no-?shop|standstill"),
    ("Employment", r"employment|employee|executive|severance"),
    ("Consulting", r"consult\w*|advis(?:or|er|ory)\w*"),
    (
        "Share or asset purchase",
        r"(?:share|stock|asset|unit|equity)s? (?:purchase|sale|acquisition)|purchase and sale|merger|acquisition",
    ),
    (
        "Joint venture or alliance",
        r"joint venture|alliance|partnership|shareholders?|operating agreement|collaboration|co-?operation|teaming",
    ),
    (
        "Loan or security",
        r"loan|credit|facility|guarant\w*|security|pledge|mortgage|indenture|note|bond|financ\w*",
    ),
    ("Lease", r"(?:sub-?)?leas\w+|tenancy|rental"),
    ("Franchise", r"franchis\w*"),
    ("Agency", r"agency|agent|representative|broker\w*|commission"),
    ("Distribution or resale", r"distribut\w*|resell\w*|resale|dealer\w*|value[- ]added"),
    ("Manufacturing", r"manufactur\w*|production|fabrication"),
    ("Supply", r"suppl\w+|purchase|sales?|procurement|off-?take"),
    (
        "Construction or engineering",
        r"construct\w*|design and build|works contract|engineering|epc\b|building",
    ),
    ("Development or research", r"develop\w*|research|joint development|clinical|invention"),
    ("Maintenance or support", r"maint\w+|support"),
    (
        "Hosting or software service",
        r"saas|hosting|software as a service|subscription|cloud|web ?site|internet|portal|application service",
    ),
    (
        "Licence",
        r"licen[cs]\w*|intellectual property|patent|trade ?mark|copyright|know-how|technology transfer|source code",
    ),
    (
        "Marketing or sponsorship",
        r"market\w*|promot\w*|co-?brand\w*|sponsor\w*|endors\w*|advertis\w*|affiliate|media|content",
    ),
    ("Outsourcing", r"outsourc\w*"),
    ("Transport", r"transport\w*|shipping|freight|carriage|logistics|pipeline|charter"),
    ("Insurance", r"insurance|indemni\w*|reinsurance"),
    ("Services", r"services?|statement of work|manag\w+|administrat\w*"),
)
_PATTERNS = tuple((name, re.compile(rf"\b(?:{pattern})", re.IGNORECASE)) for name, pattern in _TYPES)

CONTRACT_TYPES: tuple[str, ...] = tuple(name for name, _ in _TYPES)


def find_type(title: str) -> str:
    """One of ``CONTRACT_TYPES``, or "" for a title that says none."""
    return next(iter(find_types(title)), "")


def find_types(words: str) -> tuple[str, ...]:
    """Every one of ``CONTRACT_TYPES`` that ``words`` speak of, such as those of an amendment to a lease."""
    return tuple(name for name, pattern in _PATTERNS if pattern.search(words))
