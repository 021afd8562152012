"""What may not stand in an audit file does not: secrets, codes, addresses and other signs of a person."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import SecretStr

from audience_mcp.audit.entry import LONGEST_LINE, Entry, Who
from audience_mcp.audit.masking import CODES, Masker, Room
from audience_mcp.sandbox import Sandbox
from call.sample import catalog, least, operation, operations

from .audited import audited

ADDRESS = "robin.sandoval+x@mail.example.org"
PHONE = "+48 601 234 567"
SECRET = "phx_hush-hush-5ecret"
CODE = "246810"
EVERY = [one.name for one in operations()]
PERSON = {"email": ADDRESS, "identifierValue": "person-5ecret", "customId": "person-5ecret", "verificationCode": CODE}
PERSON |= {"distinct_id": "person-5ecret", "clientId": "person-5ecret", "confirm": CODE}
ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


def telling(tool: str, secret: str) -> dict[str, Any]:
    """A call whose every free text tells an address, a phone number and a secret."""
    schema = dict(least(tool))
    for name, part in (properties := _properties(tool)).items():
        if name in PERSON:
            schema[name] = PERSON[name]
        elif part.get("type") == "string" and not {"enum", "pattern", "format"} & set(part) and name != "workspace":
            schema[name] = f"{ADDRESS} {PHONE} {secret}"[: part.get("maxLength", 200)]
    assert set(schema) <= set(properties)
    return schema


def _properties(tool: str) -> dict[str, Any]:
    found: dict[str, Any] = catalog().call_target(tool).schema["properties"]
    return found


@pytest.mark.anyio
async def test_no_tool_leaves_a_secret_a_code_or_a_person_in_its_lines(shop: Sandbox, tmp_path: Path) -> None:
    environment = shop.environment("http://shop")
    secrets = [v for n, v in environment.items() if any(word in n for word in ("KEY", "PASSWORD", "TOKEN", "USERNAME"))]
    path = tmp_path / "audit.jsonl"
    async with audited(shop, path, confirm="never", unconfirmed="allow", export_dir=tmp_path) as desk:
        for number, tool in enumerate(EVERY):
            await desk.run(tool, **telling(tool, secrets[number % len(secrets)]))
        for tool, arguments in (
            ("read_result", {"handle": ADDRESS, "path": secrets[0]}),
            ("query_results", {"sql": f"SELECT * FROM r WHERE email = '{ADDRESS}' OR phone = '{PHONE}'"}),
            ("search_tools", {"query": f"who is {ADDRESS} {PHONE}"}),
            ("call_tool", {"name": "posthog_list_persons", "arguments": {"email": ADDRESS, "search": PHONE}}),
            ("synerise_log_in_user", {"password": "hush-5ecret", "apiKey": "hush-5ecret"}),
        ):
            await desk.run(tool, **arguments)
        lines, text = desk.lines(), path.read_text()
    assert {line["tool"] for line in lines} >= set(EVERY)
    assert sum(line["error"] != "invalid_arguments" or line["status"] is not None for line in lines) > len(EVERY) * 0.8
    for hidden in (*secrets, ADDRESS, "sandoval", "person-5ecret", "hush-5ecret", CODE, PHONE, "601 234"):
        assert hidden not in text, [line for line in lines if hidden in json.dumps(line)][:1]
    for marker in ("<secret>", "<email>", "<phone>", "<person>", "<code>"):
        assert marker in text
    assert max(map(len, text.splitlines())) < LONGEST_LINE


def test_every_argument_that_takes_a_code_is_known() -> None:
    coded = [a.name for tool in EVERY for a in operation(tool).arguments if a.session == "verification_code"]
    assert coded and {name.lower() for name in coded} <= CODES


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ({"name": f"for {ADDRESS}, call {PHONE}"}, {"name": "for <email>, call <phone>"}),
        ({"name": "robin%40mail.example.org (601) 234-567-89"}, {"name": "<email> <phone>"}),
        ({"date_from": "2026-11-01", "date_to": "2026-11-01T10:00:00Z"}, ...),
        ({"when": "2026-11-01 10:00 - 2026-11-08", "n": 48601234567}, ...),
        ({"to": "601234567 2026-11-01 601 234 567 602 345 678"}, {"to": "<phone> 2026-11-01 <phone>"}),
        ({"id": "550e8400-e29b-41d4-a716-446655440000"}, ...),
        ({"workspace": "20481@PL", "limit": 5, "share": 0.5, "all_pages": True, "none": None}, ...),
        ({"personIds": ["a", "b"], "firstName": "Robin"}, {"personIds": "<person> x 2", "firstName": "<person>"}),
        ({"f": [{"key": "firstName", "value": "Robin"}]}, {"f": [{"key": "firstName", "value": "<person>"}]}),
        ({"filters": [{"key": "plan", "value": "gold"}]}, ...),
        ({"x": float("inf"), "y": [[float("nan")]]}, {"x": "inf", "y": [["nan"]]}),
        ({"api_key": "x", "Access-Token": "x"}, {"api_key": "<secret>", "Access-Token": "<secret>"}),
        ({"note": f"{SECRET} eyJhbGciOiJub25lIn0.eyJ4Ijox.s Bearer abc"}, {"note": "<secret> <secret> <secret>"}),
        ({ADDRESS: 1}, {"<email>": 1}),
        ({"street": "Hazel Lane 4", "post_code": "00-950"}, {"street": "<person>", "post_code": "<person>"}),
        ({"nickname": "Rob", "msisdn": 48601234567}, {"nickname": "<person>", "msisdn": "<person>"}),
        ({"customer": "Robin Sandoval", "owner": "f00d"}, {"customer": "<person>", "owner": "f00d"}),
        ({"properties.first_name": "Robin", "surname": None}, {"properties.first_name": "<person>", "surname": None}),
        ({"f": [{"key": "$surname", "value": "Robin"}]}, {"f": [{"key": "$surname", "value": "<person>"}]}),
        ({"f": {"field": "customer", "value": "Robin"}}, {"f": {"field": "customer", "value": "<person>"}}),
        ({"note": "of robin%2540mail.example.org, %2B48601234567"}, {"note": "of <email>, <phone>"}),
        ({"private-key": "x", "Cookie": "x"}, {"private-key": "<secret>", "Cookie": "<secret>"}),
        ({"code": "246810", "mfaCode": "246810"}, {"code": "<code>", "mfaCode": "<code>"}),
    ],
)
def test_values_are_masked_and_ordinary_ones_kept(sent: dict[str, Any], kept: Any) -> None:
    masked = Masker([SecretStr(SECRET), SecretStr("")]).arguments(sent, personal=False, room=Room())
    assert masked == (sent if kept is ... else kept)


def test_in_an_operation_about_persons_what_is_sought_is_masked() -> None:
    sent = {"search": "Robin", "id": "f00d", "uuid": "f00d", "attributes": {"shoe": 42}, "limit": 5}
    masked = Masker().arguments(sent, personal=True, room=Room())
    assert masked == {**dict.fromkeys(sent, "<person>"), "limit": 5}
    assert Masker().arguments(sent, personal=False, room=Room()) == sent


@settings(deadline=None, max_examples=25)
@given(st.dictionaries(st.text(), ANY), st.integers(0, 700), st.integers(0, 700))
def test_no_argument_makes_a_line_that_is_long_or_no_json(sent: dict[str, Any], before: int, after: int) -> None:
    sent["text"] = f"{'x' * before} {ADDRESS} {'y' * after}"
    sent["nested"] = [{"inner": [sent["text"]]}] * 30
    entry = Entry("a_1", Who("u" * 500, 1, "c" * 500, "v" * 500), "t", "read", sent, workspace_name="w" * 500)
    line = entry.line(1_800_000_000.5, Masker())
    assert len(line) <= LONGEST_LINE and line.count(b"\n") == 1 and b"sandoval" not in line
    assert json.loads(line)["time"] == "2027-01-15T08:00:00.500Z"


def test_no_address_stands_in_a_name() -> None:
    who = Who("u", 1, "anna@example.com +358401234567", "1")
    line = Entry("a_1", who, "t", "read", {}, workspace_name="anna@example.com's project").line(1.0, Masker())
    assert json.loads(line)["who"]["client"] == "<email> <phone>"
    assert json.loads(line)["workspace"]["name"] == "<email>'s project"


@pytest.mark.parametrize("letter", ["w", "ł", "\U0001f600", "\ud83d", "\n"])
def test_no_name_makes_a_line_that_is_long(letter: str) -> None:
    name = letter * 120
    who = Who(name, 1, name, name)
    entry = Entry("a_1", who, "t", "read", {}, region=name, workspace=name, workspace_name=name)
    entry.changes = ("c_aaaaaaaaaa",) * 30
    line = entry.line(1_800_000_000.5, Masker())
    assert len(line) <= LONGEST_LINE
    assert json.loads(line)["who"]["client"].startswith(letter * 20)


def test_large_arguments_cost_little() -> None:
    masker = Masker([SecretStr(SECRET)])
    assert SECRET not in repr(vars(masker))
    shown = masker.arguments({"sql": "x" * 2_000_000, "all": [[["y"] * 99] * 99] * 99}, personal=False, room=Room())
    assert shown["sql"].endswith("...(of 2000000 characters)") and len(json.dumps(shown)) < 10_000
