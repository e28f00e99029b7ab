import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from saccade.data.arrays import Arrays
from saccade.data.loading.feeding import Feeding
from saccade.data.loading.loader import Loader
from saccade.types.preprocessing import Preprocessing

GREY = Preprocessing((2, 2), 1, (0.0,), (1.0,))


@given(st.integers(1, 40), st.integers(1, 7), st.integers(1, 5), st.none() | st.integers(0, 9))
def test_all_ranks_together_take_every_sample_once_in_as_many_steps(count, size, world, seed):
    source = Arrays(np.zeros((count, 2, 2, 1), np.uint8), (0,) * count, "x", np.arange(count))
    taken = [
        [batch.keys for batch in Loader(
            source, GREY, list, batch_size=size, seed=seed, workers=Feeding(rank=rank, world=world)
        ).epoch(2)]
        for rank in range(world)
    ]  # fmt: skip
    assert len({len(batches) for batches in taken}) == 1
    assert sorted(key for batches in taken for keys in batches for key in keys) == sorted(
        f"x[{index}]" for index in range(count)
    )
    lengths = [[len(keys) for keys in batches] for batches in taken]
    assert all(max(step) - min(step) <= 1 for step in zip(*lengths, strict=True))
    if seed is not None and min(count, size) > 1:
        assert min(sum(step) for step in zip(*lengths, strict=True)) > 1
