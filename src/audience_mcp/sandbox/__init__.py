"""The embedded sandbox: four providers' dialects over one made-up retailer, an independent witness of what is sent."""

from audience_mcp.sandbox.journal import Entry, Journal
from audience_mcp.sandbox.sandbox import Sandbox
from audience_mcp.sandbox.serve import serve, serving
from audience_mcp.sandbox.world import FileRefused

__all__ = ["Entry", "FileRefused", "Journal", "Sandbox", "serve", "serving"]
