# ruff: noqa: E501 - paragraphs of texts are as long as they are
"""More templates of ``siblings``, in six languages, each followed by paragraphs of its own (see ``siblings_kinds``).

They were written before anything of them was measured, and held out until then.
"""

from __future__ import annotations

SEEN = {
    "auction": """{p:city}{q:county}人民法院关于拍卖被执行人{who:person}名下房产的公告（第{ordinal}次拍卖）
{p:city}{q:county}人民法院将于{y:year}年{m:month}月{d:day}日10时至{y:year}年{m:month}月{day}日10时止（延时的除外）在网络司法拍卖平台上进行公开拍卖活动，现公告如下：
一、拍卖标的：被执行人{who:person}名下位于{p:city}{q:county}{road}{hundreds}号{estate}{few}幢{hundreds}室的房产，建筑面积{pct}平方米。起拍价：{money}万元，保证金：{pct}万元，增价幅度：{thousands}元。
二、咨询、展示看样的时间与方式：自公告之日起至拍卖开始前接受咨询，有意者请与法院联系，统一安排看样。
三、本次拍卖活动设置延时出价功能，在拍卖活动结束前，每最后五分钟如果有竞买人出价，就自动延迟五分钟。标的物以实物现状为准，法院不承担拍卖标的瑕疵保证。
四、优先购买权人参加竞买的，应当于拍卖开始前五日向法院提交合法有效的证明，资格经法院确认后才能以优先购买权人身份参与竞买；逾期不提交的，视为放弃对本标的物享有优先购买权。
咨询电话：{phone}，联系人：{person}法官。""",
    "land": """{p:city}自然资源局国有建设用地使用权挂牌出让公告
{p:city}自然资告字〔{y:year}〕{code}号
经{p:city}人民政府批准，{p:city}自然资源局决定以挂牌方式出让一宗国有建设用地使用权，现将有关事项公告如下：
宗地编号：{y:year}-{hundreds}；土地位置：{road}以{side}；宗地面积：{thousands}平方米；土地用途：{landuse}；出让年限：{tens}年；容积率不大于{rate}；起始价：{thousands}万元；竞买保证金：{thousands}万元。
中华人民共和国境内外的法人、自然人和其他组织均可申请参加，申请人可以单独申请，也可以联合申请。本次挂牌出让按照价高者得的原则确定竞得人。申请人可于{m:month}月{d:day}日前到交易大厅获取挂牌出让文件。""",
    "vacancy": """{c:company}有限公司招聘启事
因业务发展需要，我公司现面向社会公开招聘{j:job}{few}名，工作地点：{city}。
岗位要求：热爱本职工作，责任心强，具有良好的沟通能力和团队合作精神；{degree_of}及以上学历，有相关工作经验者优先，年龄不超过{age_limit}周岁。
薪酬待遇：试用期三个月，转正后月薪{thousands}元，按国家规定缴纳社会保险和住房公积金，享受带薪年假、节日福利和定期体检。
有意者请将个人简历、学历证书和身份证复印件发送至公司邮箱，邮件主题注明“应聘{j:job}”。合者约见，资料代为保密，谢绝来访。""",
    "doctor": """{who:person}，{rank}，毕业于{medschool}，从事{dept:dept}临床工作{few}年，现任我院{dept:dept}{post}。
擅长：{illness}、{illness}、{illness}等疾病的诊断与治疗。先后在国内核心期刊发表论文{few}篇，参与编写专著两部。
出诊时间：{weekday}上午、{weekday}下午。患者可以通过医院的官方网站、手机客户端或者自助机预约挂号，预约成功后请在就诊当日提前半小时到{dept:dept}护士站报到。""",
    "lecture": """学术报告通知
报告题目：{s:subject}的理论与实践
报告人：{who:person}教授（{u:university}）
报告时间：{m:month}月{d:day}日（{weekday}）{hour}:{min}
报告地点：{hall}
主办单位：{school:college}
报告人简介：{who:person}，{u:university}教授，博士生导师，长期从事{s:subject}方面的教学与研究工作，主持多项国家级科研项目。欢迎广大师生踊跃参加，参加者请提前十分钟入场，并将手机调至静音。""",
    "detour": """关于{r:road}施工期间公交线路临时调整的通告
因{r:road}{works}施工，途经该路段的公交线路临时改道{road}行驶，原沿途停靠的{estate}站暂停使用，乘客可以到{estate}站候车。施工结束后恢复原线路，恢复时间另行通告。请广大乘客提前安排好出行时间，由此造成的不便，敬请谅解。""",
    "recall": """{b:brand}召回部分{i:appliance}
{b:brand}公司依據商品檢驗法之規定，自即日起召回{y:year}年{m:month}月至{y:year}年{month}月間生產之{i:appliance}，型號為{model}，數量共計{thousands}台。
本次召回範圍內之產品，因{defect}，在長時間使用後可能過熱，極端情況下有起火之虞，存在安全疑慮。消費者如持有上述型號之產品，請立即停止使用並拔除電源，與本公司客服中心聯絡，我們將免費為您更換零件或辦理退款。
標準檢驗局提醒消費者，選購電器產品時應注意是否貼有商品檢驗標識，並請詳閱使用說明書，以確保使用安全。客服專線：0800-{code}-{code}。""",
    "typhoon": """氣象署發布{t:storm}颱風{warning}警報
{m:month}月{d:day}日{hour}時，颱風{t:storm}位於{place:taiwan}{wind}方約{hundreds}公里之海面上，以每小時{few}公里速度向{wind}進行。中心氣壓{hundreds}百帕，近中心最大風速每秒{few}公尺，七級風暴風半徑{hundreds}公里。
氣象署表示，受颱風外圍環流影響，{place:taiwan}及鄰近海域風力將逐漸增強，並有{rain}發生的機率，沿海地區請注意強風及長浪。民眾應做好防颱準備，避免前往山區及海邊活動，低窪地區請嚴防積水，並隨時留意最新的颱風消息。""",
    "flight": """Flight {f:flight} from {p:encity} to {q:encity} on {d:day} {mon:enmonth} is delayed. The new departure time is {hour}:{min} from gate {gate}.
We are sorry for the inconvenience. The delay is due to {cause}. Passengers may collect a refreshment voucher at the transfer desk on presentation of their boarding pass. If you would rather travel on another day, your ticket can be changed once free of charge; please contact the ticket office or your travel agent before departure.""",
    "probate": """NOTICE TO CREDITORS: ESTATE OF {who:enperson_caps}, DECEASED
Case No. PR-{y:year}-{thousands}
Notice is hereby given that {enperson} has been appointed personal representative of the estate of {who:enperson_caps}, deceased, who died on {enmonth} {day}, {y:year}. All persons having claims against the decedent or the estate are required to present them within four months after the date of the first publication of this notice or the claims will be forever barred.
Claims must be mailed to the personal representative at {hundreds} {street}, {encity}, or filed with the clerk of the court. Copies of the papers on file may be inspected during the usual hours of business.
Dated this {day} day of {enmonth}, {y:year}.""",
    "product": """{b:brand_en} {m:model} {n:gadget}
Price: ${pct}. In stock: {few} pieces. Item number {big}.
The {b:brand_en} {m:model} is a reliable {n:gadget} for everyday use at home and in the workshop. It weighs {rate} kilograms, runs for {few} hours on one charge and comes in {colour}. Every unit is tested before it leaves the factory, and spare parts are available for at least ten years.
In the box: one {n:gadget}, a charger, a carrying case and the manual. Orders placed before noon are shipped on the same day. Returns are free within thirty days of delivery, provided that the article is complete and in its original packaging.""",
    "obituary_ja": """訃報
{dep:jdept}の{who:jperson}様のご尊父 {who2:jperson}様が、{m:month}月{d:day}日に逝去されました(享年{age}歳)。ここに謹んでお知らせ申し上げます。
通夜および告別式は、下記の通り執り行われます。
通夜 {m:month}月{e:day}日 {hour}時より
告別式 {m:month}月{f:day}日 {hour}時より
式場 {jhall}
なお、ご香典・ご供花につきましては、故人の遺志により固くご辞退申し上げます。弔電をお送りになる場合は、総務部までお問い合わせください。故人のご冥福を心よりお祈りいたします。""",
    "exchange_ko": """{m:month}월 {d:day}일 서울 외환시장에서 원·달러 환율은 전 거래일보다 {rate}원 {koupdown} 1,{code}.{tens}원에 거래를 마쳤다.
이날 환율은 1,{code}.{tens}원에 출발해 장중 한때 1,{code}.{tens}원까지 {kohighlow}. 외환시장 관계자는 “{koreason}의 영향으로 변동성이 커졌다”며 “당분간 관망세가 이어질 것으로 보인다”고 말했다.
같은 시각 원·엔 재정환율은 100엔당 {code}.{tens}원으로 전 거래일 같은 시각 기준가보다 {rate}원 {koupdown}다. 코스피는 전장보다 {pct}포인트 {koupdown} {thousands}.{tens}에 장을 마감했다.""",
    "tender_ru": """Извещение о проведении открытого конкурса № {big}
Заказчик: {ruoffice}, город {p:rucity}. Предмет контракта: {rugoods}. Начальная (максимальная) цена контракта: {thousands} {code} рублей {tens} копеек. Обеспечение заявки: {thousands} рублей.
Дата и время окончания подачи заявок: {d:day}.{mm}.{y:year} в {hour}:{min} по местному времени. Дата рассмотрения заявок: {day}.{mm}.{y:year}.
Участником закупки может быть любое юридическое лицо независимо от организационно-правовой формы, формы собственности и места нахождения, а также любое физическое лицо, зарегистрированное в качестве индивидуального предпринимателя. Контактное лицо: {ruperson}, телефон {phone}.""",
}
LANGUAGES = {
    "recall": "zh-hant",
    "typhoon": "zh-hant",
    "flight": "en",
    "probate": "en",
    "product": "en",
    "obituary_ja": "ja",
    "exchange_ko": "ko",
    "tender_ru": "ru",
}
"""Languages of the paragraphs that follow; of the kinds that are not named here they are simplified Chinese."""

