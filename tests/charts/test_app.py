"""The chart App as a client meets it: announced, fetched, given its specification; and the page that draws it."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import AsyncIterator
from html.parser import HTMLParser
from typing import Any

import mcp_types as t
import pytest
from mcp.client.extension import advertise

from audience_mcp.app import App
from audience_mcp.charts import page, style
from audience_mcp.tools.own import CHART_PAGE
from e2e.program import ERAS, connected, running, small_shop, told

from .test_picture import decoded

pytestmark = pytest.mark.anyio
Json = Any
MIME_TYPE = "text/html;profile=mcp-app"
APPS = [advertise("io.modelcontextprotocol/ui", {"mimeTypes": [MIME_TYPE]})]
SPOKEN = ("ui/initialize", "ui/notifications/initialized", "ui/notifications/size-changed")
HEARD = ("ui/notifications/tool-result", "ui/notifications/host-context-changed", "ui/resource-teardown", "ping")


class Parsed(HTMLParser):
    """The tags of a document and the text of its scripts."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag == "script":
            self.scripts.append("")

    def handle_data(self, data: str) -> None:
        if self.lasttag == "script":
            self.scripts[-1] += data


@pytest.fixture(scope="module")
async def app() -> AsyncIterator[App]:
    async with running(small_shop()) as app:
        yield app


@pytest.fixture(scope="module")
async def contents(app: App) -> t.TextResourceContents:
    async with connected(app, "auto") as client:
        (found,) = (await client.read_resource(CHART_PAGE)).contents
    assert isinstance(found, t.TextResourceContents)
    return found


@pytest.fixture(scope="module")
async def parsed(contents: t.TextResourceContents) -> Parsed:
    found = Parsed()
    found.feed(contents.text)
    return found


async def test_the_page_is_declared_for_what_it_is_and_asks_for_no_address(contents: t.TextResourceContents) -> None:
    assert contents.mime_type == MIME_TYPE
    assert contents.meta == {"ui": {"csp": {"connectDomains": [], "resourceDomains": []}, "prefersBorder": True}}


@pytest.mark.parametrize("era", ERAS)
async def test_every_client_gets_the_picture_and_one_that_shows_apps_the_specification_too(app: App, era: str) -> None:
    for extensions in ([], APPS):
        async with connected(app, era, extensions=extensions) as client:
            (tool,) = (tool for tool in (await client.list_tools()).tools if tool.name == "chart_result")
            assert tool.meta == {"ui": {"resourceUri": CHART_PAGE}}
            listed = told(await client.call_tool("posthog_list_cohorts", {}))
            handle = listed["provenance"]["handle"]
            result = await client.call_tool("chart_result", {"handle": handle, "x": "name", "y": "count"})
        summary = told(result)
        assert [block.type for block in result.content] == ["text", "image", "resource_link"]
        assert summary["kind"] == "chart" and summary["provenance"]["handle"] == handle
        picture = result.content[1]
        assert isinstance(picture, t.ImageContent) and picture.mime_type == "image/png"
        assert decoded(base64.b64decode(picture.data))[0] == style.WIDTH * style.SCALE
        specification: Json = (result.meta or {}).get(page.KEY)
        assert (specification is not None) == bool(extensions)
        if specification:
            drawn = specification["layer"][0]["encoding"]["y"]["scale"]["domain"]
            assert len(drawn) == summary["figures"][0]["value"]
            assert specification["title"]["text"][0].startswith("SANDBOX: ")
            assert summary["headline"].startswith("SANDBOX: Bar chart of")


async def test_it_is_one_document_with_one_script_that_names_no_address(
    parsed: Parsed, contents: t.TextResourceContents
) -> None:
    assert (
        [tag for tag, _ in parsed.tags].count("script") == len([text for text in parsed.scripts if text.strip()]) == 1
    )
    for tag, attributes in parsed.tags:
        assert not {"src", "href", "action", "srcset"} & set(attributes), tag
    assert not re.search(r"@import|url\(", contents.text[: contents.text.index("<script")])
    assert {tag for tag, _ in parsed.tags} >= {"html", "head", "style", "main"}


async def test_its_own_script_speaks_the_protocol(parsed: Parsed) -> None:
    (script,) = parsed.scripts
    for method in (*SPOKEN, *HEARD):
        assert f'"{method}"' in script
    assert '"2026-01-26"' in script
    assert json.dumps(page.KEY) in script


async def test_no_text_of_a_specification_is_run_as_a_program_nor_put_in_as_markup() -> None:
    own = page._part("app.js")
    assert "ast: true" in own
    assert not re.search(r"innerHTML|outerHTML|insertAdjacent|document\.write|\beval\b|Function\(|fetch\(", own)


async def test_both_themes_travel_with_it(parsed: Parsed) -> None:
    (script,) = parsed.scripts
    for theme in ("light", "dark"):
        look: Json = style.config(theme)
        assert look["background"] in script and look["range"]["category"][0] in script
