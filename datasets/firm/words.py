# ruff: noqa: E501  (Chinese characters count double)
"""The words of the help line: a small grammar of Chinese requests, each with an English gloss.

A typed text is made of an opening, a core on its topic, sometimes a second core, and a closing; a
request by phone is the agent's note of it. Topics share many words (yellow leaves are asked about,
complained of and blamed on the parcel), so that counting words cannot settle everything.
"""

from typing import NamedTuple

# how the product lines are called in a request: Chinese, English, and what can be said of it;
# "mine" marks a name that only an owner uses ("that pot"), unfit to ask whether there is any
PRODUCTS = {
    "potted": [("盆栽", "potted plant", "grown pot budding"), ("石斛盆栽", "potted dendrobium", "grown pot budding"),
               ("那盆石斛", "dendrobium I bought", "grown pot budding mine"),
               ("开花的那盆", "flowering pot", "grown pot flowering mine"),
               ("盆景", "dendrobium on rock", "grown mounted"), ("老桩", "old stock", "grown pot old")],
    "fresh": [("鲜条", "fresh stems", "stems green"), ("石斛鲜条", "fresh dendrobium stems", "stems green"),
              ("紫皮鲜条", "purple-skin stems", "stems"), ("鲜石斛", "fresh dendrobium", "stems green")],
    "seedlings": [("种苗", "seedlings", "young"), ("石斛苗", "dendrobium seedlings", "young"),
                  ("小苗", "small seedlings", "young"), ("瓶苗", "flask seedlings", "flask"),
                  ("那盘苗", "tray of seedlings", "young mine")],
    "tea": [("花茶", "flower tea", "tea"), ("枫斗", "dried stems", "dried"), ("石斛茶", "dendrobium tea", "tea blend"),
            ("叶茶", "leaf tea", "tea"), ("原浆", "dendrobium juice", "juice"), ("洋参茶", "ginseng tea", "tea blend")],
    "gift": [("礼盒", "present box", "box"), ("节日礼盒", "festival box", "box"),
             ("枫斗礼盒", "box of dried stems", "box"), ("送人的礼盒", "box for a present", "box mine")],
    "care": [("基质", "substrate", "goods bag"), ("缓释肥", "fertiliser", "goods bag"),
             ("小喷壶", "sprayer", "goods sprayer"), ("陶盆", "clay pot", "goods clay")],
}  # fmt: skip

