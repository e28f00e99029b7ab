"""What guided backpropagation and deconvolutional networks share: a gradient under another rule for ReLU.

Source: Springenberg et al., arXiv 1412.6806.
"""

from __future__ import annotations

from saccade.errors import BadConfig
from saccade.explanations.asking.method import Answer
from saccade.explanations.asking.question import Question
from saccade.inspect.relu_rules import Rule, relu_rule


def ruled(question: Question, rule: Rule) -> Answer:
    """Differentiate the score while every ReLU obeys a rule.

    Args:
        question: With the network borrowed.
        rule: Such as "guided".

    Returns:
        Maps of the size of the images, zero or above: the largest of the channels; what came back as colours.

    Raises:
        BadConfig: If the network has no ReLU, or the score cannot be differentiated.

    Source: Springenberg et al., arXiv 1412.6806, section 3.4.
    """
    with relu_rule(rule) as met:
        back = question.gradient()
    if not met.count:
        raise BadConfig(
            f"got a network without ReLU for {rule}, which is a rule for them; taken are networks with ReLU; "
            "use gradient, which is the same where there are none"
        )
    return Answer(back.abs().amax(1), colours=back)
