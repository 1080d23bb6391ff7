"""How far a training is -> its learning rate and whether it is over."""

from __future__ import annotations

from dataclasses import dataclass

from chatbot.training.settings import TrainingSettings


@dataclass(frozen=True, slots=True)
class Budget:
    """What a training may take: minutes of its own clock, or else epochs."""

    epochs: int
    minutes: float | None = None

    def progress(self, epoch: float, seconds: float) -> float:
        """Share of the budget used, 0 to 1. `epoch` counts passes, with a fraction for the one under way."""
        if self.minutes is not None:
            return min(1.0, seconds / (60.0 * self.minutes))
        return min(1.0, epoch / self.epochs)


def learning_rate(settings: TrainingSettings, step: int, progress: float) -> float:
    """Linear warm-up over the first steps, then a linear fall with the budget to `final_rate` of the highest."""
    warmup = min(1.0, (step + 1) / settings.warmup_steps) if settings.warmup_steps else 1.0
    return settings.learning_rate * warmup * (1.0 - (1.0 - settings.final_rate) * progress)
