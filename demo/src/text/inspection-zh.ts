import type { Talk } from "./dialogue.js";

/** Chinese lines spoken by agents on recorded calls, to be inspected for breaches. */
export const inspectionChinese: Talk = {
  language: "zh",
  system: "检查坐席的话，只回答一个标签。",
  lexicon: {
    day: ["星期一", "星期二", "星期三", "星期四", "星期五", "明天", "今晚"],
    sum: ["{200-990}元", "{2-60}万元", "{100-999}块"],
    product: ["这只基金", "这份保单", "这笔贷款", "这个储蓄计划", "黄金账户"],
    person: ["王先生", "李女士", "陈小姐", "朴先生", "赵女士"],
  },
  openers: {
    train: ["", "坐席：", "{person}，您听我说，", "这样，", "我刚才讲过，", "稍等，"],
    heldOut: ["坐席说道：", "那么{person}，", "说清楚一点，", "好，"],
  },
  closers: {
    train: ["", "听明白了吗？", "这样可以吗？", "我来电是为了{product}。", "请不要挂机。"],
    heldOut: ["跟得上吗？", "就是这么回事。", "我们往下讲？", "说的是{product}。"],
  },
  labels: [
    {
      label: "guaranteed_return",
      lexicon: { cue: ["保本保息", "稳赚不赔", "零风险高收益", "肯定赚{5-20}个点", "保证收益"] },
      train: ["买{product}{cue}。", "我向您承诺{cue}。", "{product}就是{cue}，我发誓。", "买过的人都{cue}。", "投{sum}进来，{cue}。"],
      heldOut: ["没人会亏，{day}起{cue}。", "信我，{product}带来的就是{cue}。", "宣传单写得保守，我给您的是{cue}。"],
    },
    {
      label: "threat_of_force",
      lexicon: { cue: ["砸你家的门", "派人上门打你", "让你后悔", "打断你的腿", "砸你的车"] },
      train: ["不还{sum}就{cue}。", "{day}不还钱，我们{cue}。", "我的同事会{cue}。", "想让我们{cue}吗？", "知道你住哪里，{cue}。"],
      heldOut: ["{day}是最后机会，过了就{cue}。", "欠{sum}足够我们{cue}。", "这边有的是人愿意{cue}。"],
    },
    {
      label: "third_party_disclosure",
      lexicon: { cue: ["把欠款告诉你领导", "给你父母打电话说你欠钱", "通知你同事你欠债", "把欠款贴给邻居看", "让你亲戚知道你欠钱"] },
      train: ["我会{cue}。", "{day}我们已经{cue}。", "不还{sum}我就{cue}。", "要{cue}很容易。", "下一步就{cue}。"],
      heldOut: ["除非{sum}到账，否则等着我{cue}。", "联系人名单准备好了，{day}{cue}。", "如果{cue}，你丢不丢脸？"],
    },
    {
      label: "impersonating_authority",
      lexicon: { cue: ["法院的", "公安局的", "检察院的", "政府监察部门的", "税务局的"] },
      train: ["我是{cue}。", "这里是{cue}，请交{sum}。", "现在跟你讲话的是{cue}。", "我代表{cue}处理你的案子。", "{cue}来电，已经立案。"],
      heldOut: ["我的证件写着{cue}，{day}前结清{sum}。", "从现在起把我当成{cue}人。", "受{cue}委派，命令你付款。"],
    },
    {
      label: "abusive_language",
      lexicon: { cue: ["骗子", "蠢货", "没用的东西", "白痴", "不要脸的垃圾"] },
      train: ["你就是{cue}。", "怎么会有这样的{cue}？", "没见过你这种{cue}。", "只有{cue}才会欠{sum}。", "像你这样的人都是{cue}。"],
      heldOut: ["{person}，说实话你听着像{cue}。", "{day}又没还，证明你是{cue}。", "我的记录里管你叫{cue}。"],
    },
    {
      label: "password_request",
      lexicon: { cue: ["您的密码", "验证码", "银行卡密码", "短信里的六位数字", "登录密码"] },
      train: ["把{cue}念给我。", "我需要{cue}才能继续。", "现在请告诉我{cue}。", "{cue}是多少？", "只要说出{cue}，{product}就办好了。"],
      heldOut: ["慢慢报一下{cue}。", "办{product}，我们这边{day}前要{cue}。", "没有{cue}，{sum}放不出来。"],
    },
    {
      label: "private_payment",
      lexicon: { cue: ["我个人账户", "我自己的银行卡", "我的私人钱包", "同事的个人账户", "我爱人的账户"] },
      train: ["把{sum}转到{cue}。", "钱打到{cue}。", "可以付到{cue}。", "走{cue}更快。", "{day}前把{sum}存进{cue}。"],
      heldOut: ["公司通道慢，{sum}用{cue}收。", "我把{cue}的号码发给您。", "{product}的定金{day}进{cue}。"],
    },
    {
      label: "concealed_fee",
      lexicon: { cue: ["手续费不用管", "费用那页不用看", "收费就不提了", "费率条款跳过去", "费用是小事，不写"] },
      train: ["{cue}，直接签字。", "{product}的{cue}。", "相信我，{cue}。", "{day}前签，{cue}。", "我们一般都说{cue}。"],
      heldOut: ["您问的{sum}，{cue}。", "{product}合同很长，{cue}。", "{person}，咱们私下说，{cue}。"],
    },
    {
      label: "compliant",
      lexicon: { cue: ["本次通话有录音", "您可以申请还款计划", "收益不作保证", "所有费用都列在合同里", "您可以拨打热线投诉"] },
      train: ["请注意，{cue}。", "我必须告知您，{cue}。", "关于{product}，{cue}。", "{day}之前您应当知道，{cue}。", "提醒您，{cue}。"],
      heldOut: ["按照规定，{cue}，{person}。", "哪怕是{sum}，{cue}。", "您考虑到{day}也行，{cue}。"],
    },
  ],
};
