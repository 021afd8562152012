"""The page of the chart App: our few lines of script, the drawing libraries and both themes in one HTML document."""

from __future__ import annotations

import json
from importlib.resources import files

from anyio import to_process

from audience_mcp.charts import style

KEY = "audience-mcp/chart"
"""Where the specification travels in the `_meta` of a result: clients hand it to the App, and show it to no model."""


def document() -> str:
    """The whole page, about 0.9 MB; it needs nothing from any network."""
    import vl_convert

    script = vl_convert.javascript_bundle(_script())
    # Within a page a script ends at the first of these, be it in a text.
    script = script.replace("</script", "<\\/script").replace("<!--", "<\\!--")
    return _part("app.html").replace("/*script*/", script)


async def built() -> str:
    """The same from a process of its own: bundling takes some seconds."""
    return await to_process.run_sync(document, cancellable=True)


def _script() -> str:
    themes = {"light": style.config("light"), "dark": style.config("dark")}
    return _part("app.js").replace('"/*themes*/"', json.dumps(themes)).replace("/*key*/", KEY)


def _part(name: str) -> str:
    return files(__package__).joinpath(name).read_text(encoding="utf-8")
