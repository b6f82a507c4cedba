# ruff: noqa: E501 - paragraphs of texts are as long as they are, and Chinese
"""Templates of texts for ``siblings``, written for it: each with places for facts, filled anew for every text.

A place is ``{name:slot}`` or ``{slot}``; with a name, all places of that name in a text get the same fact. ``TUNED`` are
the kinds that thresholds were chosen on, ``SEEN`` were held out until their failures were read, as were those
of ``siblings_languages`` and ``siblings_short``; those that are held out still stand in ``siblings_held``.
"""

from __future__ import annotations

TUNED = {
    "epidemic": """{y:year}年{m:month}月{d:day}日新冠肺炎疫情情况通报
{m:month}月{d:day}日0—24时，全省报告新增本土确诊病例{a:few}例，其中{p:city}{b:few}例、{q:city}{c:few}例；新增本土无症状感染者{few}例，均在集中隔离点发现。新增治愈出院病例{few}例，解除医学观察的密切接触者{hundreds}人。
截至{m:month}月{d:day}日24时，全省累计报告本土确诊病例{thousands}例，累计治愈出院{thousands}例，累计死亡{few}例，现有在院治疗病例{hundreds}例，其中重症{few}例。尚在接受医学观察的密切接触者{thousands}人。
疾控专家提醒广大居民，坚持科学佩戴口罩、勤洗手、常通风、少聚集，主动配合落实各项防控措施，如出现发热、咳嗽等症状，请及时到就近的发热门诊就诊。""",
    "weather": """{p:city}气象台{m:month}月{d:day}日{hour}时发布天气预报
今天夜间到明天白天，{sky}，偏{wind}风{few}级，最低气温{n:degree}℃，最高气温{x:degree}℃。后天{sky}，气温{degree}～{degree}℃。未来三天我市以{sky}天气为主，请注意防范局地强对流天气可能带来的不利影响，出行请携带雨具，驾车注意保持安全车距。
空气质量预报：{m:month}月{d:day}日空气质量指数为{hundreds}，首要污染物为{dust}，对户外活动适宜度一般。建议敏感人群减少长时间、高强度的户外锻炼。""",
    "obituary": """讣告
中国共产党优秀党员、{p:city}市教育局离休干部{who:person}同志，因病医治无效，于{y:year}年{m:month}月{d:day}日{hour}时在{p:city}逝世，享年{age}岁。
{who:person}同志{born:oldyear}年{month}月出生于{place:county}，{oldyear}年参加工作，{oldyear}年加入中国共产党，历任教员、科长、副局长等职务，{lateyear}年离职休养。{who:person}同志一生忠于党的教育事业，工作兢兢业业，生活艰苦朴素，待人诚恳宽厚，深受同事和学生的敬重。
{who:person}同志遗体告别仪式定于{m:month}月{day}日上午{hour}时在{p:city}殡仪馆举行。特此讣告。
{who:person}同志治丧小组""",
    "meeting": """{c:company}股份有限公司关于召开{y:year}年第{ordinal}次临时股东大会的通知
本公司及董事会全体成员保证信息披露的内容真实、准确、完整，没有虚假记载、误导性陈述或者重大遗漏。
一、召开会议的基本情况
公司董事会决定于{y:year}年{m:month}月{d:day}日下午{hour}：30在公司三楼会议室召开{y:year}年第{ordinal}次临时股东大会，会议采取现场投票与网络投票相结合的方式。股权登记日为{y:year}年{m:month}月{day}日。
二、会议审议事项
本次会议审议《关于修订公司章程的议案》和《关于选举{who:person}为公司独立董事的议案》，上述议案已经公司董事会审议通过，具体内容详见公司在指定信息披露媒体上刊登的公告。
三、会议登记办法
法人股东应持加盖公章的营业执照复印件、法定代表人身份证明书办理登记手续；自然人股东应持本人身份证办理登记手续。联系电话：0{area}-{phone}，联系人：{person}。""",
    "tender": """{p:city}{school}{goods}采购项目公开招标公告
项目编号：ZB{y:year}-{code}
受{p:city}{school}委托，{c:company}招标代理有限公司就其{goods}采购项目进行公开招标，欢迎符合资格条件的供应商参加投标。
一、采购内容：{goods}一批，预算金额{money}万元。合同履行期限：合同签订后{days}日内。
二、投标人资格要求：具有独立承担民事责任的能力；具有良好的商业信誉和健全的财务会计制度；有依法缴纳税收和社会保障资金的良好记录；参加政府采购活动前三年内在经营活动中没有重大违法记录。
三、获取招标文件：{y:year}年{m:month}月{day}日至{m:month}月{day}日，每天上午9:00至11:30，下午14:00至17:00，售价{hundreds}元，售后不退。
四、投标截止时间：{y:year}年{m:month}月{d:day}日{hour}时30分，逾期送达的投标文件恕不接受。
联系人：{person}　电话：{phone}""",
    "stock": """{m:month}月{d:day}日，{c:company}（{stock}）收盘报{price}元，{updown}{pct}%，成交额{pct}亿元，换手率{pct}%。
资金流向方面，当日主力资金净流{inout}{thousands}万元，占总成交额{pct}%；游资资金净流{inout}{thousands}万元，占总成交额{pct}%；散户资金净流{inout}{thousands}万元，占总成交额{pct}%。
该股最近90天内共有{few}家机构给出评级，买入评级{few}家，增持评级{few}家；过去90天内机构目标均价为{price}元。
以上内容由本站根据公开信息整理，与本站立场无关，力求但不保证该信息的准确性、真实性、完整性、有效性、及时性、原创性等，如存在问题请联系我们。""",
    "programme": """{ch}频道节目预告（{m:month}月{d:day}日）
06:00 朝闻天下
08:35 生活圈
09:{min} 电视剧：{show} 第{ep:few}集
10:{min} 电视剧：{show} 第{few}集
12:00 新闻30分
13:00 今日说法：{topic}
14:{min} 星光大道精编
17:{min} 第一动画乐园：{cartoon}
19:00 新闻联播
19:30 天气预报
20:{min} 黄金档剧场：{show} 第{few}集
22:00 晚间新闻
22:{min} 纪录片：{topic}""",
    "verdict": """{p:city}{county}人民法院
民事裁定书
（{y:year}）{code}民初{thousands}号
原告：{c:company}有限公司，住所地{p:city}。法定代表人：{person}，该公司总经理。
被告：{who:person}，男，{oldyear}年{month}月{day}日出生，汉族，住{p:city}{county}。
原告{c:company}有限公司与被告{who:person}买卖合同纠纷一案，本院于{y:year}年{m:month}月{d:day}日立案。原告{c:company}有限公司于{y:year}年{month}月{day}日向本院提出撤诉申请。
本院认为，原告{c:company}有限公司在诉讼过程中申请撤诉，系其真实意思表示，不违反法律规定，不损害国家、集体和他人的合法权益，本院予以准许。依照《中华人民共和国民事诉讼法》第一百四十五条第一款规定，裁定如下：
准许原告{c:company}有限公司撤诉。案件受理费减半收取{hundreds}元，由原告{c:company}有限公司负担。
审判员　{person}
书记员　{person}""",
    "redirect": """您访问的页面“{t:title}”已经移动到新的地址，系统将在几秒钟之后自动跳转。如果您的浏览器没有自动跳转，请点击下面的链接继续访问“{t:title}”。
如果您认为这是一个错误，请与网站管理员联系，并告诉我们您是从哪个页面来到这里的，我们会尽快处理您反映的问题，感谢您对本站的支持。""",
    "english": """Weekly shipping report for the port of {p:port}, week {week}
A total of {few} container vessels called at the port of {p:port} during the week, compared with {few} in the week before. The terminals handled {thousands} standard containers, of which {thousands} were loaded with exports. The average waiting time at anchor was {pct} hours, and the average stay at the berth was {pct} hours.
Spot rates to the west coast were quoted at {thousands} dollars per container at the end of the week. The port authority expects {few} more arrivals in the coming week, weather permitting, and asks carriers to confirm their slots at least two days ahead of arrival.""",
    "award": """关于{who:person}同学拟获{prize}的公示
经本人申请、班级评议、学院推荐、学校评审委员会审议，拟授予{school:college}{who:person}同学（学号{id:student}）{year}年度{prize}。现予公示，公示期为五个工作日。如对公示对象有异议，请在公示期内以书面形式向学生处反映，反映情况应当实事求是并署真实姓名。""",
    "booking": """您的预订已经确认，订单号{big}，入住人{who:person}，房型为{room}，{m:month}月{d:day}日入住，共{few}晚，合计{hundreds}元。
请您在入住当日持有效身份证件到前台办理手续，最晚保留至当日十八时。如需变更或者取消，请至少提前一天告知我们，逾期将收取首晚房费。祝您旅途愉快，期待您的光临。""",
    "thanks": """感谢信
{p:city}{school}全体职工：家父{month}月中旬突发急病，在贵单位职工{who:person}的及时救助下转危为安。{who:person}不顾个人安危，第一时间赶到现场，又主动垫付了住院的押金，事后没有留下联系方式就悄然离开。几经打听，我们才知道好心人的姓名。在此向{who:person}和培养出这样好职工的贵单位表示衷心的感谢。""",
}

