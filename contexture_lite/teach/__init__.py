"""Pictures, live explorers, predictions and exercises of the course.

Everything is imported when its name is first used, so that ``import
contexture_lite.teach`` costs nothing.
"""

from contexture_lite._lazy import on_first_use

# public name -> the module that defines it; a module's own name stands for itself
_ON_FIRST_USE = {
    "StoryExplorer": "story",
    "ChannelExplorer": "channel",
    "SpectrumExplorer": "spectrum_explorer",
    "TaskExplorer": "task_explorer",
    "RotationExplorer": "rotation",
    "TrainingRace": "race",
    "CollapseExplorer": "traps",
    "BarlowExplorer": "barlow",
    "SignedWalkExplorer": "signed_walk",
    "ExtractionExplorer": "extraction",
    "AssociationExplorer": "association",
    "draw_diagnosis": "diagnosis_figure",
    "show_diagnosis": "diagnosis_figure",
    "MixingExplorer": "mixing_explorer",
    "ShiftExplorer": "shift_explorer",
    "ScalingExplorer": "scaling_explorer",
    "SampleExplorer": "sample_explorer",
    "Explorer": "explorer",
    "predict": "predictions",
    "check": "exercises",
    "prompt": "exercises",
    "solution": "exercises",
    "agreement": "agreement",
    "figures": "figures",
    "mixing_results": "mixing_results",
    "networks": "networks",
    "scaling_results": "scaling_results",
    "sample_experiment": "sample_experiment",
    "sample_pictures": "sample_pictures",
    "shift_contexts": "shift_contexts",
    "shift_data": "shift_data",
    "shift_experiment": "shift_experiment",
    "style": "style",
    "sweep_results": "sweep_results",
    "sweep_figures": "sweep_figures",
    "weak_end": "weak_end",
}

__all__ = [*_ON_FIRST_USE]
__getattr__, __dir__ = on_first_use(__name__, _ON_FIRST_USE)
