"""Who asks what: many workers, each with a die of its own, until the calls are used up."""

from __future__ import annotations

import random

import anyio

from .lives import ANALYSES, analysis_life, cohort_life, directory_life, static_life
from .marks import KEYS
from .reads import EVERYWHERE, Known, Question, canonical, figures
from .things import Shop

WORKERS = 32


async def work(shop: Shop, known: Known, base: str, seed: int) -> None:
    """Use up the desk's calls."""
    desk = shop.desk

    async def read(dice: random.Random) -> None:
        question = dice.choice(known.questions)
        told = await desk.ask(question.tool, question.workspace, question.arguments)
        if told.ok:
            await _compare(shop, question, told.value, told.structured, base)
            if dice.random() < 0.1:
                await _read_again(shop, question, told.structured["provenance"]["handle"], base)

    async def wander(dice: random.Random) -> None:
        """A read that runs in whatever workspace was selected: its answer must be that workspace's own."""
        question = dice.choice([one for one in known.questions if one.tool in EVERYWHERE])
        told = await desk.ask(question.tool, None, question.arguments)
        if told.ok:
            place = told.structured["provenance"]["workspace"].rpartition(" (")[0]
            (right,) = (
                one
                for one in known.questions
                if (one.tool, KEYS[one.workspace]) == (question.tool, place) and one.arguments == question.arguments
            )
            await _compare(shop, right, told.value, told.structured, base)

    async def select(dice: random.Random) -> None:
        provider = dice.choice(("posthog", "faraday", "giosg"))
        wanted = dice.choice(list(KEYS.values()))
        await desk.ask("select_workspace", None, {"workspace": wanted, "provider": provider})

    async def live(dice: random.Random) -> None:
        workspace = dice.choice(list(KEYS))
        lot = dice.random()
        if lot < 0.55:
            kind = dice.choice(ANALYSES)
            await analysis_life(shop, kind, workspace, known.samples[workspace][kind])
        elif lot < 0.8:
            await cohort_life(shop, workspace, known.tiers[workspace])
        elif lot < 0.9:
            await static_life(shop, workspace, known.people[workspace])
        else:
            await directory_life(shop, workspace)

    async def one(number: int) -> None:
        dice = random.Random(f"soak {seed} {number}")
        while desk.is_open:
            step = dice.choices((read, wander, live, select), (8, 1, 2, 3 if number == 0 else 0))[0]
            await step(dice)

    async with anyio.create_task_group() as group:
        for number in range(WORKERS):
            group.start_soon(one, number)


async def _compare(shop: Shop, question: Question, value: object, structured: dict[str, object], base: str) -> None:
    if canonical(value).replace(base, "BASE") != question.answer:
        shop.desk.wrong(f"{question.tool} {question.arguments} in {question.workspace} answered {str(value)[:300]}")
    told = figures(question.tool, structured)
    if not (told <= question.told or question.told <= told):
        shop.desk.wrong(f"{question.tool} in {question.workspace} told {sorted(told - question.told)}")


async def _read_again(shop: Shop, question: Question, handle: str, base: str) -> None:
    """The stored answer of a call, while many others are stored."""
    told = await shop.desk.ask("read_result", None, {"handle": handle})
    kept = shop.desk.app.store.get(handle).answer().value
    if not told.ok or canonical(kept).replace(base, "BASE") != question.answer:
        shop.desk.wrong(f"{handle} of {question.tool} does not hold its answer any more")
