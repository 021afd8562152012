"""Who is in a PostHog cohort: each kind of condition against the world's own rows."""

from __future__ import annotations

import pytest

from audience_mcp.sandbox import Sandbox

from .conftest import small
from .posthog_desk import desk, did, filters, person

pytestmark = pytest.mark.anyio
DID = """SELECT DISTINCT custom_id FROM events JOIN profiles USING (workspace, profile_id)
    WHERE workspace = ? AND name = ? AND "at" > ?::TIMESTAMP - to_days(?)"""
BUY = "transaction.charge"


@pytest.fixture(scope="module")
def own() -> Sandbox:
    """One for all of this file: its tests only add cohorts, and the clock may go on."""
    return small()


async def test_those_who_did_an_event_in_a_period(own: Sandbox) -> None:
    now = own.state.world.now
    async with desk(own) as at:
        for days in (7, 60):
            found = await at.people_of(filters=filters(did(BUY, days=days)))
            assert found == at.ids(DID, BUY, now, days) != set()
        since = {**did(BUY), "explicit_datetime": "-7d"}
        del since["time_value"], since["time_interval"]
        assert await at.people_of(filters=filters(since)) == at.ids(DID, BUY, now, 7)


async def test_those_who_did_it_so_many_times(own: Sandbox) -> None:
    counted = """SELECT custom_id FROM events JOIN profiles USING (workspace, profile_id)
        WHERE workspace = ? AND name = ? AND "at" > ?::TIMESTAMP - to_days(90)
        GROUP BY custom_id HAVING count(*) {} ?"""
    now = own.state.world.now
    async with desk(own) as at:
        for operator, sign in (("gte", ">="), ("exact", "="), ("lt", "<")):
            condition = did(BUY, "performed_event_multiple", 90, operator=operator, operator_value=2)
            found = await at.people_of(filters=filters(condition))
            assert found == at.ids(counted.format(sign), BUY, now, 2) != set()


async def test_those_who_did_it_for_the_first_time(own: Sandbox) -> None:
    first = """SELECT custom_id FROM events JOIN profiles USING (workspace, profile_id)
        WHERE workspace = ? AND name = ? GROUP BY custom_id HAVING min("at") > ?::TIMESTAMP - to_days(30)"""
    async with desk(own) as at:
        found = await at.people_of(filters=filters(did(BUY, "performed_event_first_time")))
        assert found == at.ids(first, BUY, own.state.world.now) != set()


async def test_those_who_did_one_thing_and_then_another(own: Sandbox) -> None:
    then = """SELECT DISTINCT custom_id FROM events AS a JOIN profiles USING (workspace, profile_id)
        JOIN events AS b USING (workspace, profile_id)
        WHERE workspace = ? AND a.name = 'chat.contact' AND b.name = 'transaction.charge'
            AND a."at" > ?::TIMESTAMP - to_days(120) AND b."at" > a."at" AND b."at" <= a."at" + to_days(20)"""
    condition = did(
        "chat.contact", "performed_event_sequence", 120,
        seq_event=BUY, seq_event_type="events", seq_time_value=20, seq_time_interval="day",
    )  # fmt: skip
    async with desk(own) as at:
        found = await at.people_of(filters=filters(condition))
        assert found == at.ids(then, own.state.world.now) != set()


async def test_those_who_stopped_and_those_who_started_again(own: Sandbox) -> None:
    now = own.state.world.now
    window = {"seq_time_value": 30, "seq_time_interval": "day"}
    async with desk(own) as at:
        recent, quarter = (at.ids(DID, "page.visit", now, days) for days in (30, 90))
        ever = at.ids(DID, "page.visit", now, 400)
        between = at.ids(DID + ' AND "at" <= ?::TIMESTAMP - to_days(30)', "page.visit", now, 90, now)
        before = at.ids(DID + ' AND "at" <= ?::TIMESTAMP - to_days(90)', "page.visit", now, 400, now)
        stopped = await at.people_of(filters=filters(did("page.visit", "stopped_performing_event", 90, **window)))
        again = await at.people_of(filters=filters(did("page.visit", "restarted_performing_event", 90, **window)))
    assert stopped == quarter - recent != set()
    assert again == (recent & before) - between
    assert again and not again & stopped and again < ever


async def test_those_who_do_it_regularly(own: Sandbox) -> None:
    weekly = """SELECT custom_id FROM (
            SELECT DISTINCT custom_id, floor(date_diff('second', "at", ?::TIMESTAMP) / 1209600.0) AS period
            FROM events JOIN profiles USING (workspace, profile_id)
            WHERE workspace = ? AND name = 'page.visit' AND period < 4
        ) GROUP BY custom_id HAVING count(*) >= 3"""
    condition = did(
        "page.visit", "performed_event_regularly", 14, operator="gte", operator_value=1, min_periods=3, total_periods=4
    )
    async with desk(own) as at:
        found = await at.people_of(filters=filters(condition))
    world = own.state.world
    assert found == {row["custom_id"] for row in world.rows(weekly, [world.now, "main"])} != set()


async def test_negation_takes_everybody_else(own: Sandbox) -> None:
    async with desk(own) as at:
        did_it = await at.people_of(filters=filters(did(BUY)))
        not_it = await at.people_of(filters=filters(did(BUY, negation=True)))
        everybody = at.ids("SELECT custom_id FROM profiles WHERE workspace = ?")
    assert did_it & not_it == set() and did_it | not_it == everybody


