import type { CardField, Relation, Seal, Tier, VersionState } from "@ziggurat/contracts";

/** The words of a report, in one language. */
export interface ReportWords {
  readonly card: Readonly<Record<CardField, string>>;
  readonly missing: string;
  readonly title: (ref: string) => string;
  readonly facts: { readonly [name in "state" | "tier" | "owner" | "digest" | "sealed" | "released" | "licence" | "parameters"]: string };
  readonly sections: {
    readonly [name in "card" | "terms" | "ancestry" | "data" | "scores" | "jobs" | "files"]: string;
  };
  readonly columns: {
    readonly [name in
      | "version"
      | "tier"
      | "state"
      | "from"
      | "relation"
      | "seal"
      | "digest"
      | "dataset"
      | "basis"
      | "licence"
      | "rows"
      | "score"
      | "job"
      | "method"
      | "requested"
      | "approved"
      | "finished"
      | "path"
      | "bytes"]: string;
  };
  readonly terms: { readonly [name in "commercialUse" | "redistribution" | "regions" | "yes" | "no" | "anywhere"]: string };
  readonly none: string;
  readonly tiers: Readonly<Record<Tier, string>>;
  readonly states: Readonly<Record<VersionState, string>>;
  readonly relations: Readonly<Record<Relation, string>>;
  readonly seals: Readonly<Record<Seal, string>>;
  readonly scores: Readonly<Record<"exact_match" | "perplexity", string>>;
}

const en: ReportWords = {
  title: (ref) => `${ref} and what it stands on`,
  missing: "not stated",
  none: "none",
  card: {
    purpose: "Intended use",
    limits: "Limits",
    trainingData: "Training data",
    contact: "Contact",
    languages: "Languages",
    supplier: "Supplier",
    source: "Source",
    filing: "Regulatory filing",
  },
  facts: {
    state: "State",
    tier: "Tier",
    owner: "Owner",
    digest: "Root digest (SHA-256)",
    sealed: "Sealed at",
    released: "Released at",
    licence: "Licence",
    parameters: "Parameters",
  },
  sections: { card: "Card", terms: "Terms", ancestry: "Ancestry", data: "Data", scores: "Scores", jobs: "Jobs", files: "Files" },
  columns: {
    version: "Version",
    tier: "Tier",
    state: "State",
    from: "Derived from",
    relation: "Relation",
    seal: "Recorded",
    digest: "SHA-256",
    dataset: "Dataset",
    basis: "Legal basis",
    licence: "Licence",
    rows: "Rows",
    score: "Score",
    job: "Job",
    method: "Method",
    requested: "Requested by",
    approved: "Approved by",
    finished: "Finished at",
    path: "Path",
    bytes: "Bytes",
  },
  terms: {
    commercialUse: "Commercial use",
    redistribution: "Redistribution",
    regions: "Regions",
    yes: "allowed",
    no: "not allowed",
    anywhere: "anywhere",
  },
  tiers: { foundation: "foundation model", finance: "finance model", institution: "task model" },
  states: {
    draft: "draft",
    sealed: "sealed",
    in_review: "in review",
    released: "released",
    deprecated: "deprecated",
    retired: "retired",
    quarantined: "quarantined",
    recalled: "recalled",
  },
  relations: {
    pretrained_from: "pre-trained from",
    finetuned_from: "fine-tuned from",
    adapter_of: "adapter of",
    merged_from: "merged from",
    quantized_from: "quantised from",
    distilled_from: "distilled from",
  },
  seals: { sealed: "by the job that did it", declared: "as declared" },
  scores: { exact_match: "exact match", perplexity: "perplexity" },
};

const zh: ReportWords = {
  title: (ref) => `${ref} 及其全部来源`,
  missing: "未填写",
  none: "无",
  card: {
    purpose: "用途",
    limits: "限制",
    trainingData: "训练数据",
    contact: "联系人",
    languages: "语言",
    supplier: "供应方",
    source: "来源",
    filing: "监管备案",
  },
  facts: {
    state: "状态",
    tier: "层级",
    owner: "所有者",
    digest: "根摘要（SHA-256）",
    sealed: "封存时间",
    released: "发布时间",
    licence: "许可证",
    parameters: "参数量",
  },
  sections: { card: "模型卡", terms: "使用条款", ancestry: "血缘", data: "数据", scores: "得分", jobs: "任务", files: "文件" },
  columns: {
    version: "版本",
    tier: "层级",
    state: "状态",
    from: "派生自",
    relation: "关系",
    seal: "记录方式",
    digest: "SHA-256",
    dataset: "数据集",
    basis: "法律依据",
    licence: "许可证",
    rows: "行数",
    score: "得分",
    job: "任务",
    method: "方法",
    requested: "申请人",
    approved: "批准人",
    finished: "完成时间",
    path: "路径",
    bytes: "字节数",
  },
  terms: { commercialUse: "商业使用", redistribution: "再分发", regions: "地区", yes: "允许", no: "不允许", anywhere: "不限" },
  tiers: { foundation: "基础模型", finance: "金融行业模型", institution: "任务模型" },
  states: {
    draft: "草稿",
    sealed: "已封存",
    in_review: "审核中",
    released: "已发布",
    deprecated: "已弃用",
    retired: "已退役",
    quarantined: "已隔离",
    recalled: "已召回",
  },
  relations: {
    pretrained_from: "继续预训练自",
    finetuned_from: "微调自",
    adapter_of: "适配器，基于",
    merged_from: "合并自",
    quantized_from: "量化自",
    distilled_from: "蒸馏自",
  },
  seals: { sealed: "由执行的任务封存", declared: "声明" },
  scores: { exact_match: "完全匹配", perplexity: "困惑度" },
};

/** The languages a report is written in. */
export const REPORT_WORDS = { en, zh } as const;
