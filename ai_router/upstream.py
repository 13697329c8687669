"""What a process knows of its providers: the clients, and how often they may be asked again."""

from ai_router.failures import Allowance
from ai_router.providers import Connections

RETRIES_SHARE = 0.1


class Upstream:
    """Belongs to one event loop: only that loop changes it, other threads may look."""

    def __init__(self) -> None:
        """Start without connections and without a past."""
        self.connections = Connections()
        self.retries = Allowance(share=RETRIES_SHARE, start=1.0)

    async def close(self) -> None:
        """Close every connection."""
        await self.connections.close()
