"""One sentence for what can't be done, and the exit codes of every verb."""

import signal
import sys


class Refused(Exception):
    """What the user named can't be used: subject in quotes, expected, found, what to do."""


def run(main) -> None:
    """Runs a verb: 0 done, 1 refused or interrupted with one sentence, 2 wrong usage."""
    signal.signal(signal.SIGTERM, stop)
    try:
        main()
    except Refused as refused:
        print(f"tierwatch: {refused} [model-data]", file=sys.stderr)
        sys.exit(1)
    except OSError as error:
        print(f'tierwatch: "{error.filename or "this computer"}": expected to read and write there, found {error.strerror or error}; check the path, its rights and the free space [model-data]', file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        print("tierwatch: interrupted; nothing half-written was left", file=sys.stderr)
        sys.exit(1)


def stop(*_) -> None:
    """Ends as Ctrl-C does, so that what was begun aside is removed."""
    raise KeyboardInterrupt