# pain point: (product line, topic, short description, severity 1-5, remedy, owner, yuan a year)
ISSUES = {
    "I01": ("potted", "quality", "fewer plants in the pot than promised", 3, "count at packing", "greenhouse", 9000),
    "I02": ("potted", "quality", "plant looks unlike its photo", 3, "photograph every batch", "web shop", 12000),
    "I03": ("potted", "quality", "rust spots on leaves", 4, "", "greenhouse", 0),
    "I04": ("potted", "damage", "pot broken in the parcel", 4, "inner frame in the box", "packing", 26000),
    "I05": ("potted", "damage", "substrate spilled in the parcel", 2, "net over the pot", "packing", 6000),
    "I06": ("potted", "care", "no care leaflet with the plant", 2, "leaflet with a code", "marketing", 4000),
    "I07": ("potted", "quality", "insects in the substrate", 4, "", "greenhouse", 0),
    "I08": ("potted", "quality", "buds fall soon after arrival", 3, "", "greenhouse", 0),
    "I09": ("fresh", "quality", "stems are fibrous", 3, "", "greenhouse", 0),
    "I10": ("fresh", "damage", "stems arrive dry and shrivelled", 5, "moisture bag and ice", "packing", 38000),
    "I11": ("fresh", "quality", "weight is short", 5, "weigh again before closing", "packing", 8000),
    "I12": ("fresh", "quality", "stems of uneven length", 2, "", "greenhouse", 0),
    "I13": ("fresh", "damage", "stems mouldy in the bag", 5, "", "packing", 0),
    "I14": ("fresh", "stock", "out of season without notice", 2, "calendar on the product page", "web shop", 3000),
    "I15": ("fresh", "quality", "purple and green stems mixed up", 3, "separate shelves", "packing", 2500),
    "I16": ("fresh", "quality", "cheap-looking bag", 1, "", "marketing", 0),
    "I17": ("seedlings", "quality", "seedlings of uneven size", 3, "grade before packing", "greenhouse", 7000),
    "I18": ("seedlings", "care", "no planting instructions", 3, "leaflet with a code", "marketing", 4000),
    "I19": ("seedlings", "damage", "seedlings crushed", 4, "", "packing", 0),
    "I20": ("seedlings", "quality", "many seedlings die in a week", 5, "", "greenhouse", 0),
    "I21": ("seedlings", "quality", "variety is not the one ordered", 4, "label every tray", "greenhouse", 5000),
    "I22": ("tea", "quality", "tastes of ginseng, not of dendrobium", 2, "", "kitchen", 0),
    "I23": ("tea", "quality", "tea dust and stems in the tin", 3, "", "kitchen", 0),
    "I24": ("tea", "damage", "tin dented", 2, "padding", "packing", 5000),
    "I25": ("gift", "quality", "price slip left in the present", 4, "check list at packing", "packing", 1500),
    "I26": ("gift", "delivery", "present arrived after the holiday", 5, "last order date on the page", "web shop", 2000),
    "I27": ("gift", "quality", "a piece is missing from the box", 4, "weigh the packed box", "packing", 3000),
    "I28": ("tea", "quality", "looks like last year's stock", 3, "", "kitchen", 0),
    "I29": ("gift", "damage", "corners of the box crushed", 3, "outer carton", "packing", 11000),
    "I30": ("", "delivery", "parcel does not move for days", 4, "second carrier", "web shop", 30000),
    "I31": ("", "counter", "long wait at the counter", 4, "second desk at peak hours", "shop", 90000),
    "I32": ("", "counter", "unfriendly or ill-informed staff", 4, "training", "shop", 15000),
    "I33": ("", "refund", "refund takes weeks", 4, "refund on scan of the parcel", "finance", 8000),
    "I34": ("", "price", "coupon refused without a reason", 3, "plain terms", "marketing", 1000),
    "I35": ("", "authenticity", "imitation sold in a live stream", 5, "", "marketing", 0),
}  # fmt: skip


class Core(NamedTuple):
    """What is said: a question if it ends in a question mark, which the writer may leave out."""

    issue: str  # the pain point, or "" for none
    zh: str  # {p} is the product
    en: str
    fits: str = ""  # what it can be said of (one of these words must mark the product); "" all
    season: tuple = ()  # (first, last) month-days in which it can be said; () all year
    wanted: bool = False  # about something not bought yet: no name that only an owner uses

    @property
    def asks(self) -> bool:
        """Say whether it is a question."""
        return self.zh.endswith("？")

    def said_on(self, month_day: str) -> bool:
        """Say whether it can be said on a day ("11-05")."""
        return not self.season or any(a <= month_day <= b for a, b in self.season)

    def names(self, line: str) -> list:
        """List the product's names (Chinese, English) of a line of which it can be said."""
        return [
            (zh, en) for zh, en, marks in PRODUCTS[line]
            if (not self.fits or set(self.fits.split()) & set(marks.split()))
            and not (self.wanted and "mine" in marks)
        ]  # fmt: skip


_WINTER = (("10-15", "12-31"), ("01-01", "02-28"))
_HOT = (("05-15", "09-20"),)
_HOLIDAYS = (("01-10", "02-25"), ("09-05", "10-20"))
_BEFORE_11_11 = (("11-01", "11-11"),)
_TO_EAT = "stems tea dried juice"
_ALIVE = "grown young flask"

