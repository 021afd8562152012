"""The analyses that a workspace of the made-up retailer starts with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from audience_mcp.sandbox.world import Workspace, World

REVIEW = "Weekly review"
DIRECTORIES = (
    *((kind, REVIEW) for kind in ("METRIC", "FUNNEL", "REPORT", "TREND", "HISTOGRAM", "SANKEY")),
    ("SEGMENTATION", "Loyalty"),
    ("AGGREGATE", "Loyalty"),
    ("EXPRESSION", "Loyalty"),
)

VISIT = {"name": "page.visit", "title": "Visit"}
VIEW = {"name": "product.view", "title": "Product view"}
CART = {"name": "product.addToCart", "title": "Add to cart"}
CHARGE = {"name": "transaction.charge", "title": "Purchase"}
OPENED = {"name": "newsletter.open", "title": "Newsletter opened"}
CHAT = {"name": "chat.contact", "title": "Chat"}
WEEKLY = {"type": "WEEKS", "value": 1}


@dataclass(frozen=True, slots=True)
class Seed:
    """One analysis to save; no directory means the default one of its type."""

    kind: str
    definition: Mapping[str, Any]
    directory: str | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)


def last(days: int) -> dict[str, Any]:
    """A date filter for the last days, today included."""
    return {"type": "RELATIVE", "offset": {"type": "DAYS", "value": 0}, "duration": {"type": "DAYS", "value": days}}


def bought(logic: str = "PERFORMED", times: int = 1) -> dict[str, Any]:
    """A condition on profiles: so many purchases or more, or none at all."""
    count = {"count": {"logic": "MORE_OR_EQUAL", "value": times}} if times > 1 else {}
    return {"event": {"name": "transaction.charge"}, "logic": logic, **count}


def of_category(event: Mapping[str, Any]) -> dict[str, Any]:
    """An event in the category that the dynamic key `category` names."""
    key = {"variable": "category", "default": "Garden"}
    return {**event, "conditions": [{"attribute": "category", "logic": "EQUAL", "value": key}]}


def seeds(world: World, workspace: Workspace) -> list[Seed]:
    """The workspace's first analyses, the ones others refer to first."""

    def reference(kind: str, title: str) -> str:
        return str(world.identifier("synerise", workspace.key, kind, title))

    def metrics(*titles: str) -> list[str]:
        return [reference("metric", title) for title in titles]

    return [
        *_metrics(reference),
        *_profile_analyses(reference),
        *_funnels(workspace.key),
        *_series(metrics),
        *_reports(metrics),
        *_sankeys(),
        *_segmentations(),
    ]


def _metrics(reference: Any) -> list[Seed]:
    def ratio(title: str, above: str, below: str) -> Seed:
        operands = [{"metric": reference("metric", above)}, {"metric": reference("metric", below)}]
        formula = {"operator": "DIVIDE", "operands": operands}
        return Seed("metric", {"title": title, "formula": formula, "dateFilter": last(30)}, REVIEW)

    def simple(title: str, event: Mapping[str, Any], directory: str | None = None, **more: Any) -> Seed:
        return Seed("metric", {"title": title, "event": event, **more, "dateFilter": last(30)}, directory)

    return [
        simple("Visits", VISIT),
        simple("Orders", CHARGE, REVIEW),
        simple("Revenue", CHARGE, REVIEW, function="SUM", attribute="amount"),
        simple("Visitors", VISIT, function="PROFILES"),
        simple("Buyers", CHARGE, function="PROFILES"),
        ratio("Average order value", "Revenue", "Orders"),
        ratio("Buyers per visitor", "Buyers", "Visitors"),
        simple("Category revenue", of_category(CHARGE), function="SUM", attribute="amount"),
    ]


def _profile_analyses(reference: Any) -> list[Seed]:
    shown = {"isVisibleForClientProfile": True}
    hidden = {"isVisibleForClientProfile": False}

    def aggregate(
        title: str, event: Mapping[str, Any], function: str, settings: Mapping[str, Any], **more: Any
    ) -> Seed:
        body = {"title": title, "type": "AGGREGATE", "event": event, "function": function, "dateFilter": {}, **more}
        return Seed(
            "aggregate", body, "Loyalty" if settings is shown else None, {**settings, "previewDefaultObjectId": 1000001}
        )

    spend, orders = ({"aggregate": reference("aggregate", title)} for title in ("Total spend", "Number of orders"))
    basket = {"operator": "DIVIDE", "operands": [spend, orders]}
    taxed = {"operator": "MULTIPLY", "operands": [{"attribute": "amount"}, {"variable": "rate", "default": 1.23}]}
    return [
        aggregate("Total spend", CHARGE, "SUM", shown, attribute="amount"),
        aggregate("Number of orders", CHARGE, "COUNT", shown),
        aggregate("Last category bought", CHARGE, "LAST", shown, attribute="category"),
        aggregate("Views in 30 days", VIEW, "COUNT", hidden, dateFilter=last(30)),
        aggregate("Running orders", CHARGE, "COUNT", hidden, type="RUNNING_AGGREGATE"),
        aggregate("Largest order so far", CHARGE, "MAX", hidden, attribute="amount", type="RUNNING_AGGREGATE"),
        aggregate("Running spend", CHARGE, "SUM", hidden, attribute="amount", type="RUNNING_AGGREGATE"),
        Seed("expression", {"title": "Average basket", "type": "CLIENT", "formula": basket}, "Loyalty", shown),
        Seed(
            "expression",
            {"title": "Loyalty tier", "type": "CLIENT", "formula": {"attribute": "tier"}},
            "Loyalty",
            shown,
        ),
        Seed(
            "expression",
            {"title": "Last order with tax", "type": "EVENT", "event": CHARGE, "formula": taxed},
            None,
            hidden,
        ),
    ]


