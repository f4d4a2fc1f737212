"""Transaction logs: checked, then reduced to one row per customer.

A *log* has one row per purchase, with the columns ``customer_id, date, amount``; :func:`check_log`
makes one from a table with other names and text in its cells. It may be a pandas frame or any frame
that narwhals reads (Polars, DuckDB relation, PySpark, Ibis...): such a log is reduced in its own
engine, however large, and only the result comes back, as pandas.

Throughout, the purchases of one customer on one day count as one purchase, and a date that knows
its time zone counts as the calendar day in that zone.
"""

from crmlib.logs.files import read_log, write_log, write_table
from crmlib.logs.profit import order_profit
from crmlib.logs.reading import check_log
from crmlib.logs.summaries import cohorts, gaps, holdout, rfm

__all__ = [
    "check_log",
    "cohorts",
    "gaps",
    "holdout",
    "order_profit",
    "read_log",
    "rfm",
    "write_log",
    "write_table",
]
