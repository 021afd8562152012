"""The MCP side: tools, results and resources on the wire, in both protocol eras."""
