"""Properties are about what holds, not about how long it takes: the first example also pays for imports."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("saccade", deadline=None)
settings.load_profile("saccade")
