"""`python -m chatbot` is `chatbot`."""

from __future__ import annotations

import sys

from chatbot.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
