"""The broker of the embedded default: a folder whose files are the messages.

kombu's own folder transport writes a message under its final name, where a worker may read it half written, and takes it
through the system's temporary folder. Here a message appears, and is taken, by a rename inside one folder.
"""

import json
import time
from pathlib import Path
from queue import Empty
from typing import Any
from uuid import uuid4

from kombu.transport import filesystem


class Channel(filesystem.Channel):
    """A channel whose messages are written and taken as a whole."""

    def _put(self, queue: Any, payload: Any, **_: Any) -> None:  # type: ignore[override]  # as kombu's
        name = f"{time.time_ns():020d}_{uuid4()}.{queue}.msg"
        folder = Path(self.data_folder_out)
        part = folder / f".{name}"
        part.write_text(json.dumps(payload), encoding="utf-8")
        part.rename(folder / name)

    def _get(self, queue: Any, timeout: Any = None) -> Any:
        folder = Path(self.data_folder_in)
        for path in sorted(folder.glob(f"[0-9]*.{queue}.msg")):
            taken = folder / f".{path.name}.{uuid4().hex}"
            try:
                path.rename(taken)
            except FileNotFoundError:
                continue
            text = taken.read_text(encoding="utf-8")
            taken.unlink()
            return json.loads(text)
        raise Empty


class Transport(filesystem.Transport):
    """kombu's folder transport with the channel above."""

    Channel = Channel
