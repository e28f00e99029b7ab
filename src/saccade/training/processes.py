"""Several processes that train one network together: what one tells all, and what all add up.

Each has the whole network and a part of every batch. Gradients are added up by plain sums, not by torch's
DistributedDataParallel: a part can be empty, gradients are added up over several batches before a step, some parameters
get none, and groups of parameters are stepped in turn; one sum before each step is right in all of these, and every
process then takes the very same step. What that costs is that sums do not run beside the backward pass.

    small things        numbers, words: over gloo, on every machine
    gradients, norms    over gloo between processors, over nccl between CUDA devices

Source: ours.
"""

from __future__ import annotations

import contextlib
import io
import itertools
import json
import types
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, TypeVar

import torch
from torch import Tensor

from saccade import errors
from saccade.errors import BadConfig, SaccadeError
from saccade.training.launch import Launch, read_launch

Value = TypeVar("Value")
_HEAD, _SHORT = 8, 504  # bytes of a length, and of what travels with it
_BUCKET = 1 << 23  # numbers that travel together
_calls = itertools.count()
_open: list[Processes] = []


class Processes:
    """The processes that train together, seen from one of them. This class is one process alone.

    Args:
        launch: What the launcher said.
        call: Which of the groups of this process, from 0.

    Source: ours.

    Example:
        >>> Processes().told({"images": 4})
        [{'images': 4}]
    """

    def __init__(self, launch: Launch | None = None, call: int = 0) -> None:
        self.launch, self.call = launch or Launch(), call

    @property
    def rank(self) -> int:
        """The number of this one."""
        return self.launch.rank

    @property
    def world(self) -> int:
        """How many there are."""
        return self.launch.world

    @property
    def first(self) -> bool:
        """Whether this is the one that writes files and speaks to the user."""
        return self.rank == 0

    @property
    def several(self) -> bool:
        """Whether there is any other."""
        return self.world > 1

    def rows(self, row: Tensor) -> Tensor:
        """Give everyone's row, one below the other, in the order of the processes.

        Args:
            row: As long in every process.

        Returns:
            The same in every process.
        """
        return row[None]

    def add_up(self, tensor: Tensor) -> None:
        """Add everyone's tensor up, in place.

        Args:
            tensor: Of the same shape in every process.
        """

    def share(self, tensors: Iterable[Tensor]) -> None:
        """Give everyone the first process's tensors, in place.

        Args:
            tensors: Of the same shapes in every process.
        """

    def told(self, value: Any) -> list[Any]:
        """Give everyone's word, in the order of the processes.

        Args:
            value: What JSON can hold; it need not be as long in every process.

        Returns:
            The same in every process.
        """
        if not self.several:
            return [value]
        return [json.loads(text) for text in self._texts(json.dumps(value).encode())]

    def collected(self, value: Any) -> list[Any]:
        """Bring everyone's value to the first process.

        Args:
            value: Made of tensors, lists, tuples, mappings, numbers and text; tensors arrive on the processor.

        Returns:
            All values in the order of the processes; in other processes none.
        """
        if not self.several:
            return [value]
        buffer = io.BytesIO()
        torch.save(value, buffer)
        texts = self._texts(buffer.getvalue())
        if not self.first:
            return []
        return [torch.load(io.BytesIO(text), map_location="cpu", weights_only=True) for text in texts]

    def from_first(self, make: Callable[[], Value]) -> Value:
        """Let the first process do something, and give everyone what came of it; none goes on before it is done.

        Args:
            make: Gives what JSON can hold, or raises one of saccade's errors or OSError.

        Returns:
            The same in every process.

        Raises:
            SaccadeError: In every process, what the first one raised.
        """
        if not self.several:
            return make()
        result, failure = None, None
        if self.first:
            try:
                result = make()
            except (SaccadeError, OSError) as error:
                failure = error
        kind = type(failure).__name__
        answer = self.told([kind if failure else "", str(failure or ""), getattr(failure, "exit_code", 1), result])[0]
        if failure is not None:
            raise failure
        if answer[0]:
            raise _again(*answer[:3])
        return answer[3]

    def agree(self, what: str, value: Any) -> None:
        """Refuse to go on when something is not the same in every process.

        Args:
            what: What it is, such as "the data".
            value: What JSON can hold.

        Raises:
            BadConfig: If it differs; the processes are named.
        """
        values = self.told(value)
        others = [rank for rank, other in enumerate(values) if other != values[0]]
        if others:
            raise BadConfig(
                f"got other {what} in {named(others)} than in process 0; taken are the same in each; let every "
                "machine have the same files and versions"
            )

    def _texts(self, text: bytes) -> list[bytes]:
        """Everyone's bytes: short ones with their lengths at once, long ones in a second round."""
        row = torch.zeros(_HEAD + _SHORT, dtype=torch.uint8)
        row[:_HEAD] = torch.tensor(list(len(text).to_bytes(_HEAD, "little")), dtype=torch.uint8)
        if len(text) <= _SHORT:
            row[_HEAD : _HEAD + len(text)] = torch.frombuffer(bytearray(text), dtype=torch.uint8) if text else 0
        rows = self.rows(row)
        sizes = [int.from_bytes(bytes(one[:_HEAD].tolist()), "little") for one in rows]
        if max(sizes) <= _SHORT:
            return [bytes(one[_HEAD : _HEAD + size].tolist()) for one, size in zip(rows, sizes, strict=True)]
        long = torch.zeros(max(sizes), dtype=torch.uint8)
        long[: len(text)] = torch.frombuffer(bytearray(text), dtype=torch.uint8) if text else 0
        return [one[:size].numpy().tobytes() for one, size in zip(self.rows(long), sizes, strict=True)]


