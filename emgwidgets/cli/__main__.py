"""``python -m emgwidgets.cli``."""

from __future__ import annotations

from emgwidgets.cli import main

raise SystemExit(main())
