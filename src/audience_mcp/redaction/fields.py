"""A field's name -> the kind of personal data in it; where the name alone does not say, a sign of what to look at."""

from __future__ import annotations

import re
from collections.abc import Iterable

EMAIL, PHONE, PERSON, ADDRESS = "email", "phone", "person", "address"
LITERAL = "plain-text"
"""The kind of a provider's own text that only looks like one of our tokens: a word that no chosen field may have."""

BARE = "bare"
"""The kind of one person's value that nothing says the field of: an address or a number as such, else who it is."""

KINDS = {"emails": EMAIL, "phones": PHONE, "names": PERSON, "addresses": ADDRESS}
"""The words of the setting -> the words that tokens begin with."""

NAME, WHO, SIGN = "?name", "?who", "?sign"
"""Signs: `name` (of a person where the object is one), a field that says who, a field only persons have."""

_PERSON_ENDS = (
    *("firstname", "lastname", "fullname", "givenname", "familyname", "middlename", "maidenname", "surname"),
    *("forename", "displayname", "personname", "customername", "contactname", "visitorname", "authorname"),
)
_PERSON = frozenset({"username", "nickname", "fname", "lname"})
_PHONE_ENDS = ("phone", "phonenumber", "telephone", "mobilenumber", "msisdn", "cellnumber", "faxnumber")
_PHONE = frozenset({"tel", "mobile", "fax", "cell", "whatsapp"})
_EMAIL_ENDS = ("email", "emailaddress", "emails")
_ADDRESS_ENDS = ("street", "streetname", "streetaddress", "postalcode", "postcode", "zipcode", "housenumber")
_ADDRESS = re.compile(
    r"(?:home|work|postal|mailing|billing|shipping|delivery|invoice|customer|full)?address(?:line)?\d?|zip"
)
_WHO = re.compile(
    r"(?:user|person|customer|client|contact|visitor|author|owner|member|recipient|assignee|lead|actor)s?|people"
    r"|(?:last)?(?:created|modified|updated|edited)by(?:user)?"
)
_SIGNS = frozenset({"distinctid", "distinctids"})
_ABOUT_NOBODY = frozenset({"country", "countrycode", "countryname", "type", "kind"})
_IDENTIFIER = re.compile(r"[\w$]+")
_DISTINCT_NAMES = 4096


class Fields(dict[str, str | None]):
    """Field names -> kind or sign, worked out once for each name; `chosen` are the fields that the user named."""

    def __init__(self, kinds: Iterable[str], chosen: Iterable[str]) -> None:
        super().__init__()
        self.kinds = frozenset(kinds)
        self._chosen = {bare(name): word_of(name) for name in chosen}

    def __missing__(self, name: str) -> str | None:
        if len(self) > _DISTINCT_NAMES:
            self.clear()  # names made of data, such as an e-mail address for a key
        self[name] = kind = self._kind(bare(name))
        return kind

    def in_expression(self, text: str) -> str | None:
        """The kind of what an expression is made from: `upper(properties.first_name)` is a person's."""
        kind: str | None = None
        for word in _IDENTIFIER.findall(text):
            kind = stronger(kind, self[word])
        return kind

    def _kind(self, name: str) -> str | None:
        if name in self._chosen:
            return self._chosen[name]
        for kind, meant in ((PERSON, _is_person), (PHONE, _is_phone), (ADDRESS, _is_address)):
            if kind in self.kinds and meant(name):
                return kind
        if name.endswith(_EMAIL_ENDS):
            return EMAIL
        if PERSON not in self.kinds:
            return None
        return NAME if name == "name" else WHO if _WHO.fullmatch(name) else SIGN if name in _SIGNS else None


def bare(name: str) -> str:
    """A field's name as it is compared: the last part of a dotted one, in lower case, without `_`, `-`, `$`, spaces."""
    last = name.rpartition(".")[2]
    return last.translate(_DROPPED).lower()


_DROPPED = str.maketrans("", "", "_-$ ")


def word_of(field: str) -> str:
    """What the tokens of a chosen field begin with."""
    return re.sub(r"[^a-z0-9_]", "_", field.lower())


def is_kind(kind: str | None) -> bool:
    """Whether it is a kind and no sign (nor an e-mail field, whose values are found by what they look like)."""
    return kind is not None and kind[0] != "?" and kind != EMAIL


def stronger(kind: str | None, other: str | None) -> str | None:
    """The kind of what is made of two: a telephone's hides numbers only, so that any other goes before it."""
    return other if is_kind(other) and kind in (None, PHONE) else kind


def is_name(text: str) -> bool:
    """Whether a text may be a person's name: a few words, the first with a capital where its script has one."""
    first = text[:1]
    if not first.isalpha() or first.islower() or len(text) > 100:
        return False
    return not any(character.isdigit() or character in "_/:\\{}[]<>=@" for character in text)


def tells_nobody(name: str) -> bool:
    """Whether a part of an address leads to nobody by itself: its country."""
    return bare(name) in _ABOUT_NOBODY


def _is_person(name: str) -> bool:
    return name.endswith(_PERSON_ENDS) or name in _PERSON


def _is_phone(name: str) -> bool:
    return name.endswith(_PHONE_ENDS) or name in _PHONE


def _is_address(name: str) -> bool:
    return name.endswith(_ADDRESS_ENDS) or _ADDRESS.fullmatch(name) is not None
