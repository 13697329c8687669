import itertools

from hypothesis import given
from hypothesis import strategies as st

from ai_router.providers.event_stream import EventReader

STREAM = (
    b'\xef\xbb\xbfdata: first\n\n: a remark\n\nevent: message\ndata: {"a": 1}\n\ndata:{"b": 2}\r\nid: 7\r\n\r\ndata: one\rdata: two\r\r'
    b"retry: 10\n\ndata\n\ndata: caf\xc3\xa9 \xe2\x80\x93 \x0b \x1c\n\ndata: [DONE]\n\ndata: cut off"
)
EVENTS = [b"first", b'{"a": 1}', b'{"b": 2}', b"one\ntwo", b"", b"caf\xc3\xa9 \xe2\x80\x93 \x0b \x1c", b"[DONE]"]


@given(st.lists(st.integers(0, len(STREAM)), max_size=12))
def test_events_are_the_same_wherever_the_stream_is_cut(cuts: list[int]) -> None:
    reader = EventReader()
    places = [0, *sorted(cuts), len(STREAM)]

    found = [data for start, end in itertools.pairwise(places) for data in reader.feed(STREAM[start:end])]

    assert found == EVENTS


def test_events_are_the_same_byte_by_byte() -> None:
    reader = EventReader()

    found = [data for place in range(len(STREAM)) for data in reader.feed(STREAM[place : place + 1])]

    assert found == EVENTS
