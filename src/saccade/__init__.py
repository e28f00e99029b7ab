"""saccade: convolutional vision, whole. Importing it imports nothing heavy; the verbs load what they need."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from saccade.api.advice import advise as advise
    from saccade.api.checking import check_data as check_data
    from saccade.api.comparing import compare as compare
    from saccade.api.converting import convert as convert
    from saccade.api.data_bench import bench_data as bench_data
    from saccade.api.data_splitting import CutSettings as CutSettings
    from saccade.api.data_splitting import split_data as split_data
    from saccade.api.ensembling import ensemble as ensemble
    from saccade.api.evaluation import evaluate as evaluate
    from saccade.api.export import export as export
    from saccade.api.facts import facts as facts
    from saccade.api.filters import filter_image as filter_image
    from saccade.api.learned_filter import learn_filter as learn_filter
    from saccade.api.models import create as create
    from saccade.api.models import models as models
    from saccade.api.predictor import Predictor as Predictor
    from saccade.api.predictor import load as load
    from saccade.api.predictor import predict as predict
    from saccade.api.report import report as report
    from saccade.api.run import Run as Run
    from saccade.api.statistics import data_stats as data_stats
    from saccade.api.summary import summary as summary
    from saccade.api.tracing import trace as trace
    from saccade.api.training import train as train
    from saccade.api.tuning_rate import find_learning_rate as find_learning_rate
    from saccade.api.tuning_recipes import recipe as recipe
    from saccade.api.tuning_recipes import recipes as recipes
    from saccade.api.tuning_sweep import sweep as sweep
    from saccade.api.views import Views as Views
    from saccade.data.opening import open_data as open_data
    from saccade.memory import tune_memory as tune_memory
    from saccade.training.settings import TrainingSettings as TrainingSettings

__version__ = "0.1.0"

_HOMES = {
    "CutSettings": "saccade.api.data_splitting",
    "Predictor": "saccade.api.predictor",
    "Run": "saccade.api.run",
    "TrainingSettings": "saccade.training.settings",
    "Views": "saccade.api.views",
    "advise": "saccade.api.advice",
    "bench_data": "saccade.api.data_bench",
    "check_data": "saccade.api.checking",
    "compare": "saccade.api.comparing",
    "convert": "saccade.api.converting",
    "create": "saccade.api.models",
    "data_stats": "saccade.api.statistics",
    "ensemble": "saccade.api.ensembling",
    "evaluate": "saccade.api.evaluation",
    "export": "saccade.api.export",
    "facts": "saccade.api.facts",
    "filter_image": "saccade.api.filters",
    "find_learning_rate": "saccade.api.tuning_rate",
    "learn_filter": "saccade.api.learned_filter",
    "load": "saccade.api.predictor",
    "models": "saccade.api.models",
    "open_data": "saccade.data.opening",
    "predict": "saccade.api.predictor",
    "recipe": "saccade.api.tuning_recipes",
    "recipes": "saccade.api.tuning_recipes",
    "report": "saccade.api.report",
    "split_data": "saccade.api.data_splitting",
    "summary": "saccade.api.summary",
    "sweep": "saccade.api.tuning_sweep",
    "trace": "saccade.api.tracing",
    "train": "saccade.api.training",
    "tune_memory": "saccade.memory",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'saccade' has no attribute {name!r}")
    return getattr(importlib.import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOMES])
