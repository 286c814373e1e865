"""The command ``vast``."""

import signal
import sys

from ._native import run_command


def main() -> int:
    """Runs the command with the arguments of the process."""
    # The command handles signals itself.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    return run_command(["vast", *sys.argv[1:]])


if __name__ == "__main__":
    sys.exit(main())
