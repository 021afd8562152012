"""The life of a saved analysis, a directory, a cohort: made, read, found, changed, deleted, and looked for again."""

from __future__ import annotations

import re
from typing import Any

from .marks import KEYS
from .things import Shop, State, Thing

ANALYSES = ("funnel", "metric", "segmentation", "trend", "report", "histogram", "aggregate", "expression", "sankey")
VISIBLE = ("segmentation", "aggregate", "expression")
NUMBERS = {"main": 481, "outlet": 482}
TIERS = ("basic", "silver", "gold")
MOST_STEPS = 5
_CHANGE = re.compile(r"undo_change\(change='([^']+)'\)")


async def analysis_life(shop: Shop, kind: str, workspace: str, sample: dict[str, Any]) -> None:
    """A Synerise analysis made after `sample`."""
    desk, thing = shop.desk, shop.new(kind, workspace)
    extra = {"isVisibleForClientProfile": False} if kind in VISIBLE else {}
    body = {**sample, "title": thing.name}
    made = await shop.make(thing, f"synerise_create_{kind}", {"analysis": body, **extra})

    async def search() -> None:
        told = await desk.ask(f"synerise_list_{kind}s", workspace, {"search": thing.name})
        if told.ok:
            found = [item["id"] for item in told.value["data"]]
            _settle(shop, thing, found)

    async def get() -> None:
        gone = {"not_found"} if thing.state != "there" else set()
        told = await desk.ask(f"synerise_get_{kind}", workspace, {f"{kind}Id": thing.id}, expects=gone)
        if told.ok:
            shop.check(thing.state != "gone", thing, "is still there")
            saved = told.value["analysis"]
            text = saved.get("description", "")
            shop.check(text in thing.texts, thing, f"says {text!r} instead of one of {thing.texts}")
            right = {**body, "description": text} if text else body
            shop.check(saved == right and told.value["businessProfileId"] == NUMBERS[workspace], thing, f"is {saved}")
            thing.texts, thing.state = {text}, "there"
        elif told.kind == "not_found":
            thing.state = "gone"

    async def update() -> None:
        text = f"{thing.name}-u{len(shop.acts)}"
        arguments = {f"{kind}Id": thing.id, "analysis": {**body, "description": text}, **extra}
        await shop.change(thing, f"synerise_update_{kind}", arguments, text)

    if thing.state == "perhaps":
        await search()
    if thing.state != "there":
        return
    for _ in range(shop.dice.randint(1, MOST_STEPS)):
        await shop.dice.choice((search, get, get, update))()
    if shop.dice.random() < 0.9:
        notes = " ".join(made.structured.get("provenance", {}).get("notes") or ())
        if (change := _CHANGE.search(notes)) and shop.dice.random() < 0.3:
            await shop.delete(thing, "undo_change", {"change": change[1]})
        else:
            await shop.delete(thing, f"synerise_delete_{kind}", {f"{kind}Id": thing.id})
        await shop.dice.choice((search, get))()


async def directory_life(shop: Shop, workspace: str) -> None:
    """A Synerise directory; its text is its name."""
    desk, thing = shop.desk, shop.new("directory", workspace)
    thing.texts = {thing.name}
    kind = {"analyticType": "FUNNEL"}
    await shop.make(thing, "synerise_create_directory", {"name": thing.name, **kind})

    async def search() -> None:
        told = await desk.ask("synerise_list_directories", workspace, kind)
        if told.ok:
            found = {item["id"]: item["name"] for item in told.value if thing.name in item["name"]}
            _settle(shop, thing, list(found))
            if name := found.get(thing.id):
                shop.check(name in thing.texts, thing, f"is named {name}")
                thing.texts = {name}

    async def rename() -> None:
        text = f"{thing.name}-u{len(shop.acts)}"
        arguments = {"directoryId": thing.id, "newName": text}
        await shop.change(thing, "synerise_rename_directory", arguments, text)

    if thing.state == "perhaps":
        await search()
    if thing.state == "there":
        for step in (search, rename, search):
            await step()
        await shop.delete(thing, "synerise_delete_directory", {"directoryId": thing.id})
        await search()


