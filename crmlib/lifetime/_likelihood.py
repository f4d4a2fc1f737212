"""Maximum likelihood for models whose parameters are all positive."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.optimize import minimize
from sklearn.utils.validation import check_is_fitted

from crmlib.errors import warn
from crmlib.estimate import z_score
from crmlib.fitted import Fitted
from crmlib.lifetime._discrete import generator, how_many
from crmlib.validate import WrongType, positive

# Parameters are searched as logarithms. Within e^-12 .. e^12 of the starting point lies every
# parameter that data can tell from zero or infinity; a search that gets there has run away.
_REACH = 12.0


class LikelihoodModel(Fitted):
    """A model with positive parameters, fitted by maximum likelihood.

    A child names its parameters in `_names` and gives a start and a log-likelihood with gradient.
    """

    _names: tuple[str, ...] = ()

    @classmethod
    def from_params(cls, **params: float):
        """Make a model with known parameters, as printed in a paper or found elsewhere."""
        if sorted(params) != sorted(cls._names):
            raise WrongType(f"{cls.__name__} takes the parameters {', '.join(cls._names)}")
        for name, value in params.items():
            positive(value, name)
        model = cls()
        model.params_ = pd.Series({name: float(params[name]) for name in cls._names})
        model.warnings_ = []
        return model

    def _known(self) -> pd.Series:
        """Give the parameters, or refuse a model that has none yet."""
        check_is_fitted(self, "params_")
        return self.params_

    def _maximise(self, log_likelihood, starts, n: float, pilot=None):
        """Search from each start; keep the best parameters, their covariance and what went wrong.

        Parameters
        ----------
        log_likelihood : function
            Of the parameters; returns its value and its gradient.
        starts : list of arrays
            The first one also sets the middle of what is searched.
        n : float
            Customers behind it.
        pilot : function, optional
            The same for a sample of a large base. It finds the neighbourhood of the summit for a
            fraction of the cost; the search over everyone then takes a few steps.
        """
        loss = _loss(log_likelihood, n)
        starts = np.log(starts)
        origin = starts[0]
        if pilot is not None:
            z, hessian = _solve(_loss(pilot, n), origin, origin)
            starts = [_newton(loss, z, hessian, origin, steps=30)]
        found = [_solve(loss, z, origin) for z in starts]
        z, hessian = min(found, key=lambda solution: loss(solution[0])[0])
        self.params_ = pd.Series(np.exp(z), index=list(self._names))
        self.log_likelihood_ = float(log_likelihood(np.exp(z))[0])
        self.n_ = n
        self._log_covariance, complaints = _covariance(hessian * n, self._names)
        edge = np.abs(z - origin) > _REACH - 0.1
        for name in np.array(self._names)[edge]:
            complaints.append(
                f"{name} ran away to {self.params_[name]:.3g}: the data do not pin it down, and the "
                "other parameters lean on it. Predictions may still be sound; the parameters are not."
            )
        slope = np.abs(loss(z)[1][~edge]).max(initial=0)
        if not slope < 1e-5:
            complaints.append(
                f"the search stopped on a slope ({slope:.1g}): do not trust this fit."
            )
        for text in complaints:
            self._warn(text)
        return self

    def _warn(self, text: str) -> None:
        """Say it aloud, and keep it in `warnings_`."""
        if text not in self.warnings_:
            self.warnings_.append(text)
        warn(f"{type(self).__name__}: {text}")

    def summary(self) -> pd.DataFrame:
        """Table of the parameters with standard errors and 95 % intervals.

        Returns
        -------
        DataFrame
            By parameter: `estimate`, `se`, `low`, `high`. The interval is symmetric on the log
            scale, because a parameter that must be positive is not symmetric on its own.
            ``attrs["aic"]`` and ``attrs["bic"]`` compare models of the same customers, lower is
            better: -2 ln L + 2 k and -2 ln L + k ln n, with k parameters and n customers.
        """
        self._need_fit()
        theta, se = self.params_, np.sqrt(np.diag(self._log_covariance))
        factor = np.exp(z_score() * se)
        table = {"estimate": theta, "se": theta * se, "low": theta / factor, "high": theta * factor}
        table = pd.DataFrame(table)
        fit, k = -2 * self.log_likelihood_ if self.n_ > 0 else np.nan, len(theta)
        table.attrs = {"aic": fit + 2 * k, "bic": fit + k * np.log(self.n_)}
        return table

    def draws(self, n: int, seed: int) -> list:
        """Draw `n` models whose parameters are as uncertain as the fit left them.

        Each is drawn from the normal approximation to the log parameters. What differs between
        the draws' predictions is the uncertainty of the parameters.
        """
        self._need_fit()
        n = how_many(n)
        if not np.isfinite(self._log_covariance).all():
            raise ValueError("the fit has no standard errors to draw from: see .warnings_")
        rng = generator(seed)
        centre = np.log(self.params_.to_numpy())
        z = rng.multivariate_normal(centre, self._log_covariance, size=n, method="eigh")
        return [self.from_params(**dict(zip(self._names, np.exp(row), strict=True))) for row in z]

    def _need_fit(self) -> None:
        self._known()
        if not hasattr(self, "_log_covariance"):
            raise ValueError("parameters that were given, not fitted, have no standard errors")


def _loss(log_likelihood, n: float):
    """Turn a log-likelihood into what a minimiser wants: per customer, in log parameters.

    So that no unit of time or money and no size of firm makes the search stop early.
    """

    def loss(z):
        theta = np.exp(z)
        value, gradient = log_likelihood(theta)
        return -value / n, -gradient * theta / n

    return loss


def _solve(loss, z, origin):
    """Find the minimum from `z`; return it with its Hessian.

    L-BFGS stops a little early along flat valleys, so Newton's method finishes: the Hessian is
    wanted for the standard errors anyway.
    """
    if np.abs(loss(z)[1]).max() > 1e-9:
        bounds = list(zip(origin - _REACH, origin + _REACH, strict=True))
        options = {"maxiter": 1000, "maxcor": 20, "ftol": 1e-13, "gtol": 1e-6}
        z = minimize(loss, z, jac=True, method="L-BFGS-B", bounds=bounds, options=options).x
    hessian = _hessian(loss, z)
    return _newton(loss, z, hessian, origin), hessian


def _newton(loss, z, hessian, origin, steps: int = 5):
    """Take Newton steps with one fixed Hessian, as long as each lowers the slope."""
    slope = loss(z)[1]
    for _ in range(steps):
        if np.abs(slope).max() < 1e-12:
            break
        step = np.linalg.lstsq(hessian, slope, rcond=1e-12)[0]
        if np.abs(step).max() > 1 or np.abs(z - step - origin).max() > _REACH:
            break
        new = loss(z - step)[1]
        if not np.abs(new).max() < np.abs(slope).max():
            break
        z, slope = z - step, new
    return z


def _hessian(loss, z, h: float = 1e-4):
    """Difference the exact gradient, centrally: error of order h squared, about 1e-8 here."""
    columns = [(loss(z + e)[1] - loss(z - e)[1]) / (2 * h) for e in np.eye(len(z)) * h]
    return (np.array(columns) + np.array(columns).T) / 2


def _covariance(information, names):
    """Invert the information matrix of the log parameters, or say what of it means nothing."""
    unknown = np.full_like(information, np.nan)
    if not np.isfinite(information).all():
        return unknown, ["no standard errors: the likelihood is not smooth at the solution."]
    values = np.linalg.eigvalsh(information)
    if values[0] <= 1e-9 * values[-1]:
        return unknown, [
            "no standard errors: the likelihood is flat in some direction, so the data cannot "
            "tell these parameters apart."
        ]
    covariance = np.linalg.inv(information)
    loose = np.diag(covariance) > _REACH**2
    if not loose.any():
        return covariance, []
    covariance[loose, :] = covariance[:, loose] = np.nan
    which = " and ".join(np.array(names)[loose])
    return covariance, [
        f"no standard errors for {which}: the data say next to nothing about their size."
    ]
