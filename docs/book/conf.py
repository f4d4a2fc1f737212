"""How Sphinx builds the book. `crmlib book` stages the sources and calls it; nothing is run here."""

import os
from importlib import metadata
from pathlib import Path

HERE = Path(__file__).parent


def _mathjax() -> str:
    """Find MathJax in the package that brings it, as one file that needs no other."""
    files = metadata.files("django-static-mathjax") or []
    return str(next(file.locate() for file in files if file.as_posix().endswith("es5/tex-svg.js")))


project = "Customer analytics, worked through"
language = os.environ.get(
    "CRMLIB_BOOK_LANGUAGE", "en"
)  # of the catalogues that a translator filled
locale_dirs = [str(HERE.parent / "locale")]
smartquotes_action = "qe"  # quotes and ellipses; two hyphens are the beginning of an option
root_doc = "index"
extensions = [
    "crmlib.course.book.search",
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.mathjax",
    "sphinx.ext.napoleon",
]

nb_execution_mode = "off"  # the outputs are those that the course stores
myst_enable_extensions = ["amsmath", "dollarmath"]
myst_heading_anchors = 4
autosummary_generate = False
napoleon_google_docstring = False

html_search_language = "zh"  # and English: crmlib/course/book/search.py
html_show_search_summary = False  # it reads other pages, which a browser refuses from a file

html_theme = "sphinx_book_theme"
html_title = project
html_static_path = ["static", _mathjax()]
html_css_files = ["book.css"]
html_copy_source = False
html_show_sourcelink = False
html_scaled_image_link = False
html_theme_options = {
    "extra_footer": "Text, figures, exercises: CC BY 4.0. Code: MIT. Each dataset: its own licence.",
    "footer_content_items": ["extra-footer.html"],
    "navbar_persistent": [],  # the sidebar has the search
    "show_navbar_depth": 1,
    "use_download_button": False,
    "use_fullscreen_button": False,
    "show_toc_level": 2,
}
mathjax_path = "tex-svg.js"
mathjax3_config = {"svg": {"fontCache": "global"}}
gettext_compact = False
gettext_uuid = False
