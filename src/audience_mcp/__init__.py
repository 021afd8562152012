"""audience-mcp: customer-analytics platforms as typed tools of one MCP server."""

from __future__ import annotations

__version__ = "0.1.0"
