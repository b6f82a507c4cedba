# ruff: noqa: E501 - lines of pages are as long as they are
"""Templates of sites for ``chrome``, written for it: what stands around an article on pages of every kind.

A line begins with what it is: ``-`` chrome, ``=`` content, ``~`` either (dates and names, which nobody misses or
minds), ``?`` chrome that three in ten pages lack. ``-|`` is a menu on one line and ``-*`` one of a line per entry, of
which each site has its own choice and order. ``-R n`` are up to n titles of other pages, ``-H n`` n titles that change
every fifty pages, ``=B`` is the article and ``=P`` are posts of a thread. Fields in braces are filled in by page.
"""

from __future__ import annotations

NEWS = {
    "news-portal": """\
-| 首页 国内 国际 社会 财经 体育 娱乐 科技 汽车 房产 教育 健康 旅游 军事 视频 图片
- {site} > {section} > 正文
= {title}
- {date} {time} 来源:{source} 浏览:{views}次
- 字号: 大 中 小 打印 分享到:
=B
- (责任编辑:{author})
- 相关阅读
-R 6
- 关于我们 | 广告服务 | 联系我们 | 网站地图 | 版权声明
- Copyright © 2008-{year} {site} 版权所有 {icp}
""",
    "news-lines": """\
-* 首页 要闻 时政 经济 文化 评论 专题 直播 客户端 登录 注册
- 您当前的位置:
- 首页
- >
- {section}
= {title}
- 发布时间:{date} {time}
- 来源:
- {source}
- 收藏
- 微信
- 微博
=B
- 编辑:{author}
- 上一篇:{prev}
- 下一篇:{next}
- 热门推荐
-H 5
- 返回顶部
- {site}版权所有,未经书面授权禁止使用
- {icp}
""",
    "news-sidebar": """\
- {site}
- 新闻热线:{phone}
- 24小时热点
-H 8
- 当前位置:首页>>{section}>>正文
= {title}
~ {date}
- 作者:{author} 阅读({views})
=B
- 【纠错】 【责任编辑:{author}】
- 为您推荐
-R 8
- 精彩图集
-R 4
- 违法和不良信息举报电话:{phone} 举报邮箱:jubao@{domain}
- 增值电信业务经营许可证 {icp}
""",
    "news-mobile": """\
- 打开APP 阅读全文
- {site}客户端
= {title}
~ {author}
- {date} {time} · {views}阅读
- 关注
=B
- 特别声明:以上内容仅代表作者本人的观点或立场,不代表{site}的观点或立场。如因作品内容、版权或其他问题需要与本网联系,请在30日内进行。
- {views}人参与
- 写跟贴
- 热门跟贴
- 暂无跟贴
- 相关推荐
-R 7
- 打开APP 查看更多精彩内容
""",
    "newspaper": """\
- {site}数字报
- 第{n}版:{section}
- 上一版 下一版
- 版面导航 标题导航
= {title}
~ 本报记者 {author}
=B
- 版权所有 {site}社 不得转载
- 放大 缩小 全文复制
""",
    "news-cookie-en": """\
- We use cookies to give you the best experience on our website. By continuing to browse you agree to our use of cookies.
- Accept all
- Skip to main content
-| Home World Politics Business Technology Science Health Sports Opinion Video
- {site}
= {title}
- By {author}
- Published {date_en}
- Share this article
- Facebook Twitter LinkedIn Email
=B
- Related stories
-R 5
- Sign up for our daily newsletter and get the top stories delivered to your inbox every morning.
- Most read
-H 5
- About us | Contact | Privacy policy | Terms of use | Careers
- © {year} {site}. All rights reserved.
""",
}