# topic: what is said about it; the order sets how often (see helpline)
CORES = {
    "care": [
        Core("", "{p}叶子发黄了，是不是水浇多了？", "the leaves of my {p} turn yellow; did I water too much", "grown young"),
        Core("", "{p}多久浇一次水合适？", "how often should I water the {p}", "grown young"),
        Core("", "{p}放在朝北的阳台可以吗，光够不够？", "is a north balcony bright enough for the {p}", "grown young"),
        Core("", "冬天{p}要不要搬进屋里？", "should the {p} come indoors in winter", "grown young", _WINTER),
        Core("", "{p}根露在外面，要不要换盆，用什么基质？", "roots of my {p} show; repot, and in what substrate", "pot"),
        Core("", "{p}长了新芽，现在能施肥吗？", "new shoots on my {p}; may I feed it now", "grown young"),
        Core("", "{p}叶子上有黑点，要打什么药？", "black spots on the {p}; what should I spray", "grown young"),
        Core("", "{p}一直不开花怎么办？", "my {p} never flowers; what can I do", "budding old mounted"),
        Core("", "出差半个月{p}没人浇水，会不会死？", "away for two weeks; will the {p} die without water", "grown young"),
        Core("", "{p}底下的老叶子掉光了，正常吗？", "all old leaves of the {p} dropped; is it normal", "grown"),
        Core("I06", "{p}里面没有养护说明，不知道怎么养", "no care leaflet in the {p}; I do not know what to do", "grown"),
        Core("I18", "{p}没有种植说明书，第一步做什么？", "no planting instructions with the {p}; where do I start", "young flask"),
        Core("", "{p}什么时候可以出瓶，用什么基质？", "when can the {p} leave the flask, and into what substrate", "flask"),
    ],
    "usage": [
        Core("", "{p}怎么吃效果好，要煮多久？", "how should I take the {p}, and how long to boil it", "stems dried"),
        Core("", "孕妇能吃{p}吗？", "may pregnant women eat the {p}", "stems dried"),
        Core("", "{p}一天泡几克合适？", "how many grams of {p} a day", "tea dried"),
        Core("", "{p}可以和枸杞一起泡水吗？", "may I steep the {p} with goji berries", "tea dried"),
        Core("", "{p}放冰箱能存多久？", "how long does the {p} keep in the fridge", "stems juice"),
        Core("", "血糖高的老人能喝{p}吗？", "may old people with high blood sugar drink the {p}", "tea juice"),
        Core("", "{p}榨汁要不要去皮？", "should I peel the {p} before juicing", "stems"),
        Core("", "{p}过了保质期一个月，还能喝吗？", "the {p} is a month past its date; can I drink it", "tea juice"),
        Core("", "{p}泡出来颜色偏黄，正常吗？", "the {p} brews yellowish; is that normal", "tea dried"),
        Core("", "小孩上火能不能喝一点{p}？", "may a child drink a little {p}", "tea juice"),
        Core("", "孕妇能喝{p}吗？", "may pregnant women drink the {p}", "tea juice"),
    ],
    "delivery": [
        Core("I30", "{p}的快递三天没动了，帮忙催一下", "the parcel with my {p} has not moved for three days; please push"),
        Core("I30", "下单五天了，{p}还没发货", "ordered the {p} five days ago, still not sent"),
        Core("I30", "物流显示在中转站，{p}到底什么时候到？", "tracking says transit hub; when does the {p} come"),
        Core("I26", "{p}过完节才到，送不出去了", "the {p} came after the holiday; too late to give", "box", _HOLIDAYS),
        Core("I26", "说好节前到的{p}，现在还在路上", "the {p} promised before the holiday is still on its way", "box", _HOLIDAYS),
        Core("", "{p}那一单能不能改一下收货地址？", "can I change the address for the {p}"),
        Core("", "{p}发的什么快递，能送到乡下吗？", "which carrier brings the {p}; does it reach villages"),
        Core("", "显示签收了，但是我没收到{p}", "marked as delivered but I have no {p}"),
        Core("", "快递放驿站没通知我，{p}会不会坏？", "left at the pick-up point without notice; will the {p} spoil", "stems " + _ALIVE),
        Core("", "{p}怕闷坏，周末送货吗？", "the {p} may suffer in the box; do you deliver at weekends", "stems " + _ALIVE),
    ],
    "damage": [
        Core("I04", "{p}收到的时候盆碎了", "the pot of the {p} was broken on arrival", "pot"),
        Core("I05", "{p}打开箱子，基质撒得到处都是", "substrate of the {p} all over the box", "pot"),
        Core("I10", "{p}收到都干瘪了，一点水分没有", "the {p} arrived shrivelled and dry", "stems"),
        Core("I10", "{p}路上失水，蔫得不行，叶子发黄", "the {p} lost water on the way, limp and yellow", "stems"),
        Core("I13", "{p}袋子里有霉味，有几根发霉了", "the bag of {p} smells mouldy, some have mould", "stems"),
        Core("I19", "{p}压坏了一半，快递箱都扁了", "half of the {p} crushed, the box is flat", "young flask"),
        Core("I24", "{p}罐子压瘪了，还怎么送人", "tin of {p} dented; how can I give it away", "tea dried"),
        Core("I04", "{p}断了两根，包装太差", "two stems of the {p} broken, poor packing", "grown"),
        Core("I29", "{p}边角磕坏了，没法送人", "corners of the {p} crushed; I cannot give it away", "box"),
        Core("I10", "天这么热，{p}没放冰袋，收到都软了", "so hot and no ice with the {p}; all soft", "stems", _HOT),
        Core("I13", "{p}闷在箱子里三天，烂了好几根", "three days in the box, several of the {p} rotten", "stems"),
        Core("", "{p}收到就是破的，快递箱都瘪了", "the {p} was broken on arrival, the box is flat", "goods"),
        Core("", "{p}碎了两瓶，箱子里全湿了", "two bottles of {p} broken, the whole box wet", "juice"),
    ],
    "quality": [
        Core("I01", "{p}说好三株的，我数了只有两株", "three plants promised for the {p}, I count two", "budding flowering"),
        Core("I02", "{p}和图片差太多了，看着很小", "the {p} looks nothing like the photo, so small", "grown"),
        Core("I03", "{p}叶子上有锈斑，刚收到就这样", "rust spots on the {p} from the day it came", "grown"),
        Core("I07", "{p}的土里有小飞虫", "small flies in the substrate of the {p}", "pot"),
        Core("I08", "{p}花苞到家两天全掉了", "all buds of the {p} dropped in two days", "budding flowering"),
        Core("I09", "{p}纤维太多，嚼不动", "the {p} is all fibre, cannot chew it", "stems"),
        Core("I11", "{p}称了一下少了三十克", "weighed the {p}: thirty grams short", "stems"),
        Core("I11", "{p}分量不够，怎么解决？", "the {p} is underweight; what will you do", "stems"),
        Core("I12", "{p}长的长短的短，不像精选的", "the {p} long and short mixed, hardly selected", "stems"),
        Core("I15", "{p}里混了紫皮的，不是我买的那种", "purple ones mixed into the {p}; not what I bought", "green"),
        Core("I16", "{p}包装袋太简陋，显得低档", "the bag of the {p} looks cheap", "stems"),
        Core("I17", "{p}大小不均匀，有的特别弱", "the {p} uneven, some very weak", "young flask"),
        Core("I20", "{p}种下去一个星期死了一半", "half of the {p} dead within a week", "young"),
        Core("I21", "{p}品种不对，叶子形状不一样", "the {p} is another variety, different leaves", "young"),
        Core("I22", "{p}药味太重，喝不出石斛的味道", "the {p} tastes of medicine, not of dendrobium", "blend"),
        Core("I23", "{p}里面碎末很多，还有梗", "much dust and stalk in the {p}", "tea"),
        Core("I25", "{p}里夹着价格单，送人太尴尬了", "price slip inside the {p}; so embarrassing", "box"),
        Core("I27", "{p}里少了一样，清单上明明有", "something is missing from the {p}, though it is on the list", "box"),
        Core("I28", "{p}颜色发暗，像去年的陈货", "the {p} is dull, like last year's stock", "tea dried"),
        Core("I27", "{p}打开一看少一罐", "opened the {p}, one tin is missing", "box"),
        Core("I03", "{p}叶子发黄有斑点，是不是有病？", "yellow spotted leaves on the {p}; is it diseased", "grown"),
        Core("", "{p}和描述的不一样，质量一般", "the {p} is not as described, of poor quality", "goods"),
        Core("", "{p}用了两次就喷不出水了", "the {p} stopped spraying after two uses", "sprayer"),
        Core("", "{p}开袋有股怪味", "an odd smell from the bag of {p}", "bag"),
    ],
    "price": [
        Core("I34", "优惠券用不了，提示不满足条件，{p}明明够了", "coupon refused for the {p} though the sum is reached", "", (), True),
        Core("", "{p}昨天买的今天就降价，能补差价吗？", "bought the {p} yesterday, cheaper today; refund the gap"),
        Core("", "双十一{p}有活动吗？", "any offer on the {p} on 11.11", "", _BEFORE_11_11, True),
        Core("", "{p}怎么又涨价了，比别家贵", "the {p} is dearer again, others are cheaper", "", (), True),
        Core("", "{p}买多了有没有批发价？", "is there a wholesale price for more {p}", "", (), True),
        Core("", "网店和门店{p}价格不一样", "the {p} costs differently in shop and web shop", "", (), True),
        Core("I34", "{p}算下来没便宜，会员价和优惠券不能叠加吗？", "the {p} comes no cheaper; can member price and coupon not be combined"),
        Core("", "买{p}满多少包邮？", "from what sum is the {p} sent free", "", (), True),
        Core("", "{p}最近有活动吗？", "any offer on the {p} these days", "", (), True),
    ],
    "points": [
        Core("", "积分怎么少了，是过期了吗？", "why are my points fewer; did they expire"),
        Core("", "积分能换{p}吗？", "can I swap points for the {p}", "", (), True),
        Core("", "买{p}的积分没有到账", "points for the {p} did not arrive"),
        Core("", "我的会员等级怎么掉了？", "why did my tier drop"),
        Core("", "换了手机号，会员卡怎么转？", "new phone number; how do I move my membership"),
        Core("", "推荐朋友买{p}，奖励什么时候给？", "a friend bought the {p} through me; when is the reward", "", (), True),
        Core("", "生日有没有会员礼？", "is there a birthday gift for members"),
        Core("", "门店说查不到我的会员，积分用不了", "the shop cannot find my membership; points unusable"),
    ],
    "invoice": [
        Core("", "{p}的发票怎么开，能开公司抬头吗？", "how do I get an invoice for the {p}; can it name a company"),
        Core("", "发票金额不对，少了运费", "the invoice is wrong, delivery is missing"),
        Core("", "付款两次了，{p}只下了一单", "paid twice for one order of {p}"),
        Core("", "微信付款失败但是扣钱了", "WeChat payment failed but money is gone"),
        Core("", "电子发票没收到，邮箱写错了", "no e-invoice; my e-mail had a mistake"),
        Core("", "买{p}可以对公转账吗？", "may a company pay for the {p} by transfer", "", (), True),
    ],
    "refund": [
        Core("I33", "{p}退货寄回去十天了，钱还没退", "returned the {p} ten days ago, no money yet"),
        Core("I33", "退款一直显示处理中，{p}寄回去早该收到了", "refund pending for ages, the {p} must have arrived long since"),
        Core("", "{p}不想要了，没拆封能退吗？", "no longer want the {p}, unopened; can I return it", "tea dried juice box goods"),
        Core("", "{p}退货运费谁出？", "who pays for returning the {p}"),
        Core("", "补差价也行，{p}可以换成别的吗？", "can I swap the {p}, and pay the difference"),
        Core("", "{p}坏了一部分，能只退一半的钱吗？", "part of the {p} is bad; refund half"),
        Core("", "取消订单，{p}还没发货", "cancel my order of {p}, not sent yet"),
    ],
    "counter": [
        Core("I31", "门店排队等了四十分钟，只开一个窗口", "forty minutes in the queue, one desk open"),
        Core("I31", "取个号前面二十个人，没有人管", "twenty people before me and nobody cares"),
        Core("I32", "问{p}怎么选，店员说不清，态度也不好", "staff could not explain how to choose the {p} and were rude", "", (), True),
        Core("I32", "问{p}的价格，店员爱理不理", "asked the price of the {p}, staff hardly answered", "", (), True),
        Core("I31", "等太久了，{p}没买成就走了", "waited too long, left without the {p}", "", (), True),
        Core("", "西湖店周末几点人少？", "when is the West Lake shop quiet at weekends"),
        Core("", "换盆服务要预约吗？", "do I need an appointment for repotting", "grown"),
        Core("", "门店可以自提网上买的{p}吗？", "can I pick up the {p} bought online", "", (), True),
    ],
    "subscription": [
        Core("", "没找到按钮，养护套餐怎么取消？", "found no button; how do I cancel the care plan"),
        Core("", "每月的{p}能暂停一个月吗？", "can I pause the monthly {p} for a month", "tea stems"),
        Core("", "没有续订{p}，怎么又扣款了？", "charged again for the {p} though I did not renew", "tea stems"),
        Core("", "试用的第二份{p}到期会自动收费吗？", "will the trial {p} be charged when it ends", "tea stems"),
        Core("", "订阅的{p}这个月还没寄", "this month's subscribed {p} has not been sent", "tea stems"),
        Core("", "想把每月的{p}换成别的口味", "I want another flavour of the monthly {p}", "tea"),
        Core("", "套餐里的远程养护指导怎么约？", "how do I book the remote advice in the plan"),
    ],
    "stock": [
        Core("I14", "{p}怎么一直缺货，也没通知", "the {p} is always out of stock, without notice", "stems"),
        Core("", "{p}什么时候有货？", "when is the {p} back", "", (), True),
        Core("", "现在这个季节有{p}吗？", "is the {p} in season now", "stems " + _ALIVE, (), True),
        Core("I14", "去年还买过{p}，下架了吗？", "I bought the {p} last year; is it gone", "stems"),
        Core("", "要五十份{p}，什么时候能备齐？", "I need fifty of the {p}; when can you have them", _TO_EAT + " box", (), True),
        Core("", "{p}能预订吗？", "can I reserve the {p}", "", (), True),
    ],
    "praise": [
        Core("", "{p}收到了，比想象的好", "the {p} came and is better than I thought"),
        Core("", "客服很耐心，{p}救活了", "your staff was patient and my {p} recovered", "grown young"),
        Core("", "{p}喝了半年，嗓子舒服多了，会推荐给朋友", "half a year of {p}, throat better, will tell friends", "tea dried juice"),
        Core("", "换盆的师傅很专业", "the repotting master knows his craft", "grown"),
        Core("", "{p}包装用心，爸妈很喜欢", "the {p} nicely packed, my parents love it", _TO_EAT + " box grown"),
        Core("", "{p}补发得很快，满意", "the replacement {p} came fast, satisfied"),
    ],
    "authenticity": [
        Core("I35", "直播间买的{p}价格低一半，是你们家的吗？", "the {p} from the live stream was half the price; is it yours", "", (), True),
        Core("I35", "主播说是石斛园授权，{p}味道完全不一样", "the streamer claims your licence, but the {p} tastes different", _TO_EAT),
        Core("I35", "{p}扫码查不到，是不是假货？", "the code on the {p} is unknown; is it a fake"),
        Core("I35", "怀疑买到仿冒的{p}，怎么鉴别？", "I suspect imitation {p}; how can I tell", "", (), True),
        Core("I35", "有人冒充你们在直播卖{p}", "someone poses as you selling {p} live", "", (), True),
        Core("I35", "{p}防伪码刮开是别人查过的", "the code on the {p} was already used"),
    ],
}  # fmt: skip
# what is meant when no topic can be told; by phone, the agent could not tell either
VAGUE = [
    Core("", "怎么回事？", "what is going on"), Core("", "还没解决", "still not solved"),
    Core("", "上次说的那个怎么样了？", "what about that matter"), Core("", "有人吗？", "is anybody there"),
    Core("", "图片发你了，看看", "sent a photo, look"), Core("", "这个怎么弄？", "how does this work"),
    Core("", "没人回我", "nobody answers me"), Core("", "{p}的事，回个电话", "about the {p}, call me back"),
    Core("", "{p}有问题", "a problem with the {p}"), Core("", "问一下{p}", "a question about the {p}"),
]  # fmt: skip
VAGUE_NOTES = [
    Core("", "{p}的事没说清，请回电", "about the {p}, unclear; please call back"),
    Core("", "{p}有问题，没说完断线了", "a problem with the {p}; the line broke off"),
    Core("", "上次的事还没解决", "the last matter is still not solved"),
    Core("", "想找上次的客服，没说什么事", "wants the agent of last time, did not say why"),
]  # fmt: skip
THING, THIS = ("东西", "item"), ("这个", "item")  # the product not named

