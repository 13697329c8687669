"""Run the simulator by hand."""

import argparse

from tests.providers.simulator.replies import Reply
from tests.providers.simulator.server import Simulator
from tests.providers.simulator.wires import ADDRESSES


def main() -> None:
    parser = argparse.ArgumentParser(description="An AI provider on loopback that speaks the wires of all vendors.")
    parser.add_argument("--port", type=int, default=8399)
    parser.add_argument("--piece-seconds", type=float, default=0.02, help="time between the pieces of a stream")
    parser.add_argument("--delay-seconds", type=float, default=0.2, help="time before an answer begins")
    parser.add_argument("--cut-after", type=int, help="break every stream off after so many pieces")
    options = parser.parse_args()
    fault = {"fault": "cut", "pieces": options.cut_after} if options.cut_after is not None else {}
    defaults = Reply(delay_seconds=options.delay_seconds, piece_seconds=options.piece_seconds, **fault)
    simulator = Simulator(port=options.port, defaults=defaults)

    def show() -> None:
        print(f"OPENAI_API_KEY=simulated OPENAI_BASE_URL={simulator.base_url}", flush=True)  # noqa: T201
        for vendor in ADDRESSES:
            print(f"{vendor}: {simulator.url(vendor)}", flush=True)  # noqa: T201

    simulator.run(show)


if __name__ == "__main__":
    main()
