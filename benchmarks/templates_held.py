"""More templates of sites for ``chrome``, the last of them held out; the marks are those of ``templates``."""

from __future__ import annotations

SEEN = {
    "evening-paper": """\
- {site} > 新闻频道 > {section}
- 手机看新闻
- 客户端下载
-| 要闻 本地 民生 街拍 报料 有约 副刊
= {title}
- {year}年{n}月 来源: {source} 记者: {author} 编辑: {author}
=B
- 更多精彩请扫描下方二维码
- 大家都在看
-R 5
- 本网常年法律顾问 {city}律师事务所
- 投稿信箱 news@{domain}
""",
    "bureau": """\
- 欢迎访问{city}统计局网站!
- RSS订阅 | 邮箱 | 微信
-* 首页 机构职能 数据发布 统计分析 工作动态 党建园地
- 首页->{section}->正文
= {title}
- 时间:{date} 来源:{city}统计局 字号:[小][中][大] 访问量:{views}
= 一、综合
=B
- [返回顶部] [打印本页] [关闭窗口]
- 省政府部门网站 各市统计局网站 其他链接
- {city}统计局主办 {city}统计信息中心维护
- 建议使用1024×768分辨率 IE8.0以上浏览器
""",
    "hospital": """\
- {city}第一人民医院
- 预约挂号:{phone} 急救电话:{phone}
- 医院首页 医院概况 科室导航 专家介绍 就医指南 健康园地
- 所在位置: 首页 / 健康园地 / {section}
= {title}
- 更新:{date} 点击: {views} 次
=B
- 上一篇: {prev}
- 下一篇: {next}
- 医院地址:{city}中山路{n}号 乘车路线:{n}路、{n}路
- 技术支持:{site}科技
""",
    "forum-phpbb": """\
- 快速链接
- 常见问题
- 登录
- 注册
- 论坛首页 ‹ {section} ‹ {title}
- 发表回复
- {n} 篇帖子 • 分页: 1 / 1
= {title}
=P
- 返回到 “{section}”
- 跳转到
- 在线用户
- 正浏览此版面之用户: 没有注册用户 和 {n} 访客
- 论坛首页 联系我们 删除所有论坛 Cookies 所有显示的时间为 UTC+08:00
- 由 phpBB® Forum Software © phpBB Limited 开发
""",
    "personal-blog": """\
- {site}
- 记录生活,也记录代码
- 文章 相册 书单 友人帐 订阅
= {title}
- 写于 {date}, 约 {views} 字, 读完需 {n} 分钟
=B
- # {tag} # {tag}
- 本文采用知识共享署名4.0国际许可协议进行许可,转载请注明出处。
- 上一篇 {prev}
- 下一篇 {next}
- 博客已萌萌哒运行 {views} 天
- 主题 NexT.{site}
""",
    "factory": """\
- 欢迎光临{city}{site}机械有限公司官网!
- 服务热线:{phone}
-| 网站首页 公司简介 产品中心 新闻动态 成功案例 在线留言 联系我们
- 产品分类
- 输送设备
- 破碎设备
- 筛分设备
- 您当前的位置:网站首页 > {section} > {title}
= {title}
=B
- 上一个:{prev}
- 下一个:{next}
- 联系人:{author} 手机:{phone} QQ:{views}00
- 公司地址:{city}工业园区{n}号
- 主营:输送机,破碎机,振动筛,欢迎新老客户来电咨询!
""",
    "magazine-en": """\
- Subscribe for $1
- Log in
-| News Books Culture Fiction Humor Cartoons Magazine Crosswords
- {section}
= {title}
~ By {author}
~ {date_en}
- Save this story
=B
- More from {site}
-R 4
- Weekly: the best of our reporting, in your inbox every Sunday.
- By signing up, you agree to our user agreement and privacy policy. This site is protected by reCAPTCHA.
- Manage preferences
- © {year} {site}. {site} may earn a portion of sales from products that are purchased through our site.
""",
    "recruitment": """\
- {city}人才网
- 求职者登录 企业登录 手机版
- 找工作 找人才 职场资讯 政策法规
- 职场资讯 >> {section} >> 正文
= {title}
- 来源:{source} 时间:{date} {time} 浏览:{views} 次
=B
- 分享到: 微信 QQ空间 新浪微博
- 最新招聘信息
-H 10
- 客服QQ:{views}99 客服电话:{phone}
- 未经{city}人才网同意,不得转载本网站之所有招聘信息及作品
""",
}
"""Sites that no rule was made for, but whose mistakes were looked at while others were tuned."""