async def test_groups_are_all_of_or_any_of_their_conditions(own: Sandbox) -> None:
    conditions = (did("newsletter.open", days=60), person("country", "exact", ["PL"]))
    async with desk(own) as at:
        one, other = [await at.people_of(filters=filters(condition)) for condition in conditions]
        assert await at.people_of(filters=filters(*conditions)) == one & other
        assert await at.people_of(filters=filters(*conditions, inner="OR")) == one | other
        groups = [{"type": "AND", "values": [condition]} for condition in conditions]
        assert await at.people_of(filters={"properties": {"type": "AND", "values": groups}}) == one & other


@pytest.mark.parametrize(
    ("condition", "where"),
    [
        (person("tier", "exact", ["gold", "silver"]), "tier IN ('gold', 'silver')"),
        (person("tier", "is_not", "gold"), "tier <> 'gold'"),
        (person("email", "icontains", "NOWAK"), "contains(email, 'nowak')"),
        (person("city", "not_icontains", "ow"), "NOT contains(lower(city), 'ow')"),
        (person("city", "regex", "^[BL]"), "regexp_matches(city, '^[BL]')"),
        (person("birth_year", "gt", 1990), "birth_year > 1990"),
        (person("birth_year", "lte", "1970"), "birth_year <= 1970"),
        (person("newsletter", "exact", True), "newsletter"),
        (person("country", "in", ["GB", "IE"]), "country IN ('GB', 'IE')"),
        (person("country", "exact", "GB", negation=True), "country <> 'GB'"),
        (person("shoe_size", "is_not_set"), "TRUE"),
    ],
)
async def test_person_properties_are_compared_by_every_operator(
    own: Sandbox, condition: dict[str, object], where: str
) -> None:
    async with desk(own) as at:
        found = await at.people_of(filters=filters(condition))
        assert found == at.ids(f"SELECT custom_id FROM profiles WHERE workspace = ? AND {where}") != set()


async def test_dates_are_compared_relative_to_the_sandboxes_last_day(own: Sandbox) -> None:
    buyers = """SELECT custom_id FROM events JOIN profiles USING (workspace, profile_id)
        WHERE workspace = ? AND name = 'transaction.charge' GROUP BY custom_id HAVING max("at") > ?"""
    now = own.state.world.now
    joined_lately = "SELECT custom_id FROM profiles WHERE workspace = ? AND created_at > ?::TIMESTAMP - to_days(60)"
    async with desk(own) as at:
        late = await at.people_of(filters=filters(person("last_order_at", "is_date_after", "2026-11-01")))
        assert late == at.ids(buyers, "2026-11-01") != set()
        new = {"type": "person_metadata", "key": "created_at", "operator": "is_date_after", "value": "-60d"}
        assert await at.people_of(filters=filters(new)) == at.ids(joined_lately, now) != set()


async def test_events_can_be_actions_or_have_conditions_of_their_own(own: Sandbox) -> None:
    big = DID + " AND amount >= 100"
    now = own.state.world.now
    async with desk(own) as at:
        wanted = at.ids(big, BUY, now, 90)
        action = {**did("2", days=90), "key": 2, "event_type": "actions"}
        assert await at.people_of(filters=filters(action)) == wanted != set()
        by_property = {"type": "event", "key": "amount", "operator": "gte", "value": 100}
        assert await at.people_of(filters=filters(did(BUY, days=90, event_filters=[by_property]))) == wanted
        by_sql = {"type": "hogql", "key": "properties.amount >= 100"}
        assert await at.people_of(filters=filters(did(BUY, days=90, event_filters=[by_sql]))) == wanted


async def test_a_cohort_may_refer_to_others_or_leave_their_members_out(own: Sandbox) -> None:
    async with desk(own) as at:
        gold = (await at.named("Gold members"))["id"]
        members = at.ids("SELECT custom_id FROM profiles WHERE workspace = ? AND tier = 'gold'")
        assert await at.people_of(filters=filters({"type": "cohort", "key": "id", "value": gold})) == members
        rest = await at.people_of(filters=filters({"type": "cohort", "key": "id", "value": gold, "negation": True}))
        assert not rest & members


async def test_static_cohorts_come_from_ids_queries_and_actors(own: Sandbox) -> None:
    async with desk(own) as at:
        page = await at.get(at.persons, limit=3)
        given = [one["uuid"] for one in page["results"]]
        assert len(await at.people_of(is_static=True, _create_static_person_ids=given)) == 3
        query = "select distinct person_id from events where event = 'chat.contact'"
        by_query = await at.people_of(is_static=True, query={"kind": "HogQLQuery", "query": query})
        assert by_query == at.ids(DID, "chat.contact", own.state.world.now, 400)
        actors = {"kind": "ActorsQuery", "properties": [person("tier", "exact", "gold")]}
        gold = at.ids("SELECT custom_id FROM profiles WHERE workspace = ? AND tier = 'gold'")
        assert await at.people_of(is_static=True, query=actors) == gold


async def test_the_older_form_of_groups_becomes_filters(own: Sandbox) -> None:
    async with desk(own) as at:
        groups = [{"properties": [{"key": "tier", "value": "gold"}]}, {"event_id": BUY, "days": 7}]
        found = await at.people_of(groups=groups)
        gold = at.ids("SELECT custom_id FROM profiles WHERE workspace = ? AND tier = 'gold'")
        assert found == gold | at.ids(DID, BUY, own.state.world.now, 7)


async def test_projects_never_see_each_others_people(own: Sandbox) -> None:
    async with desk(own) as main, desk(own, "outlet") as outlet:
        found = [await at.people_of(filters=filters(did("page.visit", days=90))) for at in (main, outlet)]
    assert all(one.startswith("MM-") for one in found[0]) and all(one.startswith("MO-") for one in found[1])
