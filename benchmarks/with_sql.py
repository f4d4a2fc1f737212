"""The summary and the stages as an expert writes them in SQL for DuckDB, in the course's environment."""

from functools import partial

import duckdb
import numpy as np
from measure import log_table, main, totals

# Two group-bys and no join back to the log: the fastest of the forms tried.
SUMMARY = """
with days as (
    select customer_id, date::date as day, sum(amount) as amount
    from log
    group by all
), customers as (
    select
        customer_id,
        count(*) - 1 as frequency,
        min(day) as first,
        max(day) as last,
        sum(amount) - arg_min(amount, day) as repeat_amount
    from days
    group by customer_id
)
select
    customer_id,
    frequency,
    (last - first) / 7 as t_x,
    ((select max(day) from days) - first) / 7 as T,
    ((select max(day) from days) - last) / 7 as recency,
    case when frequency > 0 then repeat_amount / frequency end as monetary
from customers
order by customer_id
"""

# Of two rules that hold the later one wins; "client" is 3 orders within a year.
RULES = {
    "prospect": {"kind": "visit"},
    "customer": {"kind": "order"},
    "client": {"kind": "order", "at_least": 3, "within_days": 365},
}
STAGES = """
select
    customer_id,
    case
        when count(*) filter (kind = 'order' and date >= date '{day}' - 365) >= 3 then 2
        when count(*) filter (kind = 'order') >= 1 then 1
        when count(*) filter (kind = 'visit') >= 1 then 0
        else -1
    end as stage
from log
where date <= date '{day}'
group by customer_id
order by customer_id
"""


def relation(arrays, *, text=False):
    """Put the log into an in-memory DuckDB table, with DuckDB's default number of threads."""
    return _relation(log_table(arrays, text=text))


def _relation(table):
    connection = duckdb.connect()
    connection.register("given", table)
    connection.execute("create table log as select * from given")
    connection.unregister("given")
    return connection.table("log")


def events(arrays):
    """Make events of a log in a DuckDB table, every third an order, and the day they are seen on."""
    log = log_table(arrays)
    kind = np.where(np.arange(len(log)) % 3, "visit", "order")
    table = log.assign(kind=kind, date=log["date"].dt.date)[["customer_id", "date", "kind"]]
    day = log["date"].quantile(0.9).strftime("%Y-%m-%d")
    return _relation(table), day


def stages(arrays):
    """Count the customers at each stage by SQL, the stage of each fetched as pandas."""
    log, day = events(arrays)

    def work():
        return log.query("log", STAGES.format(day=day)).df().set_index("customer_id")["stage"]

    def answer(stage):
        return {"numbers": stage.value_counts().reindex(range(3), fill_value=0).tolist()}

    return work, answer


def rfm(arrays, *, text=False):
    """Reduce the log by SQL and fetch the result as pandas."""
    log = relation(arrays, text=text)

    def work():
        return log.query("log", SUMMARY).df().set_index("customer_id")

    return work, lambda table: totals(table[["frequency", "t_x", "T", "monetary"]])


TASKS = {"rfm DuckDB": rfm, "rfm DuckDB text": partial(rfm, text=True), "stages": stages}

if __name__ == "__main__":
    main(TASKS)