HELD_OUT = {
    "weather": """\
- {city}气象服务网
-| 天气预报 气象预警 雷达图 卫星云图 农业气象 气象科普
- 当前位置: 首页 ＞ 气象科普 ＞ {section}
= {title}
- {date} {time} 编辑:{author} 来源:{city}气象台
=B
- 我要评论({n})
- 气象热线:12121
- 相关内容
-R 4
- 主办单位:{city}气象局 邮编:{n}000 {icp}
- 您是第{views}位访客
""",
    "museum": """\
- {city}博物馆
- 开放时间:9:00-17:00(周一闭馆)
-* 首页 概览 展览 典藏 教育 学术 服务 文创
- 首页/学术/{section}
= {title}
~ {author}
~ {date}
=B
- 分享
- 上一篇:{prev}
- 下一篇:{next}
- 地址:{city}文化路{n}号 总机:{phone}
- 版权所有:{city}博物馆
""",
    "tieba": """\
- 网页 资讯 贴吧 知道 视频 图片 文库
- {section}吧
- 关注:{views} 贴子:{views}{n}
- 看贴 图片 吧主推荐 视频 游戏
- {n}回复贴,共{n}页
= {title}
=P
- 登录后才可以发贴
- 内 容:
- 发表
- 保存至快速回贴
- ©{year} {site} 贴吧协议 | 隐私政策 | 吧主制度 | 意见反馈 | 网络谣言警示
""",
    "travel": """\
- {site}旅行网
- 机票 酒店 度假 攻略 签证
- 欢迎您,游客!
- 攻略首页 > {section} > {city}
= {title}
- {author} · {date} · {views}次浏览 · {n}人收藏
=B
- 这篇游记有用吗? 有用({n})
- 目的地热门游记
-R 6
- 客服热线:{phone} 国内游 境外游 周边游 自由行
- 网络社会征信网 营业执照 {icp}
- 本站游记由用户上传,如有侵权请与我们联系删除。
""",
    "law-firm-en": """\
-| Practice People Insights Offices Careers Contact
- Attorney advertising
- Insights / {section}
= {title}
- {date_en} | {author}
=B
- Related insights
-R 3
- Stay informed: subscribe to our mailing list to receive alerts and event invitations.
- Offices: New York, London, Singapore
- © {year} {site} LLP. Attorney advertising. Prior results do not guarantee a similar outcome.
""",
    "school": """\
- {city}实验中学
- 厚德 博学 求真 创新
- 学校首页 学校概况 校园动态 教学科研 德育天地 党建园地 招生信息
- 您的位置:学校首页 >> {section} >> 浏览文章
= {title}
- 作者:{author} 时间:{date} 阅读:{views}次
=B
- 【打印正文】
- 上一篇:{prev}
- 下一篇:{next}
- 学校地址:{city}育才路{n}号 招生电话:{phone}
- 网站维护:信息中心 {icp}
""",
    "tech-media": """\
- {site}
- 快讯 专栏 报告 活动 搜索
- 登录 / 注册
= {title}
- {author}
- {date} {time}
- 收藏 {n}
- 分享
=B
- 本文由{site}原创,未经授权谢绝转载
- +{n}
- 好文章,需要你的鼓励
- 下一篇
-R 1
- 最新文章
-H 6
- 热门标签
- 人工智能 芯片 新能源 机器人 云计算
- 关于{site} 联系我们 寻求报道 加入我们
- 本站由云服务商提供计算与安全服务
- {icp}
""",
}
"""The sites that are reported apart: they were written last, and nothing was changed for them."""
