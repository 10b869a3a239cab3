"""How references write the labels of clauses."""

from core.clause_labels import ATTACHMENT

LABEL = (
    r"(?:\d{1,3}(?:\.\d{1,3}){0,4}(?:\s?\([a-zA-Z0-9]{1,5}\))*|[A-Z]-\d{1,2}|[IVXLC]{1,6}(?:\.\d{1,3})*"
    r"|[A-Z](?:-?\d{1,2})?(?:\s?\([a-zA-Z0-9]{1,5}\))*)(?![\w])"
)
KIND = rf"(?:sub)?sections?|(?:sub)?clauses?|articles?|paragraphs?|items?|parts?|{ATTACHMENT}"
LABELS = rf"{LABEL}(?:(?:\s{{0,3}},\s{{0,3}}|[\s,]{{1,5}}(?:and|or|through|to)\s{{1,3}}){LABEL})*"
REFERENCE = rf"(?P<kind>\b(?i:{KIND})\s+|\u00a7{{1,2}}\s?)(?P<labels>{LABELS})"
