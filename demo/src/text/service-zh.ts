import type { Talk } from "./dialogue.js";

/** Chinese messages to a bank's customer service. */
export const serviceChinese: Talk = {
  language: "zh",
  system: "判断客户意图，只回答一个标签。",
  lexicon: {
    when: ["昨天", "今天早上", "昨晚", "{day}", "前天", "一个小时前"],
    day: ["星期一", "星期二", "星期三", "星期四", "星期五", "星期六", "星期天"],
    where: ["在公交车上", "在火车站", "在商店里", "在机场", "在饭店里", "在公园旁边"],
    sum: ["{20-990}元", "{2-60}万元", "{100-999}块"],
    who: ["我姐姐", "我妈妈", "房东", "一个朋友", "我儿子", "供应商"],
    city: ["北京", "上海", "杭州", "成都", "广州", "西安"],
  },
  openers: {
    train: ["", "", "你好，", "您好，", "早上好，", "请问，", "客服，", "我是{city}的客户。", "我{when}写过信。", "网点{day}不开门。"],
    heldOut: ["晚上好，", "打扰一下，", "喂，", "麻烦您，"],
  },
  closers: {
    train: [
      "",
      "",
      "请帮帮我。",
      "我该怎么办？",
      "谢谢。",
      "等你们回复。",
      "{day}可以打我电话。",
      "{who}也有同样的问题。",
      "我用你们银行{2-30}年了。",
    ],
    heldOut: ["能查一下吗？", "望告知。", "先谢过了。", "请尽快处理。"],
  },
  plain: [
    "{cue}。",
    "事情是这样：{cue}。",
    "简单说，{cue}。",
    "是{cue}的事，{where}。",
    "{when}，{cue}。",
    "就几个字：{cue}！",
    "{who}问{cue}。",
    "主题：{cue}，{city}。",
    "{cue}，{sum}。",
    "又是{cue}啊。",
  ],
  labels: [
    {
      label: "lost_card",
      lexicon: { cue: ["银行卡丢了", "卡不见了", "把卡弄丢了", "卡片遗失了", "找不到我的卡"] },
      train: [
        "我{when}{where}{cue}。",
        "{when}发现{cue}，请马上冻结。",
        "我好像{where}{cue}。",
        "我{cue}，想挂失。",
        "{cue}，没有人捡到。",
      ],
      heldOut: ["去{city}的路上我{cue}。", "包没了，连带{cue}。", "跟你们说一声，{cue}，大概是{when}的事。"],
    },
    {
      label: "report_fraud",
      lexicon: { cue: ["一笔盗刷", "一笔不是我做的交易", "诈骗转账", "未经我同意的消费", "卡号被盗用的扣款"] },
      train: [
        "账单上有{cue}，金额{sum}。",
        "{when}出现了{cue}。",
        "有人{where}搞了{cue}。",
        "我的账户有{cue}，要报案。",
        "我收到短信说有{cue}。",
      ],
      heldOut: ["手机提醒我在{city}有{cue}。", "真吓人，我查到{cue}，{sum}。", "谁能拦住{when}的{cue}？"],
    },
    {
      label: "card_delivery",
      lexicon: { cue: ["新卡还没寄到", "卡片一直没收到", "补办的卡没有送来", "还在等卡寄过来", "卡的快递迟迟不到"] },
      train: ["已经{2-6}个星期了，{cue}。", "{when}申请的，{cue}。", "为什么{cue}？", "说好{day}到，可是{cue}。", "{cue}，包裹在哪里？"],
      heldOut: ["我住{city}，{cue}。", "信箱是空的，{cue}。", "物流查不到，从{day}起{cue}。"],
    },
    {
      label: "raise_limit",
      lexicon: { cue: ["提高额度", "调高信用额度", "增加每日限额", "把限额提上去", "申请临时提额"] },
      train: ["我想{cue}到{sum}。", "可以{cue}吗？", "出门旅行之前想{cue}。", "怎样才能{cue}？", "我的要求很简单：{cue}，至少{sum}。"],
      heldOut: ["要付{city}的酒店，需要{cue}。", "能不能安排从{day}起{cue}？", "涨工资了，盼着{cue}。"],
    },
    {
      label: "transfer_failed",
      lexicon: { cue: ["转账失败了", "转账被退回", "汇款没有成功", "转账一直卡着", "转账没到账"] },
      train: ["我给{who}转{sum}，{cue}。", "{when}{cue}，没有说原因。", "为什么{cue}？", "手机银行里两次{cue}。", "收款人说{cue}。"],
      heldOut: ["我想付钱给{city}的{who}，结果{cue}。", "弹出一个错误，{when}{cue}。", "{who}什么都没拿到，{cue}。"],
    },
    {
      label: "early_repayment",
      lexicon: { cue: ["提前还款", "提前还清房贷", "把贷款一次结清", "提前结清贷款", "提前归还贷款"] },
      train: ["我想{cue}。", "{cue}要付多少违约金？", "可以用{sum}{cue}吗？", "这个月怎么{cue}？", "我打算{day}{cue}。"],
      heldOut: ["手里多了{sum}，希望{cue}。", "要是我们{cue}会不会罚钱？", "卖了{city}的房子以后准备{cue}。"],
    },
    {
      label: "fee_dispute",
      lexicon: { cue: ["没同意过的年费", "收错的手续费", "重复扣的服务费", "说不清的费用", "不合理的滞纳金"] },
      train: ["你们扣了{sum}{cue}。", "账单里有{cue}，请退给我。", "{when}被扣了{cue}。", "我不接受{cue}。", "凭什么要我付{cue}？"],
      heldOut: ["{city}寄来的对账单列着{cue}。", "我反对{cue}，要把{sum}拿回来。", "请解释{when}冒出来的{cue}。"],
    },
    {
      label: "update_contact",
      lexicon: { cue: ["换手机号", "修改地址", "更新邮箱", "登记新的电话号码", "更正通讯地址"] },
      train: ["我需要{cue}。", "我{when}搬家了，想{cue}。", "手机银行里哪里可以{cue}？", "能在网上{cue}吗？", "请在系统里帮我{cue}。"],
      heldOut: ["现在住在{city}，得{cue}。", "{who}叫我来{cue}。", "{day}之前要{cue}，填哪张表？"],
    },
    {
      label: "close_account",
      lexicon: { cue: ["注销账户", "销户", "把账户关掉", "取消我的储蓄账户", "不再保留账户"] },
      train: ["我想{cue}。", "怎么{cue}？", "用不着了，要{cue}。", "{cue}要带什么证件？", "从{day}起我想{cue}。"],
      heldOut: ["我要离开这里去{city}，得{cue}。", "我{when}决定{cue}。", "如果{cue}，要不要亲自跑一趟？"],
    },
    {
      label: "out_of_scope",
      lexicon: { cue: ["面条的做法", "天气预报", "足球比分", "好看的电影", "写春天的诗", "音乐的历史"] },
      train: ["给我讲讲{cue}。", "你知道{day}的{cue}吗？", "我在找{cue}。", "我的问题是关于{cue}。", "能听听{cue}吗？"],
      heldOut: ["{city}人人都在聊{cue}。", "替{who}要一份{cue}。", "{day}前发我{cue}。"],
    },
  ],
};