SEEN = {
    "prices": """{p:city}农产品批发市场{m:month}月{d:day}日价格行情
今日市场蔬菜上市量{thousands}吨，比昨日{moreless}{pct}%，蔬菜平均批发价格每公斤{price}元，环比{updown}{pct}%。
其中，大白菜每公斤{price}元，黄瓜每公斤{price}元，西红柿每公斤{price}元，土豆每公斤{price}元，菠菜每公斤{price}元。猪肉（白条）批发均价每公斤{price}元，鸡蛋每公斤{price}元，草鱼每公斤{price}元。
市场负责人介绍，目前货源充足，交易平稳，预计近期蔬菜价格将以小幅波动为主，市民可以放心选购。""",
    "zero": """{m:month}月{d:day}日全市疫情防控情况
{m:month}月{d:day}日0时至24时，全市无新增本土确诊病例，无新增疑似病例，无新增无症状感染者。截至{m:month}月{d:day}日24时，全市累计报告确诊病例23例，累计治愈出院23例，现有确诊病例0例。目前全市无中高风险地区。
请广大市民继续做好个人防护，保持社交距离，不信谣、不传谣，非必要不前往中高风险地区，从外地返回后主动向所在社区和单位报告行程，自觉遵守各项防控规定。""",
    "ceremony": """{p:city}举行{y:year}年清明节祭扫烈士墓活动
{m:month}月{d:day}日上午，{p:city}在烈士陵园隆重举行{y:year}年清明节祭扫烈士墓活动，市委书记{a:person}、市长{b:person}等领导和社会各界代表{hundreds}余人参加活动。
上午{hour}时整，活动正式开始，全场肃立，奏唱国歌。随后，少先队员献唱《我们是共产主义接班人》，全体人员向革命烈士默哀。礼兵手捧花篮，缓步走向烈士纪念碑，将花篮摆放在纪念碑前。{a:person}缓步上前，仔细整理花篮缎带。随后，参加活动的人员依次向烈士敬献鲜花，瞻仰烈士纪念碑，表达对先烈的深切缅怀和崇高敬意。""",
    "match": """{a:team}客场{g:few}比{h:few}{winlose}{b:team}
北京时间{m:month}月{d:day}日晚，中国足球职业联赛第{few}轮继续进行，{a:team}客场挑战{b:team}。第{min}分钟，{person}禁区内抢点破门，为{a:team}首开纪录。第{min}分钟，{b:team}获得角球机会，{person}头球扳平比分。下半场双方各有攻守，第{min}分钟，{person}单刀打入制胜一球。最终全场比赛结束，{a:team}客场{g:few}比{h:few}{winlose}{b:team}。
本轮过后，{a:team}积{points}分排名积分榜第{few}位，{b:team}积{points}分排名第{few}位。下一轮，{a:team}将在主场迎战{team}，{b:team}将在客场对阵{team}。""",
    "train": """乘客您好，{no:train}次列车由{p:city}开往{q:city}，{hour}:{min}从{p:city}站发车，{hour}:{min}到达{q:city}站，全程运行{few}小时{min}分钟，里程{thousands}公里。二等座票价{price}元，一等座票价{price}元，商务座票价{price}元。{no:train}次列车的预售期为15天，您可以通过官方网站、手机客户端、车站窗口和自动售票机购买车票，进站乘车请携带有效身份证件原件，并至少提前30分钟到达车站候车。""",
    "appoint": """{p:city}人民政府关于{a:person}等同志任免职务的通知
各县（市、区）人民政府，市政府各部门、各直属机构：
经研究，决定任命：{a:person}为市{bureau}副局长（试用期一年）；{b:person}为市{bureau}总工程师。免去：{c:person}的市{bureau}副局长职务；{e:person}的市{bureau}调研员职务，办理退休手续。
以上同志的任免职务按照有关规定办理手续，请各有关单位遵照执行，做好工作交接，确保各项工作平稳有序推进。
{p:city}人民政府
{y:year}年{month}月{day}日""",
    "lottery": """双色球第{y:year}{code}期开奖公告
开奖日期：{y:year}年{m:month}月{d:day}日，红色球号码：{ball} {ball} {ball} {ball} {ball} {ball}，蓝色球号码：{ball}。本期全国销售金额{big}元，一等奖{few}注，每注奖金{big}元；二等奖{few}注，每注奖金{thousands}元；三等奖{hundreds}注，每注奖金3000元；四等奖{thousands}注，每注奖金200元；五等奖{thousands}注，每注奖金10元。奖池累计资金{big}元，滚入下期一等奖。兑奖期限为自开奖之日起60个自然日，逾期未兑奖视为弃奖，弃奖奖金纳入彩票公益金。""",
    "quake": """中国地震台网正式测定：{m:month}月{d:day}日{hour}时{min}分在{p:city}{county}（北纬{pct}度，东经{hundreds}度）发生{mag}级地震，震源深度{few}千米。
据震中附近居民反映，{county}城区有{feel}震感，震中周边{few}公里内有{few}个村庄。截至目前，暂未收到人员伤亡和财产损失的报告，当地应急管理、消防救援等部门已经启动应急响应，派出人员赶赴震中核查情况。地震部门提醒公众不要听信谣言，注意防范余震。""",
    "wiki": """{t:title}是{p:city}{county}下辖的一个行政村，位于{county}{side}部，距离县城约{few}公里。{t:title}下辖{few}个村民小组，共有农户{hundreds}户，总人口{thousands}人。全村耕地面积{thousands}亩，主要种植{crop}、{crop}等农作物，村民收入以种植业和外出务工为主。{t:title}交通便利，村级公路已经全部硬化，村内设有村民委员会、卫生室、农家书屋和文化活动广场，自来水、电力和通信网络已经实现全覆盖。""",
    "japanese": """{p:jcity}の{m:month}月{d:day}日の天気予報
{p:jcity}では{m:month}月{d:day}日、{jsky}の見込みです。予想最高気温は{x:degree}度、最低気温は{n:degree}度で、降水確率は午前{tens}パーセント、午後{tens}パーセントとなっています。沿岸の海域では波の高さが{few}メートルと予想されますので、船舶や海岸での行動には十分注意してください。
外出の際は最新の気象情報を確認し、熱中症や急な雷雨に注意してお過ごしください。""",
    "outage": """停水通知
尊敬的用户：因{p:city}{road}供水管网改造施工，定于{m:month}月{d:day}日{hour}时至{m:month}月{day}日{hour}时对{a:estate}、{estate}等小区暂停供水。请广大用户提前做好储水准备，关好水龙头，以免恢复供水时发生跑水。恢复供水初期水质可能略有浑浊，请放水片刻后再使用。因施工给您带来的不便，敬请谅解。如有疑问，请拨打供水服务热线。""",
    "exchange": """中国外汇交易中心受权公布，{y:year}年{m:month}月{d:day}日银行间外汇市场人民币汇率中间价为：1美元对人民币{rate}元，1欧元对人民币{rate}元，100日元对人民币{rate}元，1港元对人民币{rate}元，1英镑对人民币{rate}元，1澳大利亚元对人民币{rate}元，1新西兰元对人民币{rate}元，1新加坡元对人民币{rate}元，1瑞士法郎对人民币{rate}元，1加拿大元对人民币{rate}元。前一交易日，人民币对美元即期汇率收盘价为{rate}元。""",
    "lost": """失物招领
{m:month}月{d:day}日，工作人员在{p:city}站候车室捡到{thing}一件，请失主携带有效身份证件，到车站服务台办理认领手续，认领时请说明物品的特征以及遗失的时间和地点。超过三十日无人认领的，将按照有关规定移交公安机关处理。车站提醒广大旅客，乘车时请保管好自己的随身物品，以免遗失。""",
    "patent": """{t:thing}的制造方法
申请号：{big}。申请日：{y:year}年{m:month}月{d:day}日。申请人：{c:company}有限公司。发明人：{person}；{person}。
摘要：本发明公开了一种{t:thing}的制造方法，包括以下步骤：备料，按照重量份称取原料；混合，将原料加入搅拌机中搅拌{min}分钟；成型，将混合物料送入模具，在{hundreds}摄氏度下保温{min}分钟；后处理，冷却至室温后打磨、检验、包装。本发明的{t:thing}结构牢固，使用寿命长，生产成本低，适合大规模生产。""",
}

