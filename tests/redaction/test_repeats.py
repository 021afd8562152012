"""What was passed or written as a token is told as the token where it comes back, however much that is."""

from __future__ import annotations

import re
from functools import partial

from hypothesis import given, settings
from hypothesis import strategies as st

from audience_mcp.errors import InvalidArguments
from audience_mcp.redaction import repeats
from audience_mcp.redaction.redactor import Redactor
from audience_mcp.redaction.repeats import Repeats

from .test_masking import KEY, redactor, seconds

FORMS = st.text("ab -+%", min_size=1, max_size=6)
SCHEMA = {
    "properties": {
        "q": {"type": "string"},
        "n": {"$ref": "#/$defs/Count"},
        "either": {"type": ["string", "integer"]},
        "in": {"type": "array", "items": {"anyOf": [{"type": "null"}, {"properties": {"v": {"type": "string"}}}]}},
    },
    "$defs": {"Count": {"anyOf": [{"type": "integer"}, {"$ref": "#/$defs/Count"}]}},
}


@settings(deadline=None, max_examples=60)
@given(st.lists(FORMS, max_size=5), st.lists(FORMS, max_size=5), st.text("ab -+%", max_size=20))
def test_every_whole_word_is_found_and_nothing_that_is_not_there(old: list[str], new: list[str], text: str) -> None:
    found = Repeats(dict.fromkeys(new, "new"), Repeats(dict.fromkeys(old, "old"))).within(text)
    assert all(form in text and token == ("new" if form in new else "old") for form, token in found.items())
    whole = [form for form in old + new if re.search(rf"(?<!\w){re.escape(form)}(?!\w)", text)]
    assert set(whole) <= set(found)


def test_the_oldest_texts_are_forgotten_once_there_are_very_many() -> None:
    one = Repeats({"the first": "t"})
    one.add({f"text {number}": "t" for number in range(repeats.MOST)})
    assert not one.within("the first") and one.within("text 0") and len(one.tokens) == repeats.MOST


def test_an_answer_takes_no_longer_after_a_thousand_written_tokens() -> None:
    one, other = redactor(), redactor()
    tokens = one.opened({}).shown([{"first_name": f"Anna{number}"} for number in range(1000)])
    one.opened({"names": tokens}).writes()
    other.opened({"names": other.opened({}).shown([{"first_name": "Anna0"}])}).writes()
    answer = [{"id": number, "label": f"segment of {number}"} for number in range(2000)]
    many, few = (seconds(partial(red.opened({}).shown, answer)) for red in (one, other))
    assert many < few * 5
    assert one.opened({}).shown({"label": "segment of Anna7"})["label"] == f"segment of {tokens[7]['first_name']}"


def test_a_token_is_restored_as_the_type_that_its_place_wants_whichever_was_read_first() -> None:
    for first in (1001, "1001"):
        one = Redactor(["customer_id"], KEY)
        token = one.opened({}).shown({"customer_id": first})["customer_id"]
        sent = {"q": token, "n": token, "either": token, "in": [{"v": token}], "unknown": token}
        meant = one.opened(sent, schema=SCHEMA).arguments
        assert meant == {"q": "1001", "n": 1001, "either": first, "in": [{"v": "1001"}], "unknown": first}


def test_a_text_that_is_no_plain_number_stays_text() -> None:
    one = Redactor(["customer_id"], KEY)
    for value in ("007", "1.0", "²", "9" * 30, "x"):
        token = one.opened({}).shown({"customer_id": value})["customer_id"]
        assert one.opened({"n": token}, schema=SCHEMA).arguments == {"n": value}


def test_an_error_tells_even_the_shortest_value_as_its_token() -> None:
    one = Redactor(["customer_id"], KEY)
    token = one.opened({}).shown({"customer_id": 7})["customer_id"]
    veil = one.opened({"q": [token]})
    error = veil.error(InvalidArguments("'q' must be a string, not 7.", "Pass 7 differently, not 77."))
    assert (
        error.message == f"'q' must be a string, not {token}." and error.remedy == f"Pass {token} differently, not 77."
    )


def test_half_a_character_in_a_name_is_no_obstacle() -> None:
    one = redactor()
    token = one.opened({}).shown({"first_name": "Ann\ud83d"})["first_name"]
    veil = one.opened({"q": token})
    assert veil.arguments == {"q": "Ann\ud83d"} and veil.shown("of Ann\ud83d, 2") == f"of {token}, 2"


def test_a_chosen_field_that_is_called_text_is_told_like_any_other() -> None:
    veil = Redactor(["text"], KEY).opened({})
    assert veil.shown({"text": "hello"})["text"].startswith("text:")
    assert veil.note == "personal data masked: text"
