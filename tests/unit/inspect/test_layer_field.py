"""What the units of a layer see, by hand."""

import pytest
from torch import nn

from saccade.errors import BadConfig
from saccade.inspect.layer_field import field_of


def network() -> nn.Sequential:
    return nn.Sequential(nn.Conv2d(3, 4, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(4, 4, (3, 5)))


def test_a_field_grows_by_each_kernel_in_steps_of_the_jump() -> None:
    assert [(side.field, side.jump) for side in field_of(network(), "1", (16, 16))] == [(3, 1), (3, 1)]
    assert [(side.field, side.jump) for side in field_of(network(), "2", (16, 16))] == [(4, 2), (4, 2)]
    # 4 + (3 − 1) · 2 and 4 + (5 − 1) · 2
    assert [(side.field, side.jump) for side in field_of(network(), "3", (16, 16))] == [(8, 2), (12, 2)]


def test_a_block_sees_what_its_last_layer_sees() -> None:
    blocks = nn.Sequential(nn.Sequential(nn.Conv2d(3, 3, 3), nn.Conv2d(3, 3, 3)), nn.ReLU())
    assert field_of(blocks, "0", (9, 9))[0].field == 5


def test_a_network_may_take_another_number_of_channels() -> None:
    assert field_of(nn.Sequential(nn.Conv2d(1, 2, 3)), "0", (9, 9))[0].field == 3


@pytest.mark.bad_input
def test_what_cannot_be_followed_is_refused() -> None:
    class Shuffled(nn.Module):
        def forward(self, images):
            return images[:, :, images[0, 0, :, 0].argsort()]

    with pytest.raises(BadConfig, match="it is not known what its units see"):
        field_of(nn.Sequential(nn.Conv2d(3, 3, 3), Shuffled(), nn.Conv2d(3, 3, 3)), "2", (9, 9))
    with pytest.raises(BadConfig, match="got layer 'layer'"):
        field_of(nn.Sequential(nn.Conv2d(3, 3, 3)), "layer", (9, 9))
