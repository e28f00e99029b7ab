import pytest

from saccade.data.augmentations.mixing import CutMix
from saccade.data.augmentations.placing import AlternatingMirror, Mirror, PaddedCrop
from saccade.data.augmentations.recipes import RECIPES, chosen, recipe, standard
from saccade.data.augmenting.augmenter import Augmenter
from saccade.errors import UnknownName


def test_settings_choose():
    assert standard(mirror=False, crop_rate=0.0) == ()
    assert standard(mirror=True, crop_rate=0.0) == (Mirror(),)
    assert standard(mirror=True, crop_rate=0.25) == (PaddedCrop(0.25), Mirror())


def test_the_standard_is_what_training_does_by_itself():
    from saccade.training.settings import TrainingSettings

    settings = TrainingSettings()
    assert recipe("standard") == standard(settings.mirror, settings.crop_rate)


def test_each_recipe_is_taken_together():
    for name in RECIPES:
        Augmenter(recipe(name)).check(3)
    assert recipe("none") == ()
    assert [Augmenter(recipe(name)).whole_pixels for name in RECIPES] == [True, True, True, False, False]


def test_a_choice_spares_what_may_not_be_mirrored_and_mixes_last():
    assert chosen("none", mixing="cutmix") == (CutMix(),)
    assert chosen("standard", mirror=False) == (PaddedCrop(0.125),)
    assert [one for one in recipe("strong") if one not in chosen("strong", mirror=False)] == [Mirror()]


def test_a_choice_may_alternate_and_reflect():
    assert chosen("standard", alternate=True, padding="reflect") == (PaddedCrop(0.125, "reflect"), AlternatingMirror())
    assert chosen("standard", mirror=False, alternate=True) == (PaddedCrop(0.125),)
    assert AlternatingMirror() in chosen("strong", alternate=True)
    assert Mirror() not in chosen("strong", alternate=True)


def test_an_unknown_name_is_answered_with_the_nearest():
    with pytest.raises(UnknownName, match="standard"):
        recipe("standart")
    with pytest.raises(UnknownName, match="did you mean 'mixup'"):
        chosen("standard", mixing="mixupp")