GOVERNMENT = {
    "gov-classic": """\
- 今天是{date} 星期三
- 设为首页 | 加入收藏 | 繁体版
-| 首页 政务公开 新闻中心 办事服务 互动交流 走进{city} 专题专栏
- 您的位置: 首页 > 政务公开 > {section}
= {title}
- 发布日期:{date} 信息来源:{city}人民政府办公室 浏览次数:{views}
- 【字体:大 中 小】
= 各位代表:
=B
- 【打印本页】 【关闭窗口】
- 上一条:{prev}
- 下一条:{next}
- 主办:{city}人民政府 承办:{city}人民政府办公室 技术支持:{city}信息中心
- 网站标识码:{n}00000{n} {icp} 公安备案号{n}0202000{n}
- 地址:{city}人民路{n}号 邮编:{n}000
""",
    "gov-notice": """\
- {city}人民政府门户网站
- 无障碍浏览
- 长者模式
- 智能问答
-* 网站首页 政府信息公开 政务服务 政民互动 数据开放 魅力{city}
- 索 引 号:{n}-{views}
- 发文机关:{city}人民政府办公室
= {title}
~ {city}政办发〔{year}〕{n}号
=B
= 特此公告。
~ {city}人民政府办公室
~ {date}
- 扫一扫在手机打开当前页
- 相关文档:
-R 4
- 政府网站找错
- 党政机关
- {icp}
""",
    "gov-library": """\
- 下载
- 打印
- 全屏
- 收藏
- 【字号:
- 加大
- 还原
- 减小
- 】
= {title}
- 来源:{source}
- 时间:{date}
= 一、工作回顾
=B
- 相关报道:
-R 3
""",
    "gov-county": """\
- {city}网
-| 网站首页 县情概况 新闻动态 政务公开 乡镇之窗 招商引资 旅游天地
- 当前位置 首页 >> {section} >> 内容
= {title}
- 作者:{author} 发布:{date} {time} 点击:{views}
=B
~ 附件下载
- [打印] [关闭] [返回顶部]
- 友情链接: 中国政府网 新华网 人民网 市政府网 县委组织部
- Copyright(C) {year} {domain} All Rights Reserved.
- 网站管理:{city}大数据中心 联系电话:{phone}
""",
    "court": """\
- {city}人民法院网
- 首页 法院概况 新闻中心 审判信息 执行信息 法院文化
- 您现在的位置: 首页 → 裁判文书 → {section}
= {title}
~ {date}
= 本院认为:
=B
= 如不服本判决,可在判决书送达之日起十五日内,向本院递交上诉状,并按对方当事人的人数提出副本。
- 关闭窗口
- 上一篇: {prev}
- 地址:{city}解放路{n}号 邮编:{n}100 总机:{phone}
""",
    "university": """\
- {city}大学{site}学院
-* 学院首页 学院概况 师资队伍 人才培养 科学研究 党建工作 学生工作 校友之家 English
- 当前位置: 学院首页 / 通知公告 / 正文
= {title}
- 发布者:{author} 发布时间:{date} 浏览次数:{views}
=B
- 【关闭】
- 地址:{city}学府路{n}号{city}大学 邮政编码:{n}00
- 版权所有 © {city}大学{site}学院
""",
}

FORUMS = {
    "bbs-discuz": """\
- 设为首页 收藏本站
- 开启辅助访问 切换到窄版
- 用户名 自动登录 找回密码
- 密码 登录 立即注册
-| 论坛 导读 家园 群组 排行榜 帮助
- {site} » 论坛 › {section} › {title}
- 返回列表
- 查看: {views} | 回复: {n}
= {title}
=P
- 返回列表 发新帖
- 您需要登录后才可以回帖 登录 | 立即注册
- 本版积分规则
- 发表回复 回帖后跳转到最后一页
- 小黑屋 | 手机版 | Archiver | {site}
- GMT+8, {date} {time} , Processed in 0.0{n} second(s), {n} queries .
- Powered by Discuz! X3.4 © 2001-2017 Comsenz Inc.
""",
    "bbs-plain": """\
- {site} -- {section} -- 主题阅读
- [返回] [发新帖] [回复]
= {title}
=P
- [返回版面] [上一主题] [下一主题] [返回顶部]
- 北京时间 {date} {time} 在线 {views} 人
""",
    "q-and-a": """\
- {site}
- 首页 发现 话题 登录 加入{site}
- {section}
= {title}
- 关注问题 写回答 邀请回答
- {views} 人关注 · {n} 个回答
=P
- 相关问题
-R 5
- 广告
- 刘看山 · {site}指南 · {site}协议 · 应用 · 工作
- 侵权举报 · 网上有害信息举报专区
- {icp}
""",
}