@contextlib.contextmanager
def together() -> Iterator[Processes]:
    """Join the processes that the launcher started, and part from them at the end, however that comes.

    Within another such context it gives the same processes. Where torch.distributed is at work already, its group of
    all processes is used, and left.

    Returns:
        A context manager that gives the processes; without a launcher, one alone.

    Raises:
        BadConfig: If the launcher's variables are wrong, or the first process cannot be found with them.

    Source: ours.
    """
    if _open:
        yield _open[-1]
        return
    launch, call = read_launch(), next(_calls)
    with contextlib.ExitStack() as stack:
        if launch.world == 1:
            processes = Processes(launch, call)
        else:
            from saccade.training.joined import joined

            processes = stack.enter_context(joined(launch, call))
        _open.append(processes)
        stack.callback(_open.remove, processes)
        yield processes


def add_up_gradients(parameters: Sequence[torch.nn.Parameter], processes: Processes) -> None:
    """Give each parameter the sum of its gradients in all processes.

    Where no process has a gradient, none has one afterwards; where some have, the others count as zero.

    Args:
        parameters: In the same order in every process.
        processes: Those who train together.

    Source: ours.
    """
    if not processes.several:
        return
    learning = [parameter for parameter in parameters if parameter.requires_grad]
    known = torch.tensor([parameter.grad is not None for parameter in learning], dtype=torch.uint8)
    somewhere = processes.rows(known).amax(0).tolist() if learning else []
    moved = [parameter for parameter, has in zip(learning, somewhere, strict=True) if has]
    for parameter in moved:
        if parameter.grad is None:
            parameter.grad = torch.zeros_like(parameter)
    for bucket in _buckets(moved):
        gradients = [parameter.grad for parameter in bucket if parameter.grad is not None]
        flat = torch.cat([gradient.reshape(-1) for gradient in gradients])
        processes.add_up(flat)
        for gradient, part in zip(gradients, flat.split([one.numel() for one in gradients]), strict=True):
            gradient.copy_(part.view(gradient.shape))


def _buckets(parameters: Iterable[torch.nn.Parameter]) -> Iterator[list[torch.nn.Parameter]]:
    """Parameters of one type and device, some millions of numbers at a time."""
    bucket: list[torch.nn.Parameter] = []
    for parameter in parameters:
        full = sum(one.numel() for one in bucket) + parameter.numel() > _BUCKET
        if bucket and (full or (parameter.dtype, parameter.device) != (bucket[0].dtype, bucket[0].device)):
            yield bucket
            bucket = []
        bucket.append(parameter)
    if bucket:
        yield bucket


def _again(kind: str, message: str, exit_code: int) -> SaccadeError:
    """Make the error again that the first process raised."""
    found = getattr(errors, kind, SaccadeError)
    plain = isinstance(found, type) and not isinstance(found.__init__, types.FunctionType)  # takes a message alone
    error = found(message) if plain and issubclass(found, SaccadeError) else SaccadeError(message)
    error.exit_code = exit_code
    return error


def named(ranks: Sequence[int]) -> str:
    """Name some processes in a message.

    Args:
        ranks: Their numbers.

    Returns:
        At most eight of them.

    Source: ours.

    Example:
        >>> named([1, 3])
        'processes 1, 3'
    """
    numbers = ", ".join(map(str, ranks[:8])) + (", …" if len(ranks) > 8 else "")
    return f"{'process' if len(ranks) == 1 else 'processes'} {numbers}"
