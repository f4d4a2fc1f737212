"""Search in two languages from one index: how text is cut into words, and which page a term leads to.

An extension of Sphinx, which ``docs/book/conf.py`` names. Sphinx's own search in Chinese cuts what is
written into words, but not what is asked: 客户流失率 would find nothing.
"""

from __future__ import annotations

import functools
import logging
import re

from jieba import cut_for_search
from sphinx import addnodes
from sphinx.search import languages
from sphinx.search.zh import SearchChinese
from sphinx.transforms import SphinxTransform

logging.getLogger("jieba").setLevel(logging.WARNING)
_HAN = "\u3400-\u9fff"
_CHINESE = re.compile(f"[{_HAN}]+")
_OTHER = re.compile(rf"[^\W{_HAN}]+(?:-[^\W{_HAN}]+)*")
# What is asked is cut into the longest words that the index has: k-means stays whole, 客户流失率
# does not.
_CUT = r"""
var splitQuery = (query) => {
  const stemmer = new Stemmer();
  const known = (word) => {
    const stem = stemmer.stemWord(word.toLowerCase());
    return Object.hasOwn(Search._index.terms, stem) || Object.hasOwn(Search._index.titleterms, stem);
  };
  const words = [];
  for (const run of query.match(/[\u3400-\u9fff]+|[^\u3400-\u9fff\s]+/g) || []) {
    if (!/[\u3400-\u9fff]/.test(run)) {
      words.push(...(known(run) ? [run] : run.split(/[^\p{L}\p{N}_]+/u)));
      continue;
    }
    for (let start = 0, end; start < run.length; start = end) {
      for (end = run.length; end > start + 1 && !known(run.slice(start, end)); end--);
      if (end > start + 1) words.push(run.slice(start, end));
    }
  }
  return words.filter(Boolean);
};
"""


class TwoLanguages(SearchChinese):
    """English and Chinese in one index; jieba cuts the Chinese, and sees nothing else."""

    # Sphinx 9.0 calls the language's stemmer by a name that its script does not have (issue 14229,
    # repaired in 9.2); by the name of the English one all is found.
    language_name = "English"
    js_splitter_code = _CUT

    def __init__(self, options: dict[str, str]):
        super().__init__(options)
        self.stem = functools.cache(self.stem)

    def split(self, text: str) -> list[str]:
        """Cut a text into its words; of a word with a hyphen the parts are words too."""
        chinese = [word for run in _CHINESE.findall(text) for word in cut_for_search(run)]
        other = _OTHER.findall(text)
        other += [part for word in other if "-" in word for part in word.split("-")]
        self.latin_terms.update(other)
        return chinese + other


class Taught(SphinxTransform):
    """The terms that a page teaches, as entries of the index: the search shows these pages first."""

    default_priority = 800  # before Sphinx collects the entries

    def apply(self, **kwargs) -> None:
        """Enter them, without a place on the page."""
        words = self.config.taught.get(self.env.docname, [])
        entries = [
            ("single", word.replace(";", ","), "", "main", "中文" if _CHINESE.match(word) else None)
            for word in words
        ]
        self.document.insert(0, addnodes.index(entries=entries))


def _keep_entries(app, env) -> None:
    """Give the search the entries of pages that did not change, which Sphinx forgets."""
    for page, entries in env.domains.index_domain.entries.items():
        known = {(words, place, main) for _, words, place, main, _ in entries}
        env._search_index_index_entries[page] = sorted(known)


def setup(app) -> dict[str, bool]:
    """Tell Sphinx."""
    languages["zh"] = TwoLanguages
    app.add_config_value("taught", {}, "env", dict)  # the terms of each page
    app.add_transform(Taught)
    app.connect("env-updated", _keep_entries)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
