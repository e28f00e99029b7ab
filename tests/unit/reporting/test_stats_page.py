from dataclasses import replace
from datetime import UTC, datetime

import numpy as np

from saccade.api.datasets.statistics import data_stats
from saccade.data.opening import open_data
from saccade.reporting.stats_page import render_stats_page

HOSTILE = "<script>document.title='taken over'</script> $\\frac{1}{2}$"


def test_hostile_names_are_text_and_charts_are_drawn():
    images = np.zeros((12, 8, 6, 3), np.uint8)
    dataset = replace(open_data((images, [0, 1] * 6)), labels=(HOSTILE, "b"), name=HOSTILE)
    stats = data_stats(dataset, workers=0)
    page = render_stats_page(stats.to_dict(), stats.counts, datetime.now(UTC))
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert page.count('<svg class="figure"') == 3
    assert "mean 0.000000, 0.000000, 0.000000" in page


def test_of_many_classes_the_largest_are_drawn():
    images, labels = np.zeros((120, 4, 4, 1), np.uint8), [number // 2 for number in range(120)]
    stats = data_stats((images, labels), workers=0)
    page = render_stats_page(stats.to_dict(), stats.counts, datetime.now(UTC))
    assert "The 40 largest of 60." in page
