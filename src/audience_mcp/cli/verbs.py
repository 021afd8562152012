"""What the verbs of the command line have in common: how one is declared, and the exit codes."""

from __future__ import annotations

import argparse

DONE, FAILED, WRONG_USE = 0, 1, 2


def add_verb(
    verbs: argparse._SubParsersAction[argparse.ArgumentParser], name: str, text: str, examples: str
) -> argparse.ArgumentParser:
    """Declare one verb: its line in the list of verbs, and the examples at the end of its own help."""
    return verbs.add_parser(
        name,
        help=text,
        description=text[0].upper() + text[1:] + ".",
        epilog=examples,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
