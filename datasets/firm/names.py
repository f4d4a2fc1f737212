# ruff: noqa: E501  (Chinese characters count double)
"""Characters of which names are made up by combination, with their Latin spelling."""

SURNAMES = {
    "王": "Wang", "李": "Li", "张": "Zhang", "刘": "Liu", "陈": "Chen", "杨": "Yang", "黄": "Huang", "赵": "Zhao",
    "吴": "Wu", "周": "Zhou", "徐": "Xu", "孙": "Sun", "马": "Ma", "朱": "Zhu", "胡": "Hu", "郭": "Guo",
    "何": "He", "林": "Lin", "高": "Gao", "罗": "Luo", "郑": "Zheng", "梁": "Liang", "谢": "Xie", "宋": "Song",
    "唐": "Tang", "许": "Xu", "韩": "Han", "冯": "Feng", "沈": "Shen", "章": "Zhang", "汪": "Wang", "程": "Cheng",
}  # fmt: skip
GIVEN = {
    "伟": "wei", "芳": "fang", "娜": "na", "敏": "min", "静": "jing", "丽": "li", "强": "qiang", "磊": "lei",
    "洋": "yang", "艳": "yan", "勇": "yong", "军": "jun", "杰": "jie", "娟": "juan", "涛": "tao", "明": "ming",
    "超": "chao", "霞": "xia", "平": "ping", "刚": "gang", "玉": "yu", "桂": "gui", "英": "ying", "华": "hua",
    "建": "jian", "文": "wen", "辉": "hui", "力": "li", "云": "yun", "莲": "lian", "真": "zhen", "环": "huan",
    "雪": "xue", "荣": "rong", "佳": "jia", "宁": "ning", "琳": "lin", "晨": "chen", "子": "zi", "涵": "han",
}  # fmt: skip
SOUNDS_LIKE = {
    "静": "婧", "丽": "莉", "明": "铭", "英": "瑛", "华": "桦", "文": "雯", "辉": "晖", "云": "芸", "佳": "嘉",
    "琳": "林", "晨": "辰", "敏": "闵", "伟": "炜", "杰": "洁", "娟": "鹃", "建": "健", "强": "蔷", "张": "章",
}  # fmt: skip
