import pytest

from saccade.data.scenes.captioning import LARGE, SMALL, Said, captioned, captions_of, parse, phrase_of, relations_of
from saccade.data.scenes.outlines import SHAPES
from saccade.data.scenes.plan import Plan
from saccade.data.scenes.shapes import Shape
from saccade.data.scenes.things import Thing, compose_things
from saccade.errors import BadLabel


def thing(kind="ring", colour="red", centre=(50.0, 50.0), radius=18.0):
    return Thing(Shape(SHAPES.index(kind), centre, radius, 0.0, (0, 0, 0)), colour, 0)


def test_phrases_say_size_colour_and_shape():
    assert phrase_of(thing(), 100) == "a red ring"
    assert phrase_of(thing(radius=5.0), 100) == "a small red ring"
    assert phrase_of(thing("star", "orange", radius=30.0), 100) == "a large orange star"
    assert phrase_of(thing("star", "orange"), 100) == "an orange star"


def test_relations_are_said_where_they_are_clear():
    assert relations_of(thing(centre=(10, 50)), thing(centre=(90, 52))) == ("left of",)
    assert relations_of(thing(centre=(50, 90)), thing(centre=(52, 10))) == ("below",)
    assert relations_of(thing(centre=(90, 10)), thing(centre=(10, 90))) == ("right of", "above")
    assert relations_of(thing(), thing()) == ()


@pytest.mark.parametrize("difficulty", [0.0, 0.4, 1.0])
def test_captions_are_true_of_the_scene(difficulty):
    """Each caption, read back, is true of a thing, or of two, and every phrase is true of its own."""
    for index in range(60):
        plan = Plan("captioning", difficulty=difficulty, size=80)
        things, found = compose_things(plan, index), captioned(plan, index)

        def is_of(said, one):
            share = one.shape.radius / 80
            size = "small" if share < SMALL else "large" if share > LARGE else ""
            return said == Said(size, one.colour, SHAPES[one.shape.kind])

        for phrase, one in zip(found.phrases, things, strict=True):
            assert is_of(parse(phrase)[0], one)
        for caption in captions_of(plan, index):
            first, relation, second = parse(caption)
            assert any(
                is_of(first, one) and (not relation or (is_of(second, other) and relation in relations_of(one, other)))
                for one in things
                for other in (things if relation else [one])
            )


@pytest.mark.bad_input
@pytest.mark.parametrize("caption", ["", "a ring", "a mauve ring", "a red ring beside a blue star", "a tiny red ring"])
def test_what_is_no_caption_is_refused(caption):
    with pytest.raises(BadLabel, match="taken is a or an"):
        parse(caption)