async def cohort_life(shop: Shop, workspace: str, tiers: dict[str, int]) -> None:
    """A PostHog cohort of one tier, which holds so many people."""
    desk, thing = shop.desk, shop.new("cohort", workspace)
    tier = shop.dice.choice(TIERS)
    person = {"type": "person", "key": "tier", "operator": "exact", "value": tier}
    filters = {"properties": {"type": "OR", "values": [{"type": "AND", "values": [person]}]}}
    await shop.make(thing, "posthog_create_cohort", {"name": thing.name, "filters": filters})

    async def search() -> None:
        told = await desk.ask("posthog_list_cohorts", workspace, {"search": thing.name})
        if told.ok:
            _settle(shop, thing, [item["id"] for item in told.value["results"] if item["name"] == thing.name])

    async def get() -> None:
        told = await desk.ask("posthog_get_cohort", workspace, {"id": thing.id})
        if told.ok:
            saved, text = told.value, told.value["description"]
            shop.check(saved["name"] == thing.name and text in thing.texts, thing, f"is {saved['name']}: {text}")
            seen: State = "gone" if saved["deleted"] else "there"
            shop.check(thing.state in (seen, "perhaps"), thing, f"deleted is {saved['deleted']}")
            shop.check(saved["count"] in (None, tiers[tier]), thing, f"counts {saved['count']}, not {tiers[tier]}")
            thing.texts, thing.state = {text}, seen

    async def update() -> None:
        text = f"{thing.name}-u{len(shop.acts)}"
        await shop.change(thing, "posthog_update_cohort", {"id": thing.id, "description": text}, text)

    if thing.state == "perhaps":
        await search()
    if thing.state != "there":
        return
    for _ in range(shop.dice.randint(1, MOST_STEPS)):
        await shop.dice.choice((search, get, get, update))()
    if shop.dice.random() < 0.3:
        copy = shop.new("cohort", workspace, f"{thing.name} (static copy)")
        deed = f"duplicate_as_static_cohort {thing.id}"
        await shop.make(copy, "posthog_duplicate_cohort_as_static", {"id": thing.id}, deed)
    await shop.delete(thing, "posthog_delete_cohort", {"id": thing.id}, repeatable=True)
    await get()


async def static_life(shop: Shop, workspace: str, people: list[str]) -> None:
    """A PostHog cohort that somebody fills by hand, with a person in it from the start."""
    desk, thing = shop.desk, shop.new("cohort", workspace)
    first, second = shop.dice.sample(people, 2)
    body = {"name": thing.name, "is_static": True, "_create_static_person_ids": [first]}
    await shop.make(thing, "posthog_create_cohort", body)
    if thing.state != "there":
        return
    arguments = {"id": thing.id, "person_ids": [second]}
    deed = f"add_persons_to_static_cohort {thing.id}"
    added = await shop.write(thing, deed, "posthog_add_persons_to_static_cohort", arguments, repeatable=True)
    told = await desk.ask("posthog_list_cohort_persons", workspace, {"id": thing.id})
    if told.ok:
        there = {row["id"] for row in told.value["results"]}
        wanted = {first, second} if added.ok else {first}
        possible = {first, second} if added.ok or added.kind == "outcome_unknown" else {first}
        shop.check(wanted <= there <= possible, thing, f"holds {there}, not {wanted}")
    await shop.delete(thing, "posthog_delete_cohort", {"id": thing.id}, repeatable=True)


async def look_over(shop: Shop) -> None:
    """When all is calm: every thing is where it was left, and in no other workspace."""
    listed: dict[tuple[str, str], list[tuple[Any, str]]] = {}
    for workspace in KEYS:
        for kind in ANALYSES:
            told = await shop.desk.ask(f"synerise_list_{kind}s", workspace, {"search": "soak-", "all_pages": True})
            listed[workspace, kind] = [(item["id"], item["name"]) for item in told.value["data"]]
        told = await shop.desk.ask("synerise_list_directories", workspace, {"analyticType": "FUNNEL"})
        listed[workspace, "directory"] = [(item["id"], item["name"]) for item in told.value]
        told = await shop.desk.ask("posthog_list_cohorts", workspace, {"all_pages": True, "basic": True})
        listed[workspace, "cohort"] = [(item["id"], item["name"]) for item in told.value["results"]]
    for thing in shop.things:
        for workspace in KEYS:
            texts = thing.texts if thing.kind == "directory" else {thing.name}
            found = [number for number, name in listed[workspace, thing.kind] if name in texts]
            if workspace != thing.workspace:
                shop.check(not found, thing, f"is in {workspace} too")
            else:
                _settle(shop, thing, found)


def _settle(shop: Shop, thing: Thing, found: list[Any]) -> None:
    """What a list says of a thing, against what is known of it."""
    shop.check(len(found) < 2, thing, f"is listed {len(found)} times")
    shop.check(bool(found) or thing.state != "there", thing, "is not listed")
    shop.check(not found or thing.state != "gone", thing, "is still listed")
    shop.check(not found or thing.id in (None, found[0]), thing, f"is listed as {found}")
    if found:
        thing.state, thing.id = "there", found[0]
    elif thing.state == "perhaps":
        thing.state = "gone"
