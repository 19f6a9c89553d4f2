"""Geometry of charts: pure functions from numbers to places in an SVG. Templates draw them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

WIDTH = 400
LABEL_WIDTH = 116
VALUE_WIDTH = 88
ROW = 34
BAR = 18
LINE_HEIGHT = 180
PAD = 14
MAX_POINTS = 400
MAX_ROWS = 40


@dataclass(frozen=True, slots=True)
class Point:
    """One value of a series with its label."""

    label: str
    value: float
    shown: str


@dataclass(frozen=True, slots=True)
class BarMark:
    """A bar: baseline `y` of its texts, `top` and `width` of the rectangle, share of the first (funnels), 0 to 100."""

    label: str
    shown: str
    y: float
    top: float
    width: float
    share: int | None = None


@dataclass(frozen=True, slots=True)
class BarChart:
    width: int
    height: int
    left: int
    span: int
    bars: tuple[BarMark, ...]


@dataclass(frozen=True, slots=True)
class LineMark:
    label: str
    shown: str
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class LineChart:
    """`path` and `area` are SVG path data; `first`, `last` and `peak` are labelled directly."""

    width: int
    height: int
    floor: float
    path: str
    area: str
    marks: tuple[LineMark, ...]
    first: LineMark | None
    last: LineMark | None
    peak: LineMark | None


def read_series(series: Iterable[Any], *, limit: int) -> tuple[Point, ...]:
    """Points from (label, value[, shown]) tuples or {label, value[, shown]} mappings or objects; at most `limit`."""
    points = []
    for entry in list(series)[:limit]:
        if isinstance(entry, Mapping):
            label, value, shown = entry["label"], entry["value"], entry.get("shown")
        elif isinstance(entry, Sequence) and not isinstance(entry, str):
            label, value, shown = entry[0], entry[1], entry[2] if len(entry) > 2 else None
        else:
            label, value, shown = entry.label, entry.value, getattr(entry, "shown", None)
        number = value.minor if hasattr(value, "minor") else value
        points.append(Point(str(label), float(number or 0), str(shown if shown is not None else value)))
    return tuple(points)


def bar_chart(series: Iterable[Any]) -> BarChart:
    """Horizontal bars from zero; the longest fills the span, negative values are drawn as nothing."""
    return _bars(read_series(series, limit=MAX_ROWS), funnel=False)


def funnel_chart(steps: Iterable[Any]) -> BarChart:
    """Bars of the steps of a funnel, with each step's share of the first."""
    return _bars(read_series(steps, limit=MAX_ROWS), funnel=True)


def _bars(points: tuple[Point, ...], *, funnel: bool) -> BarChart:
    span = WIDTH - LABEL_WIDTH - VALUE_WIDTH
    top_value = max((point.value for point in points), default=0.0)
    first = points[0].value if points else 0.0
    bars = []
    for index, point in enumerate(points):
        top = index * ROW + (ROW - BAR) / 2
        width = max(point.value, 0.0) / top_value * span if top_value > 0 else 0.0
        share = round(point.value / first * 100) if funnel and first > 0 else None
        bars.append(BarMark(point.label, point.shown, round(top + BAR / 2 + 4, 1), top, round(width, 1), share))
    return BarChart(WIDTH, max(len(points), 1) * ROW, LABEL_WIDTH, span, tuple(bars))


def line_chart(series: Iterable[Any]) -> LineChart:
    """A line over equally spaced points, from zero (or the lowest negative) to the highest value."""
    points = read_series(series, limit=MAX_POINTS)
    low = min([0.0, *(point.value for point in points)])
    high = max([0.0, *(point.value for point in points)])
    reach = (high - low) or 1.0
    top, floor = 30.0, float(LINE_HEIGHT - 30)
    step = (WIDTH - 2 * PAD) / (len(points) - 1) if len(points) > 1 else 0.0
    marks = tuple(
        LineMark(p.label, p.shown, round(PAD + i * step, 1), round(floor - (p.value - low) / reach * (floor - top), 1))
        for i, p in enumerate(points)
    )
    path = " ".join(f"{'L' if i else 'M'}{mark.x} {mark.y}" for i, mark in enumerate(marks))
    area = f"{path} L{marks[-1].x} {floor} L{marks[0].x} {floor} Z" if len(marks) > 1 else ""
    peak = min(marks, key=lambda mark: mark.y) if marks else None
    ends = {marks[0], marks[-1]} if marks else set()
    return LineChart(
        width=WIDTH, height=LINE_HEIGHT, floor=floor, path=path, area=area, marks=marks,
        first=marks[0] if marks else None, last=marks[-1] if len(marks) > 1 else None,
        peak=None if peak in ends else peak,
    )  # fmt: skip