BODIES = {
    "zh-hant": [
        "本網站所刊載之資訊僅供參考,相關規定仍以主管機關之公告為準。網站內容之著作權屬於本機關所有,非經同意,不得任意轉載或作為商業用途。如對本網站有任何建議,歡迎透過意見信箱與我們聯繫,我們將儘速為您處理。",
        "為保護您的個人資料,本機關依據個人資料保護法之規定,僅於蒐集之特定目的範圍內處理及利用您所提供之資料,並採取適當之安全措施。您得隨時向本機關請求查詢、閱覽、補充、更正或刪除您的個人資料。",
        "服務時間為每週一至週五上午八時三十分至下午五時三十分,中午不休息,國定假日除外。親自洽辦者請攜帶國民身分證正本及印章,委託他人代辦者,請另附委託書及受託人之身分證明文件,以節省您寶貴的時間。",
    ],
    "en": [
        "The information on this page is provided for general guidance only and does not constitute advice of any kind. While we take every care to keep it accurate and up to date, we accept no responsibility for any loss that may arise from relying on it. If you notice an error, please let us know through the contact form.",
        "We respect your privacy. Personal details that you give us are used only to deal with your request and are never sold to third parties. You may ask at any time to see what we hold about you, to have it corrected, or to have it removed from our records.",
        "Our offices are open from Monday to Friday, except on public holidays. Callers are asked to bring some form of identification with them. If you need help with reading or filling in a form, or would like to receive this notice in large print or in another language, please ask a member of staff at the front desk.",
    ],
    "ja": [
        "当サイトに掲載されている情報の正確性には万全を期しておりますが、利用者が当サイトの情報を用いて行う一切の行為について、当方は何ら責任を負うものではありません。掲載内容は予告なく変更または削除することがありますので、あらかじめご了承ください。",
        "お客様からお預かりした個人情報は、お問い合わせへの対応および必要なご連絡のためにのみ利用し、ご本人の同意なく第三者に提供することはありません。個人情報の開示、訂正、削除をご希望の場合は、担当窓口までご連絡ください。",
        "受付時間は土曜日、日曜日、祝日および年末年始を除く平日の午前九時から午後五時までとなっております。お電話が混み合ってつながりにくい場合がございますので、その際はしばらく時間をおいてからおかけ直しくださいますようお願いいたします。",
    ],
    "ko": [
        "본 홈페이지에 게시된 모든 기사와 사진의 저작권은 본사에 있으며, 무단 전재와 재배포를 금합니다. 기사 내용에 대한 문의나 정정 요청은 독자 상담실로 연락해 주시기 바랍니다. 보내 주신 의견은 더 나은 기사를 만드는 데 소중히 쓰겠습니다.",
        "이용자의 개인정보는 관련 법령에 따라 안전하게 관리되며, 동의 없이 제삼자에게 제공되지 않습니다. 개인정보의 열람이나 정정, 삭제를 원하시는 분은 고객센터를 통해 언제든지 신청하실 수 있습니다.",
        "투자에 관한 모든 판단과 책임은 투자자 본인에게 있습니다. 본 자료는 정보 제공을 목적으로 작성된 것으로 어떠한 경우에도 투자 결과에 대한 법적 책임 소재의 증빙 자료로 사용될 수 없음을 알려 드립니다.",
    ],
    "ru": [
        "Информация, размещённая на данном сайте, носит справочный характер и не является публичной офертой. При использовании материалов ссылка на источник обязательна. Обо всех замеченных ошибках и неточностях просим сообщать в редакцию по электронной почте или через форму обратной связи.",
        "Документация предоставляется бесплатно в форме электронного документа на основании письменного заявления любого заинтересованного лица. Разъяснения положений документации направляются заказчиком в порядке и в сроки, которые установлены законодательством о контрактной системе.",
        "Приём граждан ведётся по рабочим дням, кроме праздничных. При себе необходимо иметь документ, удостоверяющий личность, а представителю также доверенность. Обращения, в которых не указаны фамилия автора и почтовый адрес для ответа, рассмотрению не подлежат.",
    ],
}
"""Paragraphs that texts of a kind have in common, by language."""
