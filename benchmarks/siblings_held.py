# ruff: noqa: E501 - paragraphs of texts are as long as they are
"""Templates of ``siblings`` that are held out: nothing was changed for them (see ``siblings_kinds``)."""

from __future__ import annotations

HELD = {
    "divorce_notice": """公告
{who:person}：本院受理原告{plaintiff:person}诉你离婚纠纷一案，现依法向你公告送达起诉状副本、应诉通知书、举证通知书和开庭传票。自发出本公告之日起，经过三十日即视为送达。提出答辩状和举证的期限分别为公告期满后的十五日和三十日内。并定于举证期满后第三日上午{hour}时（遇节假日顺延）在本院{court_room}公开开庭审理，逾期将依法缺席裁判。
{p:city}{county}人民法院""",
    "winning_bid": """{p:city}{s:school}{g:goods}采购项目中标公告
一、项目编号：{y:year}-{code}-{hundreds}
二、中标信息：供应商名称：{c:company}有限公司；供应商地址：{p:city}{road}{hundreds}号；中标金额：{money}万元。
三、评审专家名单：{person}、{person}、{person}。
四、公告期限：自本公告发布之日起一个工作日。各参加采购活动的供应商认为中标结果使自己的权益受到损害的，可以在公告期限届满之日起七个工作日内，以书面形式向采购人提出质疑。
{y:year}年{m:month}月{day}日""",
    "heat_hant": """{t:taiwan}發布高溫{warning_heat}燈號
氣象署{m:month}月{d:day}日{hour}時發布高溫資訊，{t:taiwan}地區今日最高氣溫可能達攝氏{x:degree}度，請民眾避免非必要的戶外活動、勞動及運動，注意防曬、多補充水份、慎防熱傷害。室內保持通風及涼爽，建議採取人體或環境降溫的方法，如搧風或利用冰袋降溫等。適時關懷老人、小孩、慢性病人、肥胖、服用藥物、弱勢族群、戶外工作或運動者，遠離高溫環境。""",
    "closure_ja": """{b:jshop}{c:jcity}店 臨時休業のお知らせ
平素より{b:jshop}をご利用いただき、誠にありがとうございます。{c:jcity}店は、{reason_ja}のため、{m:month}月{d:day}日から{m:month}月{e:day}日まで臨時休業とさせていただきます。お客様にはご不便をおかけいたしますが、何卒ご理解くださいますようお願い申し上げます。休業期間中のお問い合わせは、本社のお客様相談室で承ります。""",
    "minutes_en": """Minutes of the {ordinal_en} meeting of the parish council, held at the village hall on {d:day} {mon:enmonth} {y:year}
Present: {enperson} (chair), {enperson}, {enperson} and the clerk. Apologies were received from {enperson}. The minutes of the previous meeting were approved and signed. The clerk reported a balance of {thousands} pounds in the current account. Payments of {hundreds} pounds for grass cutting and {pct} pounds for stationery were agreed. It was reported that the footpath near {street} needs repair; the clerk will write to the county. The next meeting will be held on {day} {enmonth} at {hour}:{min}.""",
    "currency_ru": """Банк России установил официальные курсы валют на {d:day}.{mm}.{y:year}
Курс доллара составляет {pct} рубля, курс евро {pct} рубля, курс китайского юаня {rate} рубля. По сравнению с предыдущим днём доллар {ruupdown} на {tens} копеек. Официальные курсы применяются для целей бухгалтерского и налогового учёта и не означают обязательства покупать или продавать валюту по этим курсам.""",
    "apartment_ko": """{kocity} {n:koapt} {area_ko}제곱미터 매매 실거래가 {few}억 {thousands}만원
국토교통부 실거래가 공개시스템에 따르면 {kocity} {n:koapt}가 {m:month}월 {d:day}일 {few}억 {thousands}만원에 거래됐다. 해당 매물은 {few}층이다. 직전 거래가보다 {thousands}만원 {koupdown} 금액이다. 실거래가는 신고일 기준으로 집계되며 계약이 취소되면 달라질 수 있다.""",
}

LANGUAGES = {
    "heat_hant": "zh-hant",
    "closure_ja": "ja",
    "minutes_en": "en",
    "currency_ru": "ru",
    "apartment_ko": "ko",
}
"""As in ``siblings_languages``."""
