"""Transaction logs: checked, then reduced to one row per customer.

A *log* has one row per purchase, with the columns ``customer_id, date, amount``; :func:`check_log`
makes one from a table with other names and text in its cells. It may be a pandas frame or any frame
that narwhals reads (Polars, DuckDB relation, PySpark, Ibis...): such a log is reduced in its own
engine, however large, and only the result comes back, as pandas.

Throughout, the purchases of one customer on one day count as one purchase, and a date that knows
its time zone counts as the calendar day in that zone.
"""

from crmlib.logs.files import read_log as read_log
from crmlib.logs.files import write_log as write_log
from crmlib.logs.files import write_table as write_table
from crmlib.logs.profit import order_profit as order_profit
from crmlib.logs.reading import check_log as check_log
from crmlib.logs.summaries import cohorts as cohorts
from crmlib.logs.summaries import gaps as gaps
from crmlib.logs.summaries import holdout as holdout
from crmlib.logs.summaries import rfm as rfm
