"""The glossary holds every Chinese term of the notebooks, once, and says where it stands."""

import re
from collections import Counter

import pytest

from crmlib.course import glossary

ROWS, PAGES = glossary.read(), glossary.texts()
HAN = "\u4e00-\u9fff"
# Names of places, feasts, articles, products; headings and phrases of the sources.
NO_TERMS = """
    实践 石斛园 中秋节 春节 双十一 端午节 自然村 拼音 李女士 个人信息保护法 校园展销会
    存量掘金 八个步骤 战略思考十步法 关于优化客户结构方面的建议 商业银行客户结构优化的对策措施
    现实客户 使用者和购买者 中间商 调研方案 诉求文本自动分析 渠道偏好 处置 治标 治本 株数不一致
    铁杆 支柱客户 新苗 休眠客户 购买频率 购买份额 购买意愿 偏好程度 忠诚消费者较少看重价格优惠
    购买所有他们觉得可用的产品 介绍别人来消费 成长初期 成长期 黄金期 衰退期 员工跳槽 双赢
    可追溯至初始来源 抽查 响应力 推荐成交量 地理 社会 心理 消费行为 经济能力不是消费能力
    他行的中高端客户 并不是越复杂越好 提升 爱好喝茶 60后 有车有房 统一指标 自定义的特征 采猎式
    引流商品 利润商品 边缘商品 潜力商品 场景搭配 订货量 稍紧 合理定量供应 顾客回访 小替大代订 合理定量
    明码实价 层层分解落实到每位员工 通报 客户提升潜力方案 部门自己的感觉和管理层的直觉 账本 隐私 诚信
    伦理 标准 流程方案 实训项目 组长 命名 理念 方法 机制 技术 由内而外 由外而内 核心客户维护制度
    互联网业称留存率 客户满意度与忠诚度管理 提升客户忠诚度的技巧 淘宝卖家客户流失和客户维护问题
    属性关键词 写满 个关键字 品牌忠诚可使企业获得竞争优势
    限制 维持发展 鼓励发展 大力发展 区别对待
    客户流失征兆分享 如何进行有效的客户细分 梯次供货总量管理 客户管理策略
"""
NAMES = set(NO_TERMS.split())
NOT_OURS = {  # a second name for an idea, and the course's
    "贴现": "折现",
    "折现期望剩余寿命": "折现期望剩余生命周期",
    "绩效感知": "服务绩效模型",
    "无应答": "无回答",
    "误差范围": "允许误差",
    "利润乘数": "毛利乘数",
    "选择效应": "自选择",
    "检验效力": "检验功效",
    "8D报告": "8D 报告",
    "留出验证": "留出法",
    "有序逻辑回归": "有序 Logit 模型",
    "字符n元组": "字符 n 元语法",
}


def terms():
    return [name for row in ROWS for name in glossary.chinese(row)]


def test_each_term_stands_there_once_and_in_order():
    english = [row["term"] for row in ROWS]
    assert english == sorted(english, key=str.lower)
    assert max(Counter(english).values()) == max(Counter(terms()).values()) == 1


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["term"])
def test_a_term_is_taught_where_the_glossary_says(row):
    assert row["where"], "no notebook holds it"
    assert row["where"].split() == glossary.where(row, PAGES), "python -m crmlib.course.glossary"
    text = " ".join(PAGES[name] for name in row["where"].split()).lower()
    words = re.findall(r"[a-z0-9]{2,}", row["term"].lower())
    assert any(word[:5] in text for word in words), "the notebook calls it otherwise"


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["term"])
def test_a_term_is_spelt_in_pinyin_and_explained_in_a_sentence(row):
    for name, spelt in zip(row["zh"].split(", "), row["pinyin"].split(", "), strict=False):
        if "、" not in name:
            syllables = [
                s for s in re.split(r"[ \-—]+", spelt) if not re.fullmatch(r"[\w]*[A-Z]\w*|k", s)
            ]
            assert len(syllables) == len(re.findall(f"[{HAN}]", name))
    assert re.fullmatch(r"[A-Z80].*[.?]", row["sentence"]) and len(row["sentence"]) < 140
    assert not re.search(f"[{HAN}]", row["sentence"] + row["term"])


@pytest.mark.parametrize("name", PAGES)
def test_every_chinese_term_of_a_notebook_is_in_the_glossary(name):
    known = set(terms()) | {part for term in terms() for part in term.split("、")} | NAMES
    brackets = re.findall(rf"[(（]([^()（）]*[{HAN}][^()（）]*)[)）]", PAGES[name])
    pieces = [p for b in brackets for p in re.findall(rf"[{HAN}][{HAN}—]*", b)]
    whole = " ".join(known)
    assert not [piece for piece in pieces if piece not in known and piece not in whole]


def test_no_name_is_listed_for_nothing():
    everything = " ".join(PAGES.values())
    assert not [name for name in NAMES if name not in everything]


@pytest.mark.parametrize("name", PAGES)
def test_one_idea_has_one_name(name):
    assert not [wrong for wrong in NOT_OURS if wrong in PAGES[name]]
