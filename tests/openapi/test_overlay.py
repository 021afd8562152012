"""OpenAPI Overlay 1.0.0, as its specification has it: what an action does to a document."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from audience_mcp.openapi.overlay import MOST_NODES, OverlayProblem, apply, parse, plain

DOCUMENT: dict[str, Any] = {
    "info": {"title": "Shop", "contact": {"name": "Ann"}},
    "tags": [{"name": "a"}, {"name": "b"}, {"name": "c"}],
    "paths": {"/a": {"get": {"operationId": "read_a"}, "put": {"operationId": "write_a"}}, "/b": {}},
}


def overlaid(*actions: dict[str, Any]) -> dict[str, Any]:
    return apply(DOCUMENT, actions)


def test_an_update_of_an_object_changes_what_it_names_in_depth_and_leaves_the_rest() -> None:
    changed = overlaid({"target": "$.info", "update": {"contact": {"email": "a@b.c"}, "title": "Store"}})
    assert changed["info"] == {"title": "Store", "contact": {"name": "Ann", "email": "a@b.c"}}
    assert changed["paths"] == DOCUMENT["paths"]


def test_an_update_of_an_array_is_one_more_item() -> None:
    assert overlaid({"target": "$.tags", "update": {"name": "d"}})["tags"][3:] == [{"name": "d"}]


def test_a_removal_takes_all_that_the_target_finds() -> None:
    changed = overlaid({"target": "$.tags[?@.name != 'b']", "remove": True})
    assert changed["tags"] == [{"name": "b"}]


def test_removal_wins_where_an_action_has_both() -> None:
    assert "contact" not in overlaid({"target": "$.info.contact", "remove": True, "update": {"name": "Bo"}})["info"]


def test_actions_see_what_those_before_them_did() -> None:
    move = {"target": "$.paths", "update": {"/c": {"get": {"operationId": "read_a"}}}}
    changed = overlaid({"target": "$.paths[*][?@.operationId=='read_a']", "remove": True}, move)
    assert changed["paths"]["/a"] == {"put": {"operationId": "write_a"}}
    assert changed["paths"]["/c"]["get"]["operationId"] == "read_a"


def test_a_target_that_finds_nothing_changes_nothing() -> None:
    assert overlaid({"target": "$.nothing", "update": {"x": 1}}, {"target": "$.tags[9]", "remove": True}) == DOCUMENT


def test_the_document_itself_stays_and_what_it_shares_in_two_places_is_changed_in_one() -> None:
    shared = {"name": "both", "list": [1]}
    document = {"one": shared, "two": shared}
    changed = apply(document, [{"target": "$.one", "update": {"name": "mine", "list": [2]}}])
    assert changed == {"one": {"name": "mine", "list": [1, 2]}, "two": {"name": "both", "list": [1]}}
    assert shared == {"name": "both", "list": [1]}


@pytest.mark.parametrize(
    ("action", "said"),
    [
        ({"update": {}}, "no target"),
        ({"target": "$.paths[", "update": {}}, "no JSONPath"),
        ({"target": "$", "remove": True}, "whole document"),
        ({"target": "$.info.title", "update": {"x": 1}}, "no object"),
    ],
)
def test_an_action_that_cannot_be_carried_out_says_why(action: dict[str, Any], said: str) -> None:
    with pytest.raises(OverlayProblem, match=said):
        overlaid(action)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "holds nothing"),
        ("overlay: 2.0.0\nactions: []", "does not say overlay"),
        ("overlay: 1.0.0\nactions: {}", "no list"),
        ("overlay: 1.0.0\nactions: 1", "no list"),
        ("overlay: 1.0.0\nactions:\n  - [", "line "),
        ("\x00", "no text"),
        ("overlay: 1.0.0\nactions: []\nactions: []", "the key actions twice"),
        ("overlay: 1.0.0\nactions: [{target: $, update: {a: .nan}}]", "float"),
        ("overlay: 1.0.0\nactions: !!python/object/apply:os.system {a: ls}", "no list"),
        ("&a [*a]", "alias"),
        ("overlay: 1.0.0\nactions: [" + "{target: $}," * 601 + "]", "more than 600 actions"),
        ("overlay: 1.0.0\nactions: [{target: $, update: {a: " + "[" * 100 + "]" * 100 + "}}]", "nested deeper"),
        ("overlay: 1.0.0\nactions: [{target: $, update: {a: " + "[" * 70 + "]" * 70 + "}}]", "unfolds"),
    ],
)
def test_a_file_that_is_no_overlay_is_refused_in_words(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "x.yaml"
    file.write_text(text)
    with pytest.raises(OverlayProblem, match=said):
        parse(file)


def test_aliases_that_unfold_without_end_are_refused_at_once(tmp_path: Path) -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 10)]
    file = tmp_path / "laughs.yaml"
    file.write_text("overlay: 1.0.0\nactions: []\n" + "\n".join(lines))
    with pytest.raises(OverlayProblem, match="unfolds"):
        parse(file)


def test_merge_keys_that_multiply_at_each_level_are_no_work(tmp_path: Path) -> None:
    lines = ["a0: &a0 {k: 1}"]
    lines += [f"a{n}: &a{n} {{<<: [{', '.join([f'*a{n - 1}'] * 9)}]}}" for n in range(1, 12)]
    file = tmp_path / "merges.yaml"
    file.write_text("overlay: 1.0.0\nactions: []\n" + "\n".join(lines))
    read = parse(file)  # 9^11 steps where each merge is unfolded again
    assert read["a11"] == {"k": 1}


def test_merge_keys_that_copy_too_much_are_refused(tmp_path: Path) -> None:
    fields = ", ".join(f"k{n}: 1" for n in range(2_000))
    file = tmp_path / "merges.yaml"
    file.write_text(f"overlay: 1.0.0\nactions: []\na: &a {{{fields}}}\nb: {{<<: [{', '.join(['*a'] * 2_000)}]}}")
    with pytest.raises(OverlayProblem, match="merge keys"):
        parse(file)


def test_a_large_file_is_not_even_read(tmp_path: Path) -> None:
    file = tmp_path / "large.yaml"
    file.write_bytes(b"overlay: 1.0.0\nactions: []\n#" + b"x" * 4_000_000)
    with pytest.raises(OverlayProblem, match="larger"):
        parse(file)


def test_yaml_dates_and_number_keys_become_what_json_has() -> None:
    import datetime

    assert plain({200: {"on": datetime.date(2026, 11, 21)}}) == {"200": {"on": "2026-11-21"}}
    with pytest.raises(OverlayProblem):
        plain([0] * (MOST_NODES + 1))