BODIES = [
    "各有关单位要高度重视，加强组织领导，明确责任分工，认真做好各项准备工作，确保各项任务落到实处。对工作中遇到的新情况、新问题，要及时研究解决，重要情况随时报告。要加强宣传引导，及时回应社会关切，营造良好氛围。",
    "本网站所载内容仅供参考，不构成任何建议。因使用本网站内容所产生的任何直接或者间接的损失，本网站不承担责任。如需了解详细情况，请向有关部门咨询，或者通过本网站首页的留言板与我们取得联系，工作人员会在工作时间内给予答复。",
    "根据有关法律法规的规定，公民、法人和其他组织享有依法获取政府信息的权利。申请人应当填写申请表，写明姓名、联系方式以及所需信息的内容描述，受理机关将在规定的期限内予以答复；需要延长答复期限的，应当告知申请人并说明理由。",
    "温馨提示：办理业务时请携带本人有效身份证件，委托他人办理的，还应当出示委托书和受托人的身份证件。节假日期间服务窗口照常开放，群众可以通过网上预约、电话预约等方式合理安排时间，避开高峰，减少等候。感谢您的理解与配合。",
    "安全生产事关人民群众生命财产安全。各单位要牢固树立安全发展理念，落实全员安全生产责任制，加强隐患排查治理，组织开展应急演练，提高从业人员的安全意识和操作技能，坚决防范和遏制重特大事故的发生，维护社会大局稳定。",
    "我们始终坚持以客户为中心的服务宗旨，不断完善服务流程，提升服务质量。如果您对我们的服务有任何意见或者建议，欢迎通过客户服务热线、官方网站或者手机客户端反馈，我们将认真听取并不断改进，努力为您提供更加优质、便捷的服务。",
    "阅读是获取知识、增长见识的重要途径。希望广大市民积极参与全民阅读活动，走进图书馆、走进书店，感受书香的魅力，在阅读中开阔视野、陶冶情操、提升素养，共同营造爱读书、读好书、善读书的良好社会风尚，让城市更有温度。",
]
"""Paragraphs that texts of a kind have in common, besides what stands around their places for facts."""
