"""The backend itself, found by Django under this name."""

import time
from typing import Any

from django.db.backends.base.base import NO_DB_ALIAS
from django.db.backends.postgresql import base

from careerai.postgresql.spares import SPARES

# How many connections a process keeps, where `DATABASES` has no option of this name.
SPARE_CONNECTIONS = 10


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's own, which takes a spare connection where there is one, and leaves its own to others when it is closed."""

    _made_at = 0.0

    @property
    def _most_spares(self) -> int:
        if self.alias == NO_DB_ALIAS or self.settings_dict["CONN_MAX_AGE"] != 0:
            return 0
        return int(self.settings_dict["OPTIONS"].get("spare_connections", SPARE_CONNECTIONS))

    @property
    def _key(self) -> tuple[str, ...]:
        """What makes connections the same: where they lead, and as whom."""
        return tuple(str(self.settings_dict[name]) for name in ("HOST", "PORT", "NAME", "USER", "OPTIONS"))

    def get_connection_params(self) -> dict[str, Any]:
        """Return what the driver takes; our own option is none of that."""
        params: dict[str, Any] = super().get_connection_params()
        params.pop("spare_connections", None)
        return params

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """Return a connection that was used before, else a new one."""
        spare = SPARES.take(self._key) if self._most_spares else None
        if spare is not None:
            connection, self._made_at = spare
            return connection
        self._made_at = time.monotonic()
        return super().get_new_connection(conn_params)

    def close_pool(self) -> None:
        """Close what is spare: Django asks for it before it makes or drops a database, which nobody may be connected with."""
        SPARES.close(self._key)

    def _close(self) -> None:
        if self.connection is not None:
            with self.wrap_database_errors:
                SPARES.keep(self._key, self.connection, made_at=self._made_at, most=self._most_spares)
            # Somebody else's from now on.
            self.connection = None
