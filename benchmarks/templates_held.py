"""Templates of sites for ``chrome`` that nothing was tuned on; the marks are those of ``benchmarks.templates``."""

from __future__ import annotations

HELD_OUT = {
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
"""The sites that are reported apart."""
