"""`PYTHONPATH=tests python -m search`: the score of both sets, and the misses of the tuned one.

The held-out questions are never shown: who sees them tunes to them.
"""

from __future__ import annotations

from .scoring import HELD_OUT, TUNED, score


def main() -> None:
    for name in (TUNED, HELD_OUT):
        found = score(name)
        told = f"{found.asked} asked, a right tool first in {found.first:.1%}, among three in {found.among_three:.1%}"
        print(f"{name}: {told}")
        if name == TUNED:
            for miss in found.misses:
                print(f"  {miss.place or '-':>3}  {miss.question.ask}\n       wanted {', '.join(miss.question.tools)}")
                print(f"       got    {', '.join(miss.first)}")


if __name__ == "__main__":
    main()
