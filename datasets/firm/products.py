"""What Shihu Garden sells."""

import numpy as np
import pandas as pd

from .parameters import SEGMENTS

LINES = ("potted", "fresh", "seedlings", "tea", "gift", "care")

# product: (line, Chinese name, English name, list price, unit cost, first sold, popularity)
_PRODUCTS = [
    ("potted", "迷你石斛盆栽", "Mini dendrobium in a pot", 39, 19.5, "2023-01-01", 1.6),
    ("potted", "三年生石斛盆栽", "Three-year dendrobium in a pot", 98, 44, "2023-01-01", 1.4),
    ("potted", "开花石斛盆栽", "Flowering dendrobium in a pot", 128, 61, "2023-01-01", 0.9),
    ("potted", "五年生老桩", "Five-year old stock", 268, 112, "2023-01-01", 0.5),
    ("potted", "附石盆景", "Dendrobium on rock", 398, 171, "2023-03-01", 0.35),
    ("potted", "附木盆景", "Dendrobium on driftwood", 328, 150, "2023-09-01", 0.35),
    ("potted", "智能补光盆", "Pot with grow light", 219, 121, "2025-03-01", 0.4),
    ("fresh", "鲜条 250 克", "Fresh stems 250 g", 88, 46, "2023-01-01", 1.7),
    ("fresh", "鲜条 500 克", "Fresh stems 500 g", 168, 90, "2023-01-01", 1.3),
    ("fresh", "紫皮鲜条 500 克", "Purple-skin fresh stems 500 g", 138, 79, "2023-01-01", 0.6),
    ("fresh", "精选鲜条 1 千克", "Selected fresh stems 1 kg", 358, 183, "2023-01-01", 0.5),
    ("fresh", "鲜榨用短条", "Short stems for juicing", 59, 37, "2023-05-01", 0.7),
    ("seedlings", "一年生种苗 10 株", "One-year seedlings, 10", 32, 13, "2023-01-01", 1.5),
    ("seedlings", "两年生种苗 10 株", "Two-year seedlings, 10", 58, 24, "2023-01-01", 1.2),
    ("seedlings", "组培瓶苗", "Seedlings in a culture flask", 26, 11, "2023-01-01", 0.7),
    ("seedlings", "种苗整盘 100 株", "Tray of 100 seedlings", 260, 108, "2023-02-01", 0.45),
    ("tea", "石斛花茶 20 克", "Dendrobium flower tea 20 g", 49, 17, "2023-01-01", 1.5),
    ("tea", "石斛叶茶 80 克", "Dendrobium leaf tea 80 g", 65, 22, "2023-01-01", 1.3),
    ("tea", "石斛枫斗 50 克", "Dried stems (fengdou) 50 g", 198, 86, "2023-01-01", 0.9),
    ("tea", "石斛洋参茶", "Dendrobium and ginseng tea", 86, 33, "2023-01-01", 0.8),
    ("tea", "石斛原浆 10 瓶", "Dendrobium juice, 10 bottles", 138, 55, "2023-08-01", 0.8),
    ("tea", "石斛菊花茶包", "Dendrobium and chrysanthemum bags", 36, 12, "2023-04-01", 1.2),
    ("tea", "特级枫斗 100 克", "Special-grade dried stems 100 g", 688, 275, "2023-01-01", 0.25),
    ("tea", "冷泡石斛茶", "Cold-brew dendrobium tea", 45, 16, "2025-05-01", 0.9),
    ("gift", "节日礼盒·雅", "Festival box, small", 198, 87, "2023-01-01", 1.2),
    ("gift", "节日礼盒·福", "Festival box, medium", 368, 155, "2023-01-01", 1.1),
    ("gift", "节日礼盒·寿", "Festival box, large", 688, 282, "2023-01-01", 0.6),
    ("gift", "枫斗珍藏礼盒", "Collector's box of dried stems", 1280, 505, "2023-01-01", 0.2),
    ("gift", "盆栽伴手礼", "Potted plant as a small present", 128, 63, "2023-06-01", 0.8),
    ("gift", "企业定制礼盒", "Company present box", 268, 128, "2023-09-01", 0.5),
    ("care", "石斛专用基质 5 升", "Bark substrate 5 l", 28, 15.5, "2023-01-01", 1.3),
    ("care", "缓释肥", "Slow-release fertiliser", 22, 11, "2023-01-01", 1.1),
    ("care", "小喷壶", "Small sprayer", 18, 9.5, "2023-01-01", 1.0),
    ("care", "透气陶盆", "Clay pot with holes", 36, 19, "2023-01-01", 0.8),
    ("care", "温湿度计", "Thermo-hygrometer", 45, 27, "2023-03-01", 0.5),
    ("care", "病虫防治套装", "Pest and rust set", 52, 26, "2023-07-01", 0.6),
]

# what each segment looks for, by line
TASTE = pd.DataFrame(
    {
        "wellness": (0.4, 2.0, 0.1, 3.2, 0.3, 0.1),
        "gift": (0.6, 0.3, 0.05, 0.9, 4.5, 0.05),
        "grower": (2.8, 0.2, 2.4, 0.4, 0.1, 2.4),
        "bargain": (1.2, 1.2, 1.0, 2.0, 0.3, 0.8),
        "trade": (0.3, 3.0, 0.6, 2.6, 0.8, 0.1),
    },
    index=LINES,
).T


def products() -> pd.DataFrame:
    """Write the product table."""
    columns = ["line", "name", "name_en", "list_price", "unit_cost", "launched_on", "popularity"]
    table = pd.DataFrame(_PRODUCTS, columns=columns)
    table["launched_on"] = pd.to_datetime(table.launched_on)
    table.insert(0, "product_id", [f"P{i + 1:02d}" for i in range(len(table))])
    return table


def taste() -> np.ndarray:
    """Weigh each product for each segment (segments x products), popularity included."""
    table = products()
    return TASTE.loc[list(SEGMENTS), table.line].to_numpy() * table.popularity.to_numpy()
