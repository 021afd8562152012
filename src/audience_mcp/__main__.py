"""`python -m audience_mcp` is the command `audience-mcp`."""

from __future__ import annotations

import sys

from audience_mcp.cli.main import main

if __name__ == "__main__":  # a worker process reads this file under another name
    sys.exit(main())
