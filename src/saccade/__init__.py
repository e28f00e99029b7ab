"""saccade: convolutional vision, whole. Importing it imports nothing heavy; the verbs load what they need."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from saccade.api.comparisons.comparing import compare as compare
    from saccade.api.datasets.bench import bench_data as bench_data
    from saccade.api.datasets.checking import check_data as check_data
    from saccade.api.datasets.converting import convert as convert
    from saccade.api.datasets.cropping import crop_things as crop_things
    from saccade.api.datasets.splitting import CutSettings as CutSettings
    from saccade.api.datasets.splitting import split_data as split_data
    from saccade.api.datasets.statistics import data_stats as data_stats
    from saccade.api.ensembles.ensembling import ensemble as ensemble
    from saccade.api.ensembles.views import Views as Views
    from saccade.api.evaluation import evaluate as evaluate
    from saccade.api.explaining.explainer import About as About
    from saccade.api.explaining.explaining import explain as explain
    from saccade.api.explaining.looking import look_into as look_into
    from saccade.api.export import export as export
    from saccade.api.films.watching import watch as watch
    from saccade.api.filters.filters import filter_image as filter_image
    from saccade.api.filters.learned import learn_filter as learn_filter
    from saccade.api.imagining.dreaming import dream as dream
    from saccade.api.imagining.restyling import compare_descents as compare_descents
    from saccade.api.imagining.restyling import restyle as restyle
    from saccade.api.many.predicting import predict_many as predict_many
    from saccade.api.many.settings import Cluster as Cluster
    from saccade.api.many.settings import ManySettings as ManySettings
    from saccade.api.networks.advice import advise as advise
    from saccade.api.networks.facts import facts as facts
    from saccade.api.networks.models import create as create
    from saccade.api.networks.models import models as models
    from saccade.api.networks.summary import summary as summary
    from saccade.api.networks.tracing import trace as trace
    from saccade.api.predictor import Predictor as Predictor
    from saccade.api.predictor import load as load
    from saccade.api.predictor import predict as predict
    from saccade.api.races.racing import time_to_accuracy as time_to_accuracy
    from saccade.api.report import report as report
    from saccade.api.robustness.measuring import robustness as robustness
    from saccade.api.robustness.settings import RobustnessSettings as RobustnessSettings
    from saccade.api.run import Run as Run
    from saccade.api.tiles.sliding import sliding as sliding
    from saccade.api.tiles.tiled import tiled as tiled
    from saccade.api.training import train as train
    from saccade.api.tuning.rate import find_learning_rate as find_learning_rate
    from saccade.api.tuning.recipes import recipe as recipe
    from saccade.api.tuning.recipes import recipes as recipes
    from saccade.api.tuning.sweep import sweep as sweep
    from saccade.data.crops import CropSettings as CropSettings
    from saccade.data.opening import open_data as open_data
    from saccade.memory import tune_memory as tune_memory
    from saccade.training.settings import TrainingSettings as TrainingSettings

__version__ = "0.1.0"

_HOMES = {
    "About": "saccade.api.explaining.explainer",
    "CropSettings": "saccade.data.crops",
    "CutSettings": "saccade.api.datasets.splitting",
    "Cluster": "saccade.api.many.settings",
    "ManySettings": "saccade.api.many.settings",
    "Predictor": "saccade.api.predictor",
    "RobustnessSettings": "saccade.api.robustness.settings",
    "Run": "saccade.api.run",
    "TrainingSettings": "saccade.training.settings",
    "Views": "saccade.api.ensembles.views",
    "advise": "saccade.api.networks.advice",
    "bench_data": "saccade.api.datasets.bench",
    "check_data": "saccade.api.datasets.checking",
    "compare": "saccade.api.comparisons.comparing",
    "compare_descents": "saccade.api.imagining.restyling",
    "convert": "saccade.api.datasets.converting",
    "create": "saccade.api.networks.models",
    "crop_things": "saccade.api.datasets.cropping",
    "data_stats": "saccade.api.datasets.statistics",
    "dream": "saccade.api.imagining.dreaming",
    "ensemble": "saccade.api.ensembles.ensembling",
    "evaluate": "saccade.api.evaluation",
    "explain": "saccade.api.explaining.explaining",
    "export": "saccade.api.export",
    "facts": "saccade.api.networks.facts",
    "filter_image": "saccade.api.filters.filters",
    "find_learning_rate": "saccade.api.tuning.rate",
    "learn_filter": "saccade.api.filters.learned",
    "load": "saccade.api.predictor",
    "look_into": "saccade.api.explaining.looking",
    "models": "saccade.api.networks.models",
    "open_data": "saccade.data.opening",
    "predict": "saccade.api.predictor",
    "predict_many": "saccade.api.many.predicting",
    "recipe": "saccade.api.tuning.recipes",
    "recipes": "saccade.api.tuning.recipes",
    "report": "saccade.api.report",
    "robustness": "saccade.api.robustness.measuring",
    "restyle": "saccade.api.imagining.restyling",
    "sliding": "saccade.api.tiles.sliding",
    "split_data": "saccade.api.datasets.splitting",
    "summary": "saccade.api.networks.summary",
    "sweep": "saccade.api.tuning.sweep",
    "tiled": "saccade.api.tiles.tiled",
    "time_to_accuracy": "saccade.api.races.racing",
    "trace": "saccade.api.networks.tracing",
    "train": "saccade.api.training",
    "tune_memory": "saccade.memory",
    "watch": "saccade.api.films.watching",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'saccade' has no attribute {name!r}")
    return getattr(importlib.import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOMES])
