"""Which stages of a network learn, and how fast: the lower ones later, slower, or not at all.

Source: staged unfreezing and rates that fall with depth, Howard & Ruder, arXiv 1801.06146, sections 3.2 and 3.3.
"""

from __future__ import annotations

from torch import nn

from saccade.errors import BadConfig
from saccade.layers.stages import HEAD, modules_by_stage, refuse_stage
from saccade.training.settings import TrainingSettings


class Freezing:
    """What of a network learns in which epoch.

    Args:
        network: With its normalisation or without.
        settings: `freeze`: the last stage that stays as it is, and with it all before; `unfreeze_epochs`: after so many
            epochs, and again after as many, the highest frozen stage begins to learn; `layer_decay`: each stage learns
            at so many times the rate of the one above, the head at the full rate.

    Raises:
        BadConfig: If the network has no such stage, or nobody knows its stages, or nothing would be left that learns.

    Source: ours.

    Example:
        >>> from saccade import catalog
        >>> network = catalog.find("architectures", "resnet20")(num_classes=10)
        >>> freezing = Freezing(network, TrainingSettings(freeze="stage1", layer_decay=0.5))
        >>> freezing.frozen(epoch=3), freezing.rate_of("conv1.weight"), freezing.rate_of("linear.weight")
        (('stem', 'stage1'), 0.125, 1.0)
    """

    def __init__(self, network: nn.Module, settings: TrainingSettings) -> None:
        self._network, self._settings = network, settings
        self._modules: dict[str, tuple[str, ...]] = {}
        if settings.freeze:
            refuse_stage(network, settings.freeze)
        if settings.freeze or settings.layer_decay != 1:
            self._modules = modules_by_stage(network)
        order = [*self._modules]
        self._depths = {name: len(order) - 1 - order.index(stage) for stage in order for name in self._modules[stage]}
        self._fixed = {name for name, parameter in network.named_parameters() if not parameter.requires_grad}
        still = self._still(0)
        if still and all(name.rpartition(".")[0] in still for name, _ in network.named_parameters()):
            raise BadConfig(
                f"got freeze={settings.freeze!r} for a network with nothing to learn above it; taken are lower stages; "
                "name one"
            )

    def frozen(self, epoch: int) -> tuple[str, ...]:
        """Name the stages that do not learn.

        Args:
            epoch: Counted from 0.

        Returns:
            From the stem on.
        """
        if not self._settings.freeze:
            return ()
        stages = [stage for stage in self._modules if stage != HEAD]
        count = stages.index(self._settings.freeze) + 1
        if self._settings.unfreeze_epochs:
            count -= epoch // self._settings.unfreeze_epochs
        return tuple(stages[: max(0, count)])

    def rate_of(self, parameter: str) -> float:
        """Say at how many times the full rate a parameter learns.

        Args:
            parameter: Its name in the network.

        Returns:
            In [0, 1].
        """
        depth = self._depths.get(parameter.rpartition(".")[0], 0)
        return self._settings.layer_decay**depth

    def apply(self, epoch: int) -> None:
        """Freeze and unfreeze the stages of the network, which is in training mode; call it when an epoch begins.

        A frozen stage is in evaluation mode: its running statistics stay, and nothing is dropped. What did not learn
        before anything was frozen never does.

        Args:
            epoch: Counted from 0.
        """
        if not self._settings.freeze:
            return
        still = self._still(epoch)
        for name, module in self._network.named_modules():
            if name in still:
                module.training = False
            for own, parameter in module.named_parameters(name, recurse=False):
                parameter.requires_grad_(name not in still and own not in self._fixed)

    def _still(self, epoch: int) -> set[str]:
        """The names of the modules in the frozen stages, and of those in which there is nothing else."""
        frozen = {name for stage in self.frozen(epoch) for name in self._modules[stage]}
        learning = {outer for name in self._depths if name not in frozen for outer in _with_outer(name)}
        return {outer for name in frozen for outer in _with_outer(name)} - learning


def _with_outer(name: str) -> list[str]:
    """The name of a module, and of those that it lies in."""
    parts = name.split(".")
    return [".".join(parts[: count + 1]) for count in range(len(parts))]
