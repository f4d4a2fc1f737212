"""A figure on a notebook's page, with the words for readers who cannot see it."""

from __future__ import annotations

import hashlib
import io
import warnings

import matplotlib.pyplot as plt
from matplotlib.figure import Figure
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from crmlib.page.digest import count, digest
from crmlib.page.words import in_notebook
from crmlib.validate import WrongType

_DPI = 128
_SHOWN_DPI = 96  # a browser's inch: the picture is sharper than the space it takes


def show(fig: Figure, alt: str) -> None:
    """Display a figure once, with a sentence for readers who cannot see it.

    The figure's plain text is ``[Figure: alt · n points · digest]``. The digest stands for the
    plotted numbers (four digits) and words, not for colours or pixels: when a test runs the
    notebook again and the data behind a figure have changed, that text has changed too.

    Parameters
    ----------
    fig : Figure
        The figure; it is closed afterwards.
    alt : str
        What the figure shows, as a sentence: its message, not "a line chart".

    Raises
    ------
    ValueError
        If `fig` is no figure, or `alt` too short to say anything.

    Examples
    --------
    >>> fig, ax = plt.subplots()
    >>> _ = ax.bar(["shop", "web"], [120, 80])
    >>> show(fig, alt="The shop sells half as much again as the web site.")
    [Figure: The shop sells half as much again as the web site. · 2 points · be3ffbe4]
    """
    if not isinstance(fig, Figure):
        raise WrongType(f"show takes a figure, not {type(fig).__name__}; an axes has ax.figure")
    alt = " ".join(str(alt).split())
    if len(alt) < 20:
        raise ValueError(
            f"alt={alt!r} does not tell what the figure shows. Write its message as a sentence of "
            "at least 20 characters, for a reader who cannot see it."
        )
    text = f"[Figure: {alt} · {count(fig):,} points · {digest(fig)}]"
    if in_notebook():
        from IPython.display import display

        png, size = _png(fig, text)
        metadata = {"image/png": {"alt": alt, "digest": fingerprint(png), **size}}
        display({"image/png": png, "text/plain": text}, metadata=metadata, raw=True)
    else:
        print(text)
    plt.close(fig)


def fingerprint(png: bytes) -> str:
    """Give a digest of a stored picture's bytes: other pixels under the same words are seen.

    It is compared with the stored picture only, never with one drawn anew on another machine.

    >>> fingerprint(b"")
    'e3b0c44298fc1c14'
    """
    return hashlib.sha256(png).hexdigest()[:16]


def _png(fig: Figure, text: str) -> tuple[bytes, dict[str, int]]:
    """Draw the figure, `text` inside the file, in 256 colours, which keeps a notebook small."""
    raw, small = io.BytesIO(), io.BytesIO()
    with warnings.catch_warnings():
        # A machine without a Chinese font draws boxes; `crmlib doctor` says so, once.
        warnings.filterwarnings("ignore", message="Glyph .* missing from")
        fig.savefig(raw, format="png", dpi=_DPI, bbox_inches="tight", facecolor="white")
    image = Image.open(raw).convert("RGB").quantize(256, method=Image.Quantize.MEDIANCUT, dither=0)
    words = PngInfo()
    words.add_itxt("Description", text)
    image.save(small, format="png", optimize=True, pnginfo=words)
    width, height = (round(pixels * _SHOWN_DPI / _DPI) for pixels in image.size)
    return small.getvalue(), {"width": width, "height": height}
