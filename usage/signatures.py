"""Signatures of messages to other programs, as Standard Webhooks 1.0 says: HMAC-SHA256 over `id.timestamp.body`."""

import base64
import hmac
import time

SECRET_MARK = "whsec_"  # noqa: S105 - the mark of a secret is none


def signed_headers(*, message_id: str, body: bytes, key: bytes, at: int | None = None) -> dict[str, str]:
    """Return the headers that say who sent a body of JSON and when.

    Args:
        message_id: The same for every attempt to deliver the message.
        body: What is sent.
        key: The receiver's secret, without its mark and decoded.
        at: When it is sent, in seconds since 1970; now where it is None.
    """
    timestamp = str(int(time.time()) if at is None else at)
    signature = hmac.digest(key, b".".join([message_id.encode(), timestamp.encode(), body]), "sha256")
    return {
        "Content-Type": "application/json",
        "User-Agent": "CareerAI",
        "webhook-id": message_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": f"v1,{base64.b64encode(signature).decode()}",
    }
