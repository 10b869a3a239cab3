"""Text in a contract that speaks to an AI model instead of to a party."""

import re
import unicodedata
from typing import Final

# Looked for first, because the expression is slow and nearly no page holds one of these.
_MARKERS: Final = (
    *("instruction", "prompt", "directive", "guideline", "message", "you are", "an ai", "ai assistant"),
    *("ai model", "language model", "chatgpt", "llm", "<|", "<im_", "inst]", "ai:", "ai ", "chatbot"),
    *("respond only", "answer only", "reply only", "output only", "do not mention", "do not tell"),
)
_INSTRUCTION: Final = re.compile(
    r"\b(?:ignore|disregard|forget|override|bypass)\b.{0,40}"
    r"\b(?:previous|prior|above|earlier|preceding|all|any|your|system)\b.{0,30}"
    r"\b(?:instructions?|prompts?|directives?|guidelines|messages)\b"
    r"|\byou are (?:now )?(?:an? )?(?:helpful )?"
    r"(?:ai\b|artificial intelligence|(?:large )?language model|chatbot|assistant\b)"
    r"|\b(?:as an ai|prompt injection|(?:your|reveal the|print the|developer) (?:system )?prompt)\b"
    r"|\b(?:language model|ai (?:assistant|model)|chatgpt|llm)s?\b.{0,40}"
    r"\b(?:must|should|shall|please|reading this)\b"
    r"|\b(?:attention|note (?:to|for)|message (?:to|for)|dear|hey|hello),? (?:the |any |all )?"
    r"(?:ai|llm|chatbot|assistant|language model|(?:ai|automated) (?:reviewer|reader|system|tool|agent))s?\b"
    r"|\b(?:ai|llm|chatbot)s?(?:[- ]based)? (?:reviewer|reader|system|tool|agent|summari[sz]er)s?"
    r" (?:must|should|shall|is to|are to) (?:answer|respond|reply|say|state|report|ignore|conclude|omit)\b"
    r"|\b(?:respond|answer|reply|output) only (?:with|in)\b.{0,40}\b(?:yes|no|json|the word|the following)\b"
    r"|\bdo not (?:mention|tell|reveal to) (?:the user|the human|anyone who asks|this (?:clause|passage|text))\b"
    r"|\bnew (?:system )?(?:instructions?|prompt) ?:"
    r"|<\|?(?:im_start|im_end|system|endoftext)\|?>|\[/?inst\]"
)
# Instructions that contracts do give: to a person, a bank, a carrier.
_GIVEN_TO_SOMEBODY: Final = re.compile(r"\b(?:shall|may|will|entitled to|right to|agrees? to|not)\s+$")


def holds_instruction(text: str) -> bool:
    """Whether ``text`` speaks to an AI model rather than to a party, as far as common phrases tell."""
    lowered = _plain(text)
    return any(marker in lowered for marker in _MARKERS) and any(
        not _GIVEN_TO_SOMEBODY.search(lowered, max(0, match.start() - 20), match.start())
        for match in _INSTRUCTION.finditer(lowered)
    )


def _plain(text: str) -> str:
    """In small letters on one line, without the invisible characters that would break up a phrase."""
    shown = unicodedata.normalize("NFKC", text)
    if not shown.isascii():
        shown = "".join(character for character in shown if unicodedata.category(character) != "Cf")
    return " ".join(shown.lower().split())
