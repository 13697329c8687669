from pathlib import Path
from queue import Empty

import pytest
from kombu import Connection, Queue


@pytest.fixture
def connect(tmp_path: Path):
    folders = {"data_folder_in": tmp_path, "data_folder_out": tmp_path, "control_folder": tmp_path / "control"}

    def make() -> Connection:
        return Connection(
            "filesystem://folder", transport="careerai.folder_broker:Transport", transport_options=folders
        )

    return make


def test_messages_come_in_their_order_and_once(connect, tmp_path):
    with connect() as sender, connect() as one, connect() as other:
        queue = sender.SimpleQueue("ours")
        for number in range(3):
            queue.put({"number": number})
        queue.close()
        first, second = one.SimpleQueue("ours"), other.SimpleQueue("ours")

        got = [taker.get(block=False) for taker in (first, second, first)]

        assert [message.payload["number"] for message in got] == [0, 1, 2]
        with pytest.raises(Empty):
            second.get(block=False)
        for message in got:
            message.ack()
        first.close()
        second.close()
    assert list(tmp_path.glob("*.msg")) == []


def test_a_queue_takes_only_its_own_messages(connect):
    with connect() as connection:
        theirs = connection.SimpleQueue("theirs")
        theirs.put("for them")
        ours = connection.SimpleQueue("ours")

        with pytest.raises(Empty):
            ours.get(block=False)

        assert theirs.get(block=False).payload == "for them"
        ours.close()
        theirs.close()


def test_a_message_that_is_being_written_or_was_taken_by_another_is_not_seen(connect, tmp_path, monkeypatch):
    (tmp_path / ".00000000000000000001_half.ours.msg").write_text('{"half')
    with connect() as connection, connection.channel() as channel:
        Queue("ours", channel=channel).declare()
        channel._put("ours", {"body": "kept"})
        rename = Path.rename

        def lose(path: Path, target: Path) -> Path:
            rename(path, tmp_path / "gone")
            raise FileNotFoundError

        with monkeypatch.context() as patch:
            patch.setattr(Path, "rename", lose)
            with pytest.raises(Empty):
                channel._get("ours")
        with pytest.raises(Empty):
            channel._get("ours")
