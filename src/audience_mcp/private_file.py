"""A path and its content -> a file that only its owner reads, whole or as it was before."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

FOLDER_MODE, FILE_MODE = 0o700, 0o600


def replace(path: Path, content: bytes, *, durable: bool = False) -> None:
    """Put a file in the place of what is there, in one step, private from its first byte.

    `durable` waits until the content is on the disk. A failure leaves what was there, and no draft.

    Raises:
        OSError: The file cannot be written.
    """
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, FILE_MODE), "wb") as file:
            file.write(content)
            if durable:
                file.flush()
                os.fsync(file.fileno())
        draft.replace(path)
    except OSError:
        draft.unlink(missing_ok=True)
        raise
