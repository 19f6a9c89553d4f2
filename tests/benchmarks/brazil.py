"""Postcodes of Brazil: which state they lie in, and how far states are apart."""

from __future__ import annotations

import bisect
import math

#: First three digits from which on postcodes belong to a state (Correios).
_STARTS = (
    (10, "SP"), (200, "RJ"), (290, "ES"), (300, "MG"), (400, "BA"), (490, "SE"), (500, "PE"), (570, "AL"), (580, "PB"),
    (590, "RN"), (600, "CE"), (640, "PI"), (650, "MA"), (660, "PA"), (689, "AP"), (690, "AM"), (693, "RR"), (694, "AM"),
    (699, "AC"), (700, "DF"), (728, "GO"), (730, "DF"), (737, "GO"), (768, "RO"), (770, "TO"), (780, "MT"), (789, "RO"),
    (790, "MS"), (800, "PR"), (880, "SC"), (900, "RS"),
)  # fmt: skip

_CENTRES = {
    "AC": (-9.0, -70.0), "AL": (-9.6, -36.0), "AP": (0.0, -51.0), "AM": (-3.1, -60.0), "BA": (-12.9, -39.0),
    "CE": (-3.8, -38.6), "DF": (-15.8, -47.9), "ES": (-20.2, -40.3), "GO": (-16.7, -49.2), "MA": (-2.6, -44.2),
    "MT": (-15.5, -56.0), "MS": (-20.5, -54.6), "MG": (-19.8, -44.0), "PA": (-1.5, -48.5), "PB": (-7.1, -35.0),
    "PR": (-25.0, -50.0), "PE": (-8.1, -35.0), "PI": (-5.1, -42.8), "RJ": (-22.9, -43.2), "RN": (-5.8, -35.2),
    "RS": (-29.8, -51.5), "RO": (-9.0, -63.5), "RR": (2.8, -60.7), "SC": (-27.0, -49.2), "SP": (-23.3, -46.8),
    "SE": (-10.9, -37.1), "TO": (-10.2, -48.3),
}  # fmt: skip


def state_of(postcode: str) -> str:
    """The state of a five-digit postcode."""
    place = bisect.bisect_right([start for start, _ in _STARTS], int(postcode) // 100) - 1
    return _STARTS[place][1] if place >= 0 else "?"


def distance_km(origin: str, destination: str) -> float:
    """Great circle between the states' centres; not a number where a state is unknown."""
    if origin not in _CENTRES or destination not in _CENTRES:
        return math.nan
    (lat_a, lon_a), (lat_b, lon_b) = (tuple(map(math.radians, _CENTRES[state])) for state in (origin, destination))
    part = math.sin((lat_a - lat_b) / 2) ** 2 + math.cos(lat_a) * math.cos(lat_b) * math.sin((lon_a - lon_b) / 2) ** 2
    return 2 * 6371 * math.asin(math.sqrt(part))
