"""`python -m audience_mcp` is the command `audience-mcp`."""

from __future__ import annotations

import sys

from audience_mcp.cli.main import main

sys.exit(main())