def _funnels(workspace: str) -> list[Seed]:
    week = {"type": "DAYS", "value": 7}
    weekend = {"type": "WEEKLY", "nestingType": "IN_PLACE", "days": [{"day": 6}, {"day": 7}]}

    def funnel(title: str, *steps: Mapping[str, Any], days: int = 30, hours: Any = None, **more: Any) -> Seed:
        dates = last(days) | ({"filter": hours} if hours else {})
        body = {"title": title, "steps": list(steps), "dateFilter": dates, **more}
        return Seed("funnel", body, REVIEW if title == "Visit to purchase" else None)

    own = funnel("Weekend visit to purchase", VISIT, CART, CHARGE, days=60, hours=weekend)
    if workspace == "main":
        own = funnel("Newsletter to purchase", OPENED, VISIT, CHARGE, days=90, completedWithin=week)
    return [
        funnel("Visit to purchase", VISIT, VIEW, CART, CHARGE),
        funnel("Cart to purchase in a week", CART, CHARGE, days=60, completedWithin=week),
        funnel("Interest in a category", of_category(VIEW), of_category(CART)),
        own,
    ]


def _series(metrics: Any) -> list[Seed]:
    def histogram(title: str, *titles: str, **more: Any) -> Seed:
        body = {"title": title, "metrics": metrics(*titles), "dateFilter": last(84), **more}
        return Seed("histogram", body, REVIEW)

    def trend(title: str, *events: Mapping[str, Any], **more: Any) -> Seed:
        return Seed("trend", {"title": title, "events": list(events), "dateFilter": last(30), **more}, REVIEW)

    return [
        histogram("Orders and revenue by week", "Orders", "Revenue", aggregateDataBy=WEEKLY),
        histogram("Visits by day", "Visits"),
        histogram(
            "Average order value by month", "Average order value", aggregateDataBy={"type": "MONTHS", "value": 1}
        ),
        trend("Visits and purchases", VISIT, CHARGE),
        trend("Daily revenue", CHARGE, function="SUM", attribute="amount"),
        trend("Chats by week", CHAT, dateFilter=last(84), aggregateDataBy=WEEKLY),
    ]


def _reports(metrics: Any) -> list[Seed]:
    def report(title: str, titles: list[str], by: list[str], directory: str | None, keep_null: bool) -> Seed:
        body = {"title": title, "metrics": titles, "groupBy": by, "dateFilter": last(90)}
        return Seed("report", body, directory, {"allowNull": keep_null})

    return [
        report("Revenue by category", metrics("Revenue", "Orders", "Average order value"), ["category"], REVIEW, True),
        report("Orders by country and device", metrics("Orders", "Buyers"), ["country", "device"], None, True),
        report("Campaign revenue", metrics("Revenue", "Orders"), ["campaign"], REVIEW, False),
    ]


def _sankeys() -> list[Seed]:
    def sankey(title: str, event: Mapping[str, Any], before: int, after: int) -> Seed:
        body = {"title": title, "event": event, "before": before, "after": after, "dateFilter": last(30)}
        return Seed("sankey", body, REVIEW)

    return [
        sankey("Around the purchase", CHARGE, 3, 2),
        sankey("After the newsletter", OPENED, 0, 3),
        sankey("Before a chat", CHAT, 3, 1),
    ]


def _segmentations() -> list[Seed]:
    def segmentation(title: str, directory: str | None, shown: bool, **segments: list[Any]) -> Seed:
        parts = [
            {"title": name.replace("_", " "), "filter": {"matching": "ALL", "conditions": conditions}}
            for name, conditions in segments.items()
        ]
        body = {"title": title, "segments": parts, "dateFilter": last(90)}
        return Seed("segmentation", body, directory, {"isVisibleForClientProfile": shown})

    reader = {"attribute": "newsletter", "logic": "IS_TRUE"}
    return [
        segmentation(
            "Value of customers",
            "Loyalty",
            True,
            Champions=[bought(times=5)],
            Regulars=[bought(times=2)],
            One_time_buyers=[bought()],
        ),
        segmentation(
            "Newsletter readers who do not buy", None, False, Readers_without_purchase=[reader, bought("NOT_PERFORMED")]
        ),
        segmentation(
            "Gold and silver",
            None,
            True,
            Gold=[{"attribute": "tier", "logic": "EQUAL", "value": "gold"}],
            Silver=[{"attribute": "tier", "logic": "EQUAL", "value": "silver"}],
        ),
        segmentation(
            "Left a cart behind",
            "Loyalty",
            False,
            Came_back=[{"funnel": {"steps": [CART, CHARGE], "completedWithin": {"type": "DAYS", "value": 7}}}],
            Never_paid=[{"event": CART}],
        ),
        segmentation(
            "Of one country",
            None,
            False,
            Residents=[{"attribute": "country", "logic": "EQUAL", "value": {"variable": "country", "default": "GB"}}],
        ),
    ]
