"""Distances to fixed codes as logits, and the codes."""

from __future__ import annotations

import torch

from saccade.layers.radial_basis import RadialBasisOutput, digit_codes


def test_logits_are_minus_the_squared_distances() -> None:
    torch.manual_seed(0)
    codes, x = digit_codes(), torch.randn(4, 84)
    expected = [
        [-sum((a - b) ** 2 for a, b in zip(row, code, strict=True)) for code in codes.tolist()] for row in x.tolist()
    ]
    torch.testing.assert_close(RadialBasisOutput(codes)(x), torch.tensor(expected), rtol=1e-5, atol=1e-4)


def test_the_nearest_code_wins() -> None:
    codes = digit_codes(20)
    logits = RadialBasisOutput(codes)(codes + 0.3)
    assert logits.argmax(1).tolist() == list(range(20))
    torch.testing.assert_close(logits.diagonal(), torch.full((20,), -84 * 0.09), rtol=1e-4, atol=1e-3)


def test_codes_are_signs_and_different_and_always_the_same() -> None:
    codes = digit_codes(40)
    assert codes.shape == (40, 84)
    assert set(codes.unique().tolist()) == {-1.0, 1.0}
    assert len({tuple(code) for code in codes.tolist()}) == 40
    assert torch.equal(codes[:12], digit_codes(12))
    assert torch.equal(codes[:3], digit_codes(3))


def test_the_first_ten_codes_are_drawings_of_digits() -> None:
    one = ["".join(" #"[int(pixel > 0)] for pixel in row) for row in digit_codes()[1].reshape(12, 7).tolist()]
    assert one == ["   #   ", "  ##   ", " ###   ", *["   #   "] * 5, " ##### ", *["       "] * 3]
    eight, zero, six = digit_codes()[8], digit_codes()[0], digit_codes()[6]
    assert int((eight != zero).sum()) == int((eight != six).sum()) == 5


def test_nothing_is_trained() -> None:
    layer = RadialBasisOutput(digit_codes())
    assert list(layer.parameters()) == []
    assert list(layer.state_dict()) == ["codes"]


def test_cross_entropy_pulls_towards_the_right_code() -> None:
    codes = digit_codes()
    x = torch.zeros(1, 84, requires_grad=True)
    torch.nn.functional.cross_entropy(RadialBasisOutput(codes)(x), torch.tensor([7])).backward()
    assert x.grad is not None
    step = x.detach() - x.grad
    assert RadialBasisOutput(codes)(step).argmax().item() == 7
    torch.testing.assert_close(x.grad[0], 2 * (codes.mean(0) - codes[7]))
