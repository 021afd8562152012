"""The workflows each organization has: their steps, as events of the world, and the goals they count."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["giosg-default", "interaction", "user-generated"]


@dataclass(frozen=True, slots=True)
class Step:
    """One step: its name and the world's event that is counted in it."""

    name: str
    event: str


@dataclass(frozen=True, slots=True)
class Workflow:
    """One workflow: `action` is the SQL of the identifier an event has in it, `selectable` that step_data is heeded."""

    name: str
    description: str
    kind: Kind
    steps: tuple[Step, ...]
    action: str = "page_url"
    selectable: bool = False
    is_published: bool = True


CART, ORDER = Step("Cart", "product.addToCart"), Step("Order", "transaction.charge")
WORKFLOWS = (
    Workflow(
        "Checkout journey",
        "From the first page to the order.",
        "giosg-default",
        (Step("Landing page", "page.visit"), Step("Product page", "product.view"), CART, ORDER),
        selectable=True,
    ),
    Workflow(
        "Newsletter banner",
        "What readers of a newsletter do on the site.",
        "interaction",
        (
            Step("Banner seen", "newsletter.open"),
            Step("Site visit", "page.visit"),
            Step("Product page", "product.view"),
        ),
        action="'element-' || lower(replace(name, '.', '-')) || '-' || coalesce(campaign, 'direct')",
        selectable=True,
    ),
    Workflow(
        "Help chat",
        "Visitors who ask for help, and what they do next.",
        "giosg-default",
        (Step("Chat started", "chat.contact"), CART, ORDER),
        action="name",
    ),
    Workflow("Referral campaign", "A draft.", "user-generated", (), action="name", is_published=False),
)
# The organization's goals: event of the world -> name.
GOALS = {"transaction.charge": "Order placed", "product.addToCart": "Basket filled"}