BLOGS = {
    "blog-wordpress": """\
- 跳至内容
- {site}
- 一个人的自留地
-| 首页 关于 归档 友链 留言板 RSS
= {title}
- 发表于 {date} 由 {author}
=B
- 分类: {section}
- 标签: {tag} {tag}
- 文章导航
- ← {prev}
- {next} →
- 发表评论 取消回复
- 电子邮件地址不会被公开。 必填项已用*标注
- 近期文章
-H 5
- 近期评论
- 归档
- {year} 年 {n} 月
- 自豪地采用WordPress
""",
    "blog-column": """\
- {site}的博客
- 个人主页 | 博文 | 相册 | 留言
- 正文 字体大小:大 中 小
= {title}
- ({date} {time}) 转载▼
- 标签: {tag} 分类:{section}
=B
- 阅读({views}) ┊ 评论({n}) ┊ 收藏(0) ┊ 转载原文 ┊ 喜欢▼ ┊ 打印 ┊ 举报
- 前一篇:{prev}
- 后一篇:{next}
- 评论 重要提示:警惕虚假中奖信息
- 新浪BLOG意见反馈留言板 电话:{phone} 提示音后按1键(按当地市话标准计费) 欢迎批评指正
""",
    "blog-tech-en": """\
- {site}
-| Home Archive Tags About RSS
= {title}
- {date_en} · {n} min read
=B
- Tags: {tag}, {tag}
- ← Older post: {prev}
- Newer post: {next} →
- Comments powered by Disqus
- Built with Hugo. Theme by {author}.
""",
    "wechat": """\
- {site}
- 点击上方蓝字关注我们
= {title}
- 原创 {author} {site} {date}
=B
- 长按二维码 关注公众号
- 往期推荐
-R 3
- 点个在看 你最好看
""",
}

OTHERS = {
    "shop": """\
- 你好,请登录 免费注册 我的订单 我的{site} 会员俱乐部
- 购物车 {n}件
-| 全部商品分类 秒杀 优惠券 会员 品牌闪购 拍卖 超市 生鲜
- {section} > 品牌 > {title}
= {title}
- 价格 ¥{n}.00 降价通知 累计评价 {views}
- 配送至 有货 支持 7天无理由退货
- 加入购物车
- 商品介绍 规格与包装 售后保障 商品评价
= 颜色:{color} 重量:{n}千克
=B
- 权利声明:{site}上的所有商品信息、客户评价、商品咨询、网友讨论等内容,是{site}重要的经营资源,未经许可,禁止非法转载使用。
- 看了又看
-R 6
-* 购物指南 配送方式 支付方式 售后服务 特色服务
- {icp} | 营业执照
""",
    "wiki": """\
- 跳转到导航 跳转到搜索
= {title}
- 维基百科,自由的百科全书
=B
- 取自“https://{domain}/w/index.php?title={n}&oldid={views}”
- 分类: {section}
- 隐藏分类: 使用ISBN魔术链接的页面
- 导航菜单
- 个人工具
- 没有登录
- 讨论 贡献 创建账号 登录
- 页面 讨论
- 阅读 编辑 查看历史
- 本页面最后修订于{date} {time}。
- 本站的全部文字在知识共享 署名-相同方式共享 协议之条款下提供,附加条款亦可能应用。
- 隐私政策 关于 免责声明 移动版视图 开发者 统计 Cookie声明
""",
    "encyclopedia": """\
- {site}百科
- 新闻 网页 贴吧 知道 音乐 图片 视频 地图 文库 百科
- 进入词条 全站搜索 帮助
- 收藏 查看我的收藏 有用+1 已投票 {n}
= {title}
- 编辑 讨论 上传视频
=B
- 词条图册 更多图册
- 参考资料
- 学术论文 内容来自
- 词条标签: {tag} , {tag}
- 词条统计
- 浏览次数:{views}次
- 编辑次数:{n}次历史版本
- 最近更新: {author} ({date})
- ©{year} {site} 使用{site}前必读 | 百科协议 | 隐私政策 | 百科合作平台 | {icp}
""",
    "novel": """\
- {site} -> {section} -> 我的书架
- 上一章 返回目录 下一章 加入书签
= {title}
=B
- 一秒记住【{site} www.{domain}】,精彩小说无弹窗免费阅读!
- 上一章 返回目录 下一章
- 温馨提示:按 回车[Enter]键 返回书目,按 ←键 返回上一页, 按 →键 进入下一页。
""",
    "investment": """\
- {site}招商网
- 产业 园区 政策 资讯
= {title}
=B
~ {date}
- 有想补充的信息?点我投稿
- - 联系我们
- - 企业入驻
""",
    "japanese": """\
- {site}
- ホーム > {section} > 記事
- {date} {time} 公開
= {title}
=B
- シェア ツイート
- 関連記事
-R 4
- プライバシーポリシー | 利用規約 | お問い合わせ
- © {year} {site} 無断転載を禁じます
""",
    "docs-en": """\
- Skip to content
- {site} documentation
- Search docs
-* Getting started Installation Configuration Tutorial Reference FAQ Changelog
- Docs » {section}
- Edit on GitHub
= {title}
=B
- Next: {next}
- Previous: {prev}
- © Copyright {year}, {author}. Revision {n}{views}.
- Built with Sphinx using a theme provided by Read the Docs.
""",
}

TUNED = {**NEWS, **GOVERNMENT, **FORUMS, **BLOGS, **OTHERS}
"""The sites that weights were tuned on."""
