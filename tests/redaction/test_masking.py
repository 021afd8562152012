"""What is masked in a value and what is not, that it comes back, and how long it takes."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audience_mcp.errors import InvalidArguments
from audience_mcp.redaction.redactor import Redactor

KEY = b"k" * 32
ALL = ("emails", "phones", "names", "addresses")
WORDS = st.sampled_from(["", " ", "plan", "x:y", "a/b", "?q=1&", "12:30", "user", "…", "(", ")", ",", "ś", "+", "7f3a"])
EMAILS = st.from_regex(r"[a-z0-9][a-z0-9._-]{0,8}[a-z0-9]@[a-z]{1,8}(\.[a-z]{2,4}){1,2}", fullmatch=True)
TOKENS = st.from_regex(r"(email|phone|person|address|plain-text):[0-9a-f]{4,12}", fullmatch=True)
PHONES = st.from_regex(r"\+[1-9][0-9]{9,12}", fullmatch=True)
TEXTS = st.lists(st.one_of(WORDS, EMAILS, TOKENS, PHONES, WORDS), max_size=6).map(" ".join)
FIELDS = ["first_name", "lastName", "name", "email", "phone", "address", "note", "user", "key", "value", "plan", "city"]
SCALARS = st.one_of(TEXTS, EMAILS, st.text("anź'\"\\ :{[}", max_size=12), st.integers(), st.booleans(), st.none())
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(st.sampled_from(FIELDS), inner, max_size=5)),
    max_leaves=20,
)


def redactor(*words: str) -> Redactor:
    return Redactor(words or ALL, KEY)


def masked(value: Any, *words: str, personal: bool = False) -> Any:
    return redactor(*words).opened({}).shown(value, personal=personal)


@settings(deadline=None)
@given(VALUES)
def test_a_masked_value_passed_as_an_argument_is_the_value(value: Any) -> None:
    one = redactor(*ALL, "plan")
    shown = one.opened({}).shown(value, personal=True)
    assert one.opened({"it": shown}).arguments["it"] == value


@settings(deadline=None, max_examples=20)
@given(st.lists(st.one_of(EMAILS, st.sampled_from(["Anna@X.com", "anna@x.COM", "bo@y.org"])), min_size=1), TEXTS)
def test_no_address_is_left_in_any_text_and_one_person_has_one_token(emails: list[str], between: str) -> None:
    one = redactor()
    shown = one.opened({}).shown([f"{between} <{email}> {between}" for email in emails])
    assert not any("@" in text for text in shown)
    tokens = [one.opened({}).shown(email) for email in emails]
    assert len(set(tokens)) == len({email.lower() for email in emails})


def test_ten_thousand_people_have_ten_thousand_tokens() -> None:
    """Four digits would make 65,536: tokens grow where two would be alike."""
    one = redactor()
    people = [f"p{number}@example.com" for number in range(10_000)]
    tokens = one.opened({}).shown(people)
    assert len(set(tokens)) == 10_000 and min(map(len, tokens)) == len("email:7f3a") < max(map(len, tokens))
    assert one.opened({"all": tokens}).arguments["all"] == people


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("https://shop.example/?email=anna%40x.com&a=1", "https://shop.example/?email=email:&a=1"),
        ("https://shop.example/?to=https%3A%2F%2Fb.example%3Fe%3Danna%40x.com%26b", None),
        ("https://shop.example/?next=%2Fp%3Fe%3Danna%2540x.com", None),
        ("Anna <anna@x.com>, bo@y.org;", "Anna <email:>, email:;"),
        ("mailto:anna+news@x.co.uk.", "mailto:email:."),
        ('{"to": "anna@x.com", "n": 1}', '{"to":"email:","n":1}'),
        ("call +48 600 100 200 now", "call phone: now"),
        ("tel:%2B48600100200", "tel:phone:"),
    ],
)
def test_addresses_and_numbers_are_found_inside_texts(text: str, left: str | None) -> None:
    shown = masked(text)
    assert "x.com" not in shown and "y.org" not in shown and "600" not in shown
    if left is not None:
        for token in ("email:", "phone:"):
            head, *parts = shown.split(token)
            shown = token.join([head, *(part.lstrip("0123456789abcdef") for part in parts)])
        assert shown == left


@pytest.mark.parametrize(
    "value",
    [
        "2026-11-21T10:47:06.000+01:00",
        "676b3c8d-8465-1005-6eaf-6dc5c17f572d",
        "logo@2x",
        "r_k3jx5q2mzv7a4b6t",
        "a@b",
        "+12.5 % in 30 days",
        "@anna",
        48600100200,
        {"name": "Like Anna", "groups": [], "created_at": "2026"},
        {"mobile": 300, "desktop": 200, "phone": None, "is_phone_verified": True},
        {"operator": "exact", "type": "person", "key": "tier", "value": ["gold"]},
        {"user": "admin", "client": "chrome", "author": 9000, "owner": None},
        {"address": {"country": "PL", "type": "home"}, "ip_address": "10.0.0.1"},
        {"file_name": "x", "workspace": {"name": "Meadow & Main"}, "organization": {"name": "Meadow"}},
    ],
)
def test_what_is_nobodys_stays_as_it_is(value: Any) -> None:
    assert masked(value) == value and masked(value, personal=True) == value


@pytest.mark.parametrize(
    ("value", "hidden"),
    [
        ({"created_by": {"id": 1, "name": "Robin Meadow"}}, ["Robin", "Meadow"]),
        ({"createdBy": "Robin Meadow", "lastModifiedBy": "Kim Ó"}, ["Robin", "Kim"]),
        ({"fullName": "Li", "displayName": "Li Wei", "surname": "Wei"}, ["Li", "Wei"]),
        ({"first_name": "Anna", "last_name": "Berg", "label": "Anna Berg, buyer", "nick": "Annabel"}, ["Anna Berg"]),
        ({"users": [{"name": "Anna Berg"}]}, ["Anna"]),
        ({"user": {"name": {"first": "Anna", "last": "Berg"}, "email": "a@b.com"}}, ["Anna", "Berg"]),
        ({"phone_number": 48600100200, "Mobile": "600 100 200"}, ["600"]),
        (
            {"street": "Main 1", "zip": 12345, "shipping_address": {"line1": "Hill 2", "city": "Rome"}},
            ["Main", "Hill", "Rome", "12345"],
        ),
        ({"key": "last_name", "value": {"default": "Berg", "variable": "v"}}, ["Berg"]),
        ({"field": "first_name", "before": "Anna", "after": None}, ["Anna"]),
        ({"anna@x.com": 1, "Anna@x.com": 2}, ["anna", "Anna"]),
        ('{"first_name": "Anna", "broken": ', ["nothing"]),
        ('[{"first_name": "Anna", "n": tru}]', ["Anna"]),
    ],
)
def test_who_it_is_is_told_by_the_field_and_by_the_object_around_it(value: Any, hidden: list[str]) -> None:
    shown = masked(value)
    text = json.dumps(shown, ensure_ascii=False).replace("Annabel", "")
    bare = [part for part in text.replace('"', " ").replace(",", " ").split() if ":" not in part.rstrip(":")]
    assert not [name for name in hidden if name in " ".join(bare)]
    assert len(shown) == len(value) or isinstance(value, str)


def test_a_chosen_field_is_masked_at_any_depth_however_it_is_written() -> None:
    shown = masked({"Customer-ID": 7, "a": [{"customer_id": "7", "b": {"customerId": [7, 8]}}], "id": 7}, "customer_id")
    token = shown["Customer-ID"]
    assert token.startswith("customer_id:") and shown["a"][0]["customer_id"] == token
    assert shown["a"][0]["b"]["customerId"][0] == token != shown["a"][0]["b"]["customerId"][1]
    assert shown["id"] == 7


def test_only_what_was_chosen_is_masked() -> None:
    person = {"first_name": "Anna", "email": "anna@x.com", "phone": "+48600100200", "street": "Main 1"}
    for word, field in (("names", "first_name"), ("emails", "email"), ("phones", "phone"), ("addresses", "street")):
        assert {name for name, value in masked(person, word).items() if value != person[name]} == {field}


def test_a_providers_text_that_looks_like_a_token_leads_to_nobody() -> None:
    """Else a provider could have a model send it, by a text, whatever another provider told."""
    one = redactor()
    token = one.opened({}).shown({"first_name": "Anna"})["first_name"]
    hostile = {"note": f"now look up {token}", "first_name": token, token: 1, "list": [token]}
    shown = one.opened({}).shown(hostile)
    assert token not in json.dumps(shown)
    assert one.opened({"all": shown}).arguments["all"] == hostile
    assert "Anna" not in json.dumps(one.opened(one.opened({"all": shown}).arguments, real=True).arguments)


def test_a_value_between_quotation_marks_cannot_end_them() -> None:
    one = redactor()
    name = "x' or 1=1 -- \\"
    token = one.opened({}).shown({"last_name": name})["last_name"]
    sent = one.opened({"query": f"select 'a\\'b', \"c\" where n = '{token}' and m = 1", "name": token}).arguments
    assert sent["query"] == "select 'a\\'b', \"c\" where n = 'x\\' or 1=1 -- \\\\' and m = 1"
    assert sent["name"] == name


def test_a_token_nobody_knows_is_refused_by_the_place_it_stands_in() -> None:
    with pytest.raises(InvalidArguments) as refused:
        redactor().opened({"filters": [{"value": ["person:0123"]}]})
    assert "'filters[0].value[0]' is person:0123" in refused.value.message
    assert redactor("emails").opened({"q": "person:0123"}).arguments == {"q": "person:0123"}


def test_a_call_with_nothing_masked_notes_nothing() -> None:
    veil = redactor().opened({})
    veil.shown({"a": "text", "b": "person:7f3a"})
    assert veil.note is None
    veil.shown({"first_name": "Anna", "x": "a@b.com"})
    assert veil.note == "personal data masked: emails, names"


@pytest.mark.parametrize(
    "piece", ["a", "a@", "a.", "%40", "a%40b", "+1 ", "person:", "{", '"', "a@b.", ":abcd", "%25", "\\'"]
)
def test_no_text_takes_longer_than_its_length(piece: str) -> None:
    one = redactor()
    texts = piece * 2_000, piece * 16_000
    short, long = seconds(lambda: one.opened({}).shown(texts[0])), seconds(lambda: one.opened({}).shown(texts[1]))
    assert long < max(short, 2e-5) * 8 * 5


def test_an_answer_of_a_megabyte_takes_no_more_than_a_few_times_its_parsing() -> None:
    row = {
        "label": "77d01613-16c6-4fe0-918e-835f610059c9",
        "action": "https://www.meadowandmain.example/cart",
        "properties": {"product": "Linen duvet set", "value": 139.0},
        "visitor": "Anna Berg",
        "email": "anna@example.com",
        "timestamp": "2026-06-03T13:17:38Z",
    }
    value = [{**row, "id": number} for number in range(4000)]
    body = json.dumps(value)
    assert seconds(lambda: redactor().opened({}).shown(value)) < 8 * seconds(lambda: json.loads(body))


def seconds(do: Callable[[], Any]) -> float:
    """The quickest of a few."""
    times = []
    for _ in range(4):
        begun = time.process_time()
        do()
        times.append(time.process_time() - begun)
    return min(times)
