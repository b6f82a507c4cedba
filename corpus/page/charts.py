"""Draw column charts as SVG that takes its colours and fonts from the page's style sheet.

pysvgchart makes the scales, axes and bars. Of what was looked at it is the lightest (0.015 s to import, 0.001 s for a
chart) and the only one that writes neither scripts, nor dates, nor colours that a dark page could not change: pygal
costs six times as much and writes all of them.
"""

from __future__ import annotations

from collections.abc import Sequence

WIDTH, HEIGHT = 440, 220
"""Units of a chart; on a phone one is a little less than a pixel, so that labels can be read."""

_LEFT, _RIGHT, _EDGE = 46, 6, 26
_GAP = 0.28
"""Share of a class that stays empty."""

_TICKS = 5


def columns(
    labels: Sequence[str], series: Sequence[Sequence[int]], mark: int | None = None, *, kept: bool = True
) -> str:
    """Return a chart of counts by class.

    Args:
        labels: what is written below the classes.
        series: one or two counts for each class; the bars of a class stand side by side.
        mark: the class before which a line stands, None for no line.
        kept: whether the last counts are of what is kept, and have its colour.
    """
    import pysvgchart
    from pysvgchart.shapes import Line, Text

    room = (WIDTH - _LEFT - _RIGHT) / len(labels)
    bar = room * (1 - _GAP) / len(series)
    chart = pysvgchart.BarChart(
        x_values=list(range(len(labels))),
        y_values=[list(counts) for counts in series],
        y_names=[str(number) for number in range(len(series))],
        x_label_format=lambda number: labels[number],
        y_label_format=lambda count: f"{count:,.0f}" if count == int(count) else "",
        y_zero=True,
        y_max=max(1, *(max(counts) for counts in series)),
        y_max_ticks=_TICKS,
        left_margin=_LEFT,
        right_margin=_RIGHT,
        y_margin=_EDGE,
        width=WIDTH,
        height=HEIGHT,
        bar_width=round(bar, 2),
        bar_gap=1 if len(series) > 1 else 0,
    )
    for axis, name in ((chart.x_axis, "x"), (chart.y_axis, "y")):
        for line in (axis.axis_line, *axis.tick_lines):
            line.styles, line.classes = {}, [f"{name}-line"]
        for text in axis.tick_texts:
            text.classes = [f"{name}-label"]
    for y in sorted({line.start.y for line in chart.y_axis.tick_lines}):
        chart.add_custom_element(Line(x=_LEFT, y=y, width=WIDTH - _LEFT - _RIGHT, height=0, classes=["grid"]))
    for number, bars in enumerate(chart.series.values()):
        bars.styles, bars.classes = {}, ["kept" if kept and number == len(series) - 1 else "gone"]
        if len(series) == 1:
            for point, count in zip(bars.points, series[0], strict=True):
                if count:
                    label = Text(point.x, round(point.y - 4, 2), f"{count:,}", {"text-anchor": "middle"}, ["value"])
                    chart.add_custom_element(label)
    if mark is not None:
        x = round(_LEFT + mark * room, 2)
        chart.add_custom_element(Line(x=x, y=4, width=0, height=HEIGHT - _EDGE - 4, classes=["mark"]))
    return str(chart.render(include_default=False))
