"""How sure a pass rate is: an interval for a share that was counted on few samples."""

from __future__ import annotations

import math

Z = 1.959964  # standard normal, 95 %


def wilson(passed: int, samples: int) -> tuple[float, float]:
    """The 95 % score interval of a share (Wilson 1927); honest for small counts and for 0 or all of them."""
    share, wide = passed / samples, Z * Z / samples
    centre = share + wide / 2
    spread = Z * math.sqrt(share * (1 - share) / samples + wide / (4 * samples))
    low, high = (centre - spread) / (1 + wide), (centre + spread) / (1 + wide)
    return max(0.0, min(low, share)), min(1.0, max(high, share))  # rounding may leave the share just outside
