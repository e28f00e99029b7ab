"""Every architecture gets an advice, and what is foretold of each form is what the rewritten network really costs."""

from __future__ import annotations

import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from kinds import each_family
from saccade import catalog
from saccade.api.networks.subject import Subject, subject_of
from saccade.inspect.advice import NAMES, advise
from saccade.layers.rewrites import rewritten


def cost(module: nn.Module, subject: Subject) -> tuple[int, int]:
    """Multiply-adds and parameters, as PyTorch counts them."""
    images = torch.empty(1, subject.in_channels, *(subject.size or ()), device="meta")
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        module.eval()(images)
    return counter.get_total_flops() // 2, sum(parameter.numel() for parameter in module.parameters())


@each_family
def test_what_is_foretold_is_what_a_rewritten_network_costs(name: str) -> None:
    subject = subject_of(name)
    assert subject.size is not None
    advice = advise(subject.module, subject.size, in_channels=subject.in_channels, name=name)
    assert advice.to_text().startswith(f"{name}, for an image of ")
    card = catalog.cards("architectures")[name]
    assert (advice.macs, advice.parameters) == (card["macs"], card["parameters"])
    for form in NAMES:
        changes = advice.changes(form)
        if changes:
            totals = advice.totals(form)
            assert cost(rewritten(subject.module, changes), subject) == (totals.macs, totals.parameters), form
