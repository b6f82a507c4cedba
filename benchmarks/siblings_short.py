# ruff: noqa: E501 - paragraphs of texts are as long as they are
"""More templates of ``siblings``, some of them with few facts (see ``siblings_kinds``).

They were written before anything of them was measured, and held out until then.
"""

from __future__ import annotations

SEEN = {
    "exam": """{y:year}年{p:city}{exam}成绩公布
{y:year}年{p:city}{exam}成绩已于{m:month}月{d:day}日公布，共有{thousands}人参加考试，最高分{hundreds}分，平均分{pct}分，合格分数线为{hundreds}分，合格率为{pct}%。
考生可以凭准考证号和身份证号登录报名网站查询成绩。对成绩有异议的，可以在成绩公布之日起十日内申请复核，复核只检查有无漏评、漏登和加分错误，不重新评阅答卷。合格人员请按照通知要求参加现场资格审查，逾期不参加的，视为自动放弃。""",
    "defaulter": """失信被执行人信息
被执行人姓名：{who:person}。性别：{sex}。年龄：{age}。执行法院：{city}{county}人民法院。执行依据文号：（{y:year}）{code}民初{thousands}号。立案时间：{y:year}年{month}月{day}日。案号：（{year}）{code}执{thousands}号。
生效法律文书确定的义务：{duty}。被执行人的履行情况：全部未履行。失信被执行人行为具体情形：有履行能力而拒不履行生效法律文书确定义务。""",
    "blood": """{p:city}中心血站招募{blood}型血无偿献血者
近日，{p:city}中心血站{blood}型血库存告急。血站呼吁符合条件的市民朋友伸出援手，到{road}献血屋参加无偿献血。献血者应当年满十八周岁，身体健康，献血前一天饮食清淡，保证充足的睡眠，献血后多喝水，当天避免剧烈运动。""",
    "flood": """水利局发布洪水{colour_zh}预警
{river:river}{st:station}水文站{m:month}月{d:day}日{hour}时水位{pct}米，超过警戒水位{rate}米，流量每秒{thousands}立方米，预计{d:day}日{hour}时前后出现洪峰，洪峰水位{pct}米左右。{river:river}沿线各地要加强堤防巡查，及时转移低洼地带的群众，做好各项防御工作，确保人民群众生命财产安全。""",
    "patent_hant": """發明專利公告
【公告號】I{big} 【公告日】{y:year}年{m:month}月{d:day}日
【發明名稱】{i:appliance}之控制電路 【申請人】{b:brand}股份有限公司 【發明人】{person}
【摘要】一種{i:appliance}之控制電路,包含一電源單元、一感測單元及一處理單元。該處理單元於該感測單元之輸出達一門檻值時,切斷該電源單元之供電,並於{few}秒後重新偵測。藉此,可避免{i:appliance}因長時間運轉而過熱,以提升使用之安全性並延長產品之壽命。""",
    "hearing": """NOTICE OF PUBLIC HEARING
The Planning Commission of {p:encity} will hold a public hearing on {enmonth} {day}, {y:year}, at {hour}:{min} in the council chambers to consider an application by {enperson} for {permit} at {hundreds} {street}.
Any person may appear at the hearing and be heard, or may submit written comments to the planning department before the day of the hearing. The application and the staff report may be inspected at the planning counter during business hours. If you challenge the decision in court, you may be limited to raising only those issues that you or someone else raised at the hearing.""",
    "recruit_ja": """【{w:jwork}】{c:jcity}勤務 スタッフ募集
仕事内容:{w:jwork}。未経験の方も歓迎します。先輩が丁寧に指導しますので、安心して始められます。
給与:時給{hundreds}円から 勤務時間:{hour}時から{hour}時まで 休日:週{ja_days}日 勤務地:{c:jcity}市内({station_ja}駅から徒歩{few}分)
待遇:社会保険完備、交通費支給、制服貸与、有給休暇あり。応募方法:下記の応募フォームからご応募いただくか、お電話でお気軽にお問い合わせください。面接の際は写真を貼った履歴書をお持ちください。""",
    "death_ko": """[부고] {a:koperson}씨 {k:kin_ko}상
{a:koperson}({kojob})씨 {k:kin_ko}상 = {m:month}월 {d:day}일 {hour}시, {kohospital} 장례식장 {few}호실, 발인 {day}일 {hour}시. 장지는 {kocity} 추모공원이다.
유족은 조문을 정중히 사양하며, 조화와 부의금은 받지 않기로 했다. 삼가 고인의 명복을 빌며 유가족에게 깊은 위로의 말씀을 드린다.""",
    "weather_ru": """Прогноз погоды в городе {p:rucity} на {d:day}.{mm}.{y:year}
Завтра в городе {p:rucity} {rusky}, ветер {ruwind}, {few} метров в секунду. Температура воздуха ночью {degree}, днём {degree} градусов. Атмосферное давление {hundreds} миллиметров ртутного столба, относительная влажность воздуха {tens} процентов.
Синоптики советуют водителям соблюдать дистанцию, пешеходам быть внимательными на переходах, а всем, кто собирается за город, взять с собой тёплую одежду и следить за изменениями прогноза.""",
    "fixture_en": """{a:enclub} {g:few}-{h:few} {b:enclub}
{a:enclub} {enbeat} {b:enclub} in front of a crowd of {thousands} on {weekday_en}. {enperson} opened the scoring after {min} minutes, and {enperson} added another from the penalty spot shortly before the break. The visitors improved in the second half, but could not find a way through a well organised defence.
The result leaves {a:enclub} in position {few} of the table. The manager praised the effort of the players and the support of the fans, and said that the team would take each match as it comes. Tickets for the next home game are on sale at the club shop and on the website.""",
    "lostdog_en": """Lost: {colour} {breed}, answers to the name of {n:petname}. Last seen near {street} on {weekday_en}. {n:petname} is friendly but shy with strangers, so please do not chase; call us and stay where you are. A reward is offered for safe return.""",
    "vaccine": """{p:city}{q:county}卫生院{v:vaccine}接种通知
各位家长：我院定于{m:month}月{d:day}日上午在预防接种门诊开展{v:vaccine}接种，接种对象为{few}月龄以上未接种的儿童。请家长携带预防接种证，陪同孩子前来接种。接种前请如实告知孩子的健康状况和过敏史，接种后在留观室观察三十分钟方可离开。如有发热、咳嗽等不适，请推迟接种。""",
}

LANGUAGES = {
    "patent_hant": "zh-hant",
    "hearing": "en",
    "recruit_ja": "ja",
    "death_ko": "ko",
    "weather_ru": "ru",
    "fixture_en": "en",
    "lostdog_en": "en",
}
"""As in ``siblings_languages``."""