GREETINGS = [
    ("", ""), ("", ""), ("", ""), ("你好，", "Hello, "), ("您好，", "Good day, "), ("在吗，", "Anyone there? "),
    ("客服你好，", "Hello staff, "),
]  # fmt: skip
ASKING = [
    ("请问", "May I ask: "),
    ("麻烦问一下，", "A question, please: "),
]  # before questions only
OLD_CUSTOMER = ("老客户了，", "I am an old customer: ")
BOUGHT = {  # before what is said of a thing bought, where it is true
    "first": ("第一次买，", "First purchase: "), "week": ("上周买的，", "Bought last week: "),
    "shop": ("在门店买的，", "Bought in the shop: "), "11.11": ("双十一买的，", "Bought on 11.11: "),
    "mother": ("给我妈买的，", "Bought for my mother: "),
}  # fmt: skip
NOTES = {  # how an agent begins to note a call
    "asks": [("客户来电咨询，", "Caller asks: "), ("来电咨询：", "Call, question: "), ("客户来电问，", "Caller asks: ")],
    "says": [("客户来电反映，", "Caller reports: "), ("来电反映：", "Call, report: "), ("客户来电说，", "Caller says: ")],
    "praises": [("客户来电感谢，", "Caller thanks: "), ("客户来电表扬，", "Caller praises: ")],
}  # fmt: skip
THIRD_PERSON = (
    ("你们", "我们"),
    ("我的", "客户的"),
    ("我数", "客户数"),
    ("我没", "客户没"),
    ("我买", "客户买"),
    ("通知我", "通知客户"),
)

