# ruff: noqa: E501  (Chinese characters count double)
"""Surnames, and given names by decade of birth and sex, with their Latin spelling."""

SURNAMES = {
    "王": "Wang", "李": "Li", "张": "Zhang", "刘": "Liu", "陈": "Chen", "杨": "Yang", "黄": "Huang", "赵": "Zhao",
    "吴": "Wu", "周": "Zhou", "徐": "Xu", "孙": "Sun", "马": "Ma", "朱": "Zhu", "胡": "Hu", "郭": "Guo",
    "何": "He", "林": "Lin", "高": "Gao", "罗": "Luo", "郑": "Zheng", "梁": "Liang", "谢": "Xie", "宋": "Song",
    "唐": "Tang", "许": "Xu", "韩": "Han", "冯": "Feng", "沈": "Shen", "章": "Zhang", "汪": "Wang", "程": "Cheng",
}  # fmt: skip
GIVEN = {  # decade of birth: given names of men, of women, the commonest first
    1930: ("德明 国栋 福生 志远 玉山 金生 长贵 文彬 振华 树德 宝山 万福 世昌 永年 正清",
           "秀英 桂英 玉兰 淑珍 秀兰 桂兰 玉珍 凤英 素珍 惠芳 玉英 秀珍 兰英 桂珍 淑英"),
    1950: ("建国 建华 国强 志强 卫国 援朝 德胜 永福 国平 建平 志明 保国 振国 玉明 学文 新民 和平 建中",
           "秀英 桂芳 玉梅 秀珍 建英 淑华 凤珍 丽华 爱珍 玉芳 秀芳 桂荣 玉华 淑芳 素华 惠珍 月英 秀云"),
    1960: ("建军 卫东 国庆 志明 建明 伟民 立新 学军 勇 建国 志强 国华 建新 卫平 永明 海林 志勇 红兵 爱国 建强",
           "丽华 红梅 秀芳 玉华 卫红 爱华 春梅 丽萍 敏 丽 秀梅 建红 桂花 美华 雪梅 秀丽 月华 小红 爱萍 玉红"),
    1970: ("勇 军 伟 斌 海波 志刚 建伟 永强 宏伟 刚 强 辉 海涛 志伟 建勇 平 明 文军 晓东 国辉 卫华 立军",
           "丽 艳 红 芳 燕 海燕 丽娟 晓红 霞 静 敏 丽萍 秀娟 英 萍 晓燕 艳红 春燕 玲 丽君 小燕 文英"),
    1980: ("伟 磊 超 鹏 涛 杰 俊 斌 明 刚 强 飞 波 海峰 晓明 志鹏 俊峰 文涛 宇 亮 洋 建波 云飞 晓龙",
           "静 娟 娜 婷 婷婷 丹 莉 敏 晶 雪 燕 丽丽 晓丽 芳芳 颖 洁 琴 玲玲 文静 晓雯 莹 海霞 倩 蕾"),
    1990: ("俊杰 浩 鑫 帅 凯 文杰 佳伟 晨 志豪 杰 鹏飞 宇 伟豪 嘉伟 俊 文博 天翔 翔 晓峰 家辉 子豪 一鸣 博 泽宇",
           "佳 雪 倩 琳 雨婷 梦婷 佳怡 慧 思琪 欣怡 婷 颖 晓雨 梦洁 佳慧 雅琴 悦 诗雨 琪 晨 雯雯 思雨 梦瑶 嘉欣"),
    2000: ("浩然 宇轩 子轩 浩宇 俊熙 梓豪 博文 宇航 天宇 嘉豪 子涵 俊宇 思远 文轩 泽宇 睿 子豪 明轩 家豪 逸飞",
           "欣怡 梓涵 雨欣 思涵 子涵 诗涵 佳琪 可欣 语嫣 雨萱 佳怡 思雨 梦琪 诗琪 心怡 若曦 雨晴 子萱 静怡 嘉怡"),
}  # fmt: skip
LATIN = {
    "德": "de", "明": "ming", "国": "guo", "栋": "dong", "福": "fu", "生": "sheng", "志": "zhi", "远": "yuan", "玉": "yu", "山": "shan",
    "金": "jin", "长": "chang", "贵": "gui", "文": "wen", "彬": "bin", "振": "zhen", "华": "hua", "树": "shu", "宝": "bao", "万": "wan",
    "世": "shi", "昌": "chang", "永": "yong", "年": "nian", "正": "zheng", "清": "qing", "秀": "xiu", "英": "ying", "桂": "gui", "兰": "lan",
    "淑": "shu", "珍": "zhen", "凤": "feng", "素": "su", "惠": "hui", "芳": "fang", "建": "jian", "强": "qiang", "卫": "wei", "援": "yuan",
    "朝": "chao", "胜": "sheng", "平": "ping", "保": "bao", "学": "xue", "新": "xin", "民": "min", "和": "he", "中": "zhong", "梅": "mei",
    "丽": "li", "爱": "ai", "荣": "rong", "月": "yue", "云": "yun", "军": "jun", "东": "dong", "庆": "qing", "伟": "wei", "立": "li",
    "勇": "yong", "海": "hai", "林": "lin", "红": "hong", "兵": "bing", "春": "chun", "萍": "ping", "敏": "min", "花": "hua", "美": "mei",
    "雪": "xue", "小": "xiao", "斌": "bin", "波": "bo", "刚": "gang", "宏": "hong", "辉": "hui", "涛": "tao", "晓": "xiao", "艳": "yan",
    "燕": "yan", "娟": "juan", "霞": "xia", "静": "jing", "玲": "ling", "君": "jun", "磊": "lei", "超": "chao", "鹏": "peng", "杰": "jie",
    "俊": "jun", "飞": "fei", "峰": "feng", "宇": "yu", "亮": "liang", "洋": "yang", "龙": "long", "娜": "na", "婷": "ting", "丹": "dan",
    "莉": "li", "晶": "jing", "颖": "ying", "洁": "jie", "琴": "qin", "雯": "wen", "莹": "ying", "倩": "qian", "蕾": "lei", "浩": "hao",
    "鑫": "xin", "帅": "shuai", "凯": "kai", "佳": "jia", "晨": "chen", "豪": "hao", "嘉": "jia", "博": "bo", "天": "tian", "翔": "xiang",
    "家": "jia", "子": "zi", "一": "yi", "鸣": "ming", "泽": "ze", "琳": "lin", "雨": "yu", "梦": "meng", "怡": "yi", "慧": "hui",
    "思": "si", "琪": "qi", "欣": "xin", "雅": "ya", "悦": "yue", "诗": "shi", "瑶": "yao", "然": "ran", "轩": "xuan", "熙": "xi",
    "梓": "zi", "航": "hang", "涵": "han", "睿": "rui", "逸": "yi", "可": "ke", "语": "yu", "嫣": "yan", "萱": "xuan", "心": "xin",
    "若": "ruo", "曦": "xi", "晴": "qing",
}  # fmt: skip
SOUNDS_LIKE = {
    "静": "婧", "丽": "莉", "明": "铭", "英": "瑛", "华": "桦", "文": "雯", "辉": "晖", "云": "芸", "佳": "嘉",
    "琳": "林", "晨": "辰", "敏": "闵", "伟": "炜", "杰": "洁", "娟": "鹃", "建": "健", "志": "智", "红": "虹",
    "军": "钧", "婷": "亭", "秀": "绣", "玉": "钰", "珍": "真", "梅": "玫", "涵": "晗", "轩": "萱", "怡": "宜",
    "俊": "骏", "浩": "皓", "鹏": "朋", "涛": "滔", "欣": "心", "芳": "方", "博": "勃", "宇": "雨", "强": "墙",
}  # fmt: skip


def given_names(born: int, sex: str) -> list[str]:
    """List the given names of those born in a year, the commonest first."""
    decade = max(d for d in GIVEN if d <= born)
    men, women = GIVEN[decade]
    return (men if sex == "M" else women).split()
