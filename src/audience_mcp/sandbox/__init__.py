"""The embedded sandbox: four providers' dialects over one made-up retailer, an independent witness of what is sent."""

from audience_mcp.sandbox.journal import Entry
from audience_mcp.sandbox.sandbox import Sandbox
from audience_mcp.sandbox.serve import serve, serving

__all__ = ["Entry", "Sandbox", "serve", "serving"]