ANGRY = [
    ("，太让人失望了", ". Very disappointing"), ("，再也不买了", ". Never again"), ("！！", "!!"),
    ("，你们怎么做生意的", ". What kind of business is this"), ("，不解决我就投诉", ". Solve it or I complain"),
    ("，打了三次电话没人接", ". Called three times, no answer"), ("，必须给个说法", ". I want an explanation"),
]  # fmt: skip
IMPATIENT = [  # after a question
    ("，打了三次电话没人接", ". Called three times, no answer"), ("，问了几遍都没人回", ". Asked several times, no answer"),
    ("，赶紧回复", ". Answer at once"), ("，到底有没有人管", ". Does anybody care"),
]  # fmt: skip
SUCH_MONEY = ("，一百多块就这样？", ". Over a hundred yuan for this?")
CALM = [
    ("", ""),
    ("", ""),
    ("，谢谢", ". Thank you"),
    ("，麻烦看一下", ". Please have a look"),
    ("，急", ". Urgent"),
    ("，等回复", ". Waiting for your answer"),
]
CALM_COMPLAINT = [("，怎么处理", ". What can be done"), ("，希望改进", ". Please improve")]
PHOTO = ("，图片发了", ". Photo sent")
QUESTION_MARK = ("？", "?")
PARTICLE = ("呢", "")  # after a question with a question word, never after 吗
QUESTION_WORDS = ("怎么", "什么", "多久", "多少", "几", "谁")
WARM = [
    ("", ""),
    ("，辛苦了", ". Thanks for your work"),
    ("，会再来", ". Will come again"),
    ("！", "!"),
    ("，五星", ". Five stars"),
]
NOTED = {
    "angry": [("，客户很不满意", ". Caller very displeased"), ("，客户要求给个说法", ". Caller wants an explanation"),
              ("，客户称不解决就投诉", ". Caller threatens to complain"), ("，情绪激动", ". Caller upset")],
    "calm": [("", ""), ("", ""), ("，请跟进", ". Please follow up"), ("，已登记", ". Noted"), ("，待回复", ". To be answered"), ("，请回电", ". Please call back")],
    "warm": [("", ""), ("，已转告同事", ". Passed on to colleagues"), ("，说会再来", ". Will come again")],
}  # fmt: skip
LINKS = {  # between two things said; "asks" and "says" by what follows
    "asks": [("，还有", "; also "), ("。另外，", ". Besides, "), ("，顺便问下，", "; by the way, ")],
    "says": [("，还有", "; also "), ("。另外，", ". Besides, ")],
}  # fmt: skip

AND = ("，而且", "; and ")  # between two complaints

# characters people mistype, and what comes out
TYPOS = {
    "黄": "皇", "根": "跟", "苗": "描", "盆": "盘", "递": "弟", "货": "或", "退": "推", "积": "机", "券": "卷",
    "叶": "页", "浇": "交", "烂": "兰", "订": "定", "款": "宽", "霉": "梅", "装": "妆", "等": "登", "茶": "查",
    "的": "得", "在": "再", "没": "每", "喝": "和", "斛": "湖", "锈": "秀", "蔫": "焉",
}  # fmt: skip
