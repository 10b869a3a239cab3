"""The words of names: how they are compared, and which of them name nobody."""

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

_WORD: Final = re.compile(r"[^\W_]+(?:['\u2019][^\W\d_]+)*")

LEGAL_FORMS: Final = frozenset(
    """
    ab ag aktiebolag aps as asa bhd bv co companies company corp corporate corporation cv dac gesellschaft
    gmbh inc incorporated kg kgaa kk lc limited llc llp lp ltd ltda mbh nv ohg oy oyj plc pllc private
    proprietary pt pte pty public sa sab sarl sas sdn se societe spa sprl srl trust trustee trustees ulc
    """.split()
)
"""How a company is constituted; never part of what tells one name from another."""

SMALL: Final = frozenset(
    """
    a an and at by das de del der des di die dr du et for from in it its la le mr mrs ms of on or prof sir the to und
    van von y
    """.split()
)
"""Words that names are written with or without."""

ROLES: Final = frozenset(
    """
    a advertiser affiliate affiliates agent agents an and arranger article assignee assignor authority bank
    borrower borrowers buyer buyers client clients consultant consultants contractor contractors controller
    counterparty creditor customer customers dealer debtor developer director disclosing distributor
    distributors employee employees employer escrow executive executor for franchisee franchisor guarantor
    guarantors holder holders individual insured insurer investor investors issuer joint landlord lender
    lenders lessee lessor licensee licensees licensor licensors manager manufacturer manufacturers member
    members mortgagee mortgagor obligor of officer operator or our owner owners parent participant parties
    partner partners party payee payer person personnel pledgor processor promoter provider providers
    publisher purchaser purchasers receiving recipient recipients representative reseller resellers seller
    sellers service servicer services shareholder shareholders sponsor sponsors subcontractor sublicensee
    subsidiaries subsidiary supplier suppliers tenant tenants the third to transferee transferor undersigned
    user users vendor vendors we with you
    """.split()
)
"""What a party is in a contract, and the small words around it."""

CONTRACT_WORDS: Final = frozenset(
    """
    addenda addendum agency agreement agreements allocation amended amendment amendments annex appendix
    arrangement arrangements attachment attachments branding clause clauses co collaboration commercial
    confidential confidentiality construction consulting content contract contracts copy credit data deal
    deals deed deeds definitive design development disclosure distribution distributorship document dpa dpas
    draft employment endorsement engagement engagements ex exclusive executed execution exhibit facility
    final form forms franchise general guarantee guaranty hosting indenture interim jda lease leases letter
    licence licences license licenses licensing loan loans maintenance management manufacturing marketing
    master memorandum msa msas mutual nda ndas no non nos note notes number offer order outsourcing pdf
    policy privacy project promotion purchase redacted release remarketing restated saas sale sales schedule
    schedules section security settlement share shares signed software sow spa spas sponsorship standard
    statement stock strategic subscription supplement supply support term termination terms trademark
    transfer transportation undertaking version warrant work works
    """.split()
)
"""What contracts and their parts are called; a title made of them names a kind, not a contract."""

GENERIC: Final = frozenset(
    """
    about academy access acquisition action advanced advisors after agricultural air all alliance allied
    alpha american any april are asia asset assets associates association atlantic august australia
    automotive bancorp beta bio biotech board brand brands brothers building business businesses can canada
    canadian capital care cash center central centre century chemical china city clean clinical cloud
    commerce commission committee communication communications community computer concept concepts consumer
    control corner council credit cross cyber day days december deposit did digital direct do doctor does dr
    eastern eco economic education electric electronic electronics energy engineering enterprise enterprises
    entertainment environmental equipment equity estate europe european event events exchange express
    february federal film finance financial first fitness focus food foods force foundation france freedom
    friday fuel fund funds future gas general german germany get global gold golf got governing government
    grand grant green group growth hall has have health healthcare heritage high hill holding holdings home
    hospital hotel hotels house how human if in income india industrial industries industry information
    infrastructure innovation innovations inside insight institute insurance integrated integrity
    intellectual interactive international internet invest investment investments ip is island its january
    japan joint july june kingdom lab laboratories labs land law legal let life light line link live local
    logistics london machine major march mark market markets material materials may media medical metal
    mobile monday money month months mortgage motor motors mountain movement music must national natural
    nature net network networks new news north northern november nutrition ocean october office oil old on
    one online open optical orange organic original outlook pacific page paper park payment payments people
    petroleum pharma pharmaceutical pharmaceuticals platform platforms point portfolio power premier premium
    press prime print product production productions products professional program programs property public
    quality radio rail real red regional research residential resource resources restaurant retail river
    rock royal san saturday savings school science sciences sea search second securities senior september
    series seven shall shop should silver site sky smart social society solar solution solutions source
    south southern space special sport sports square star state states station steel store street studio
    studios summit sun sunday super surgical system systems target team tech technical technologies
    technology telecom television territory their these third this thursday time today total tower trade
    trading training transport travel tuesday twentieth two union united universal university up us usa
    value venture ventures video village virtual vision was water wave web website wednesday well west
    western what when where which who whole why will wine wireless women world year years york young zone
    """.split()
)
"""Ordinary words in the names of companies; alone they name nobody."""

PLACES: Final = frozenset(
    """
    africa alabama alaska albany america amsterdam angeles arizona arkansas asia atlanta austin austria
    baltimore beijing belgium berlin bermuda boston brazil bristol british brussels california carolina
    cayman chicago cleveland colorado columbia columbus connecticut dakota dallas delaware denmark denver
    detroit diego district dubai dublin edinburgh england english finland florida france francisco frankfurt
    french geneva georgia german germany glasgow hampshire hawaii hong houston idaho illinois indiana iowa
    ireland irish israel italy japan jersey kansas kentucky kong korea leeds london los louisiana luxembourg
    madrid maine manchester maryland massachusetts mexico miami michigan milan minneapolis minnesota
    mississippi missouri montana montreal munich nebraska netherlands nevada norway ohio oklahoma ontario
    oregon oslo paris pennsylvania philadelphia phoenix portland prague quebec rhode rome russia scotland
    scottish seattle shanghai shenzhen singapore spain stockholm sweden swedish swiss switzerland sydney
    taiwan tennessee texas tokyo toronto utah vancouver vegas vermont vienna virginia wales washington
    wisconsin wyoming zurich
    """.split()
)
"""Where companies sit and laws come from; alone they name no contract."""

LEFT_OUT: Final = LEGAL_FORMS | SMALL
UNTOLD: Final = ROLES | CONTRACT_WORDS | GENERIC | PLACES
"""Words that alone name nobody."""


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a text, at ``text[start:end]``, folded for comparison; ``capital`` says how it was written."""

    folded: str
    start: int
    end: int
    capital: bool


def words_of(text: str) -> tuple[Word, ...]:
    """The words of ``text`` without possessives; single letters, legal forms and small words are left out."""
    found = (
        Word(fold(match.group()), match.start(), match.end(), match.group()[0].isupper())
        for match in _WORD.finditer(text)
    )
    return tuple(word for word in found if len(word.folded) > 1 and word.folded not in LEFT_OUT)


def fold(word: str) -> str:
    """Lower case, without accents and possessive: ``Calderón's`` as ``calderon``."""
    plain = unicodedata.normalize("NFKD", word.replace("\u2019", "'")).casefold()
    bare = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return bare.removesuffix("'s").replace("'", "")
