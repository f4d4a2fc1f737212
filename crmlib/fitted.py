"""What every model of the course says of itself."""

from __future__ import annotations

from sklearn.base import BaseEstimator


class Fitted(BaseEstimator):
    """A model that prints its parameters, `params_`, or that it has none yet."""

    def __repr__(self) -> str:
        name = type(self).__name__
        if not hasattr(self, "params_"):
            return f"{name}(): not fitted"
        return f"{name}({', '.join(f'{k}={v:.4g}' for k, v in self.params_.items())})"

    def _repr_mimebundle_(self, **_) -> dict:
        """Show a model in a notebook as it prints, and not as a diagram of its settings."""
        return {"text/plain": repr(self)}
