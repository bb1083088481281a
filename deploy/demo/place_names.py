"""Names of places, employers and people from which the demo's units and judges are generated.

The twelve cities are those of Hebei, with the first four digits of their administrative codes. Districts, companies and
schools are invented; any resemblance to real ones is coincidental.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class City:
    """A city of Hebei, with its administrative code."""

    name: str
    code: str
    weight: int  # relative number of the roll's units in this city

    @property
    def full_name(self) -> str:
        return self.name if self.name.endswith("新区") else f"{self.name}市"


CITIES = (
    City("石家庄", "1301", 15),
    City("唐山", "1302", 11),
    City("秦皇岛", "1303", 6),
    City("邯郸", "1304", 10),
    City("邢台", "1305", 8),
    City("保定", "1306", 11),
    City("张家口", "1307", 7),
    City("承德", "1308", 6),
    City("沧州", "1309", 9),
    City("廊坊", "1310", 8),
    City("衡水", "1311", 6),
    City("雄安新区", "1331", 3),
)

DISTRICTS = ("云溪区", "朝晖区", "望岳区", "安澜区", "松岭区", "北屏县", "青禾县", "临渠县", "枣林县", "南坪县")
TOWNS = ("柳河镇", "大槐镇", "石桥镇", "三道沟乡", "白杨镇", "双井乡", "荷塘镇", "东坡乡", "古渡镇", "梨园乡")

BRAND_HEADS = tuple("华恒冀宏金鼎泰润盛昌兴源永众诚佳瑞隆嘉博")
BRAND_TAILS = tuple("宁瑞达和通程腾远丰阳川原岳海霖辉业安康信")
FOREIGN_BRANDS = (
    "艾诺森", "博瑞克", "凯曼德", "莱茵图", "诺维安", "松崎", "韩晟", "德尔马", "赛福林", "欧泰克", "格兰登", "迈申",
    "福原", "贝朗尼", "克里森", "维斯特曼",
)  # fmt: skip

STATE_LINES = (
    "钢铁集团", "能源集团", "港务集团", "热力集团", "水务集团", "公共交通集团", "矿业集团", "建工集团", "燃气集团",
    "机床制造", "化工集团", "轨道装备", "粮食储备", "城市建设投资", "制药集团",
)  # fmt: skip
PRIVATE_LINES = (
    "食品", "物流", "箱包", "皮革制品", "丝网制品", "管道装备", "紧固件制造", "羊绒制品", "家具", "电缆", "童车制造",
    "玻璃制品", "医药连锁", "农业科技", "软件技术", "纺织", "陶瓷",
)  # fmt: skip
FOREIGN_LINES = (
    "精密机械", "汽车零部件", "电子", "食品", "包装材料", "光学仪器", "化纤", "轴承", "医疗器械", "乳业", "橡胶制品",
)  # fmt: skip
PUBLIC_BODIES = (
    "实验小学", "第二中学", "人民医院", "中医院", "图书馆", "园林管理处", "环境卫生管理处", "水利局机关", "教育局机关",
    "气象台", "档案馆", "疾病预防控制中心", "职业技术教育中心", "行政审批局机关", "文化馆", "第一幼儿园",
)  # fmt: skip
OTHER_BODIES = (
    "货车司机行业协会", "网约配送服务站", "物业服务行业协会", "商贸街区商会", "家政服务行业协会", "蔬菜种植专业合作社",
    "社会工作服务中心", "律师行业协会", "快递行业协会", "果品专业合作社", "养老服务中心", "民办培训学校",
    "出租汽车行业协会",
)  # fmt: skip

SURNAMES = tuple("王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧")
GIVEN_NAMES = (
    "建国", "秀兰", "志强", "丽华", "文博", "晓燕", "国栋", "海燕", "立新", "慧敏", "振宇", "春梅", "长青", "雅琴",
    "明远", "书琴", "卫东", "静怡", "学军", "玉洁",
)  # fmt: skip
