import type pg from "pg";

const PLATFORM = `ins_${"0".repeat(32)}`;
const TERMS = '{"commercialUse": true, "redistribution": true, "regions": []}';

/**
 * `models` models of twenty institutions and the platform, with cards in both languages, and one finance model with `versions` versions,
 * all released, one in ten with notes, one in a hundred measured, all standing on foundation/base@1. Written past the API; the documents
 * by the triggers that write them always.
 */
export async function fillRegistry(client: pg.Client, models: number, versions: number): Promise<void> {
  const id = (kind: string, n: string) => `'${kind}_' || lpad(to_hex(${n}), 32, '0')`;
  const word = (list: string, n: string) => `(string_to_array('${list}', ' '))[${n} % ${list.split(" ").length} + 1]`;
  await client.query(`insert into institutions (id, slug, name)
    select ${id("ins", "n + 1000")}, 'bank-' || n, '第' || n || '银行' from generate_series(1, 20) n on conflict do nothing`);
  await client.query(`
    insert into models (id, institution_id, namespace, slug, tier, name, card, licence, terms, scenario, tags, created_by)
    select ${id("mod", "n + 1000")}, case when n % 20 = 0 then '${PLATFORM}' else ${id("ins", "n % 20 + 1000")} end,
      case when n % 20 = 0 then 'finance' else 'bank-' || n % 20 end, 'model-' || n, case when n % 20 = 0 then 'finance' else 'institution' end,
      ${word("客服 风控 催收 营销 质检 信贷 理财 反洗钱", "n")} || '模型 ' || n,
      jsonb_build_object('purpose', repeat(${word("面向银行客户的智能问答 识别可疑交易 贷后催收话术 电话录音质检", "n / 8")} || '，覆盖多种业务场景。', 8)
          || repeat('Answers questions about ' || ${word("loans cards deposits funds insurance transfers", "n / 3")} || ' for customers of banks. ', 8),
        'limits', '不得用于投资建议。Not for advice. Reference ' || md5(n::text), 'trainingData', '', 'contact', 'desk-' || n % 50, 'languages', '["zh", "en"]'::jsonb),
      ${word("Apache-2.0 MIT BSL-1.1 own", "n")}, '${TERMS}', case when n % 20 <> 0 then ${word("customer_service risk collections marketing", "n / 7")} end,
      array[${word("客服 风险 催收 营销", "n / 2")}, 't' || n % 200], 'bench'
    from generate_series(1, ${models}) n`);
  await client.query(`
    insert into models (id, institution_id, namespace, slug, tier, name, card, licence, terms, created_by) values
      (${id("mod", "1")}, '${PLATFORM}', 'foundation', 'base', 'foundation', 'Base', '{}', 'Apache-2.0', '${TERMS}', 'bench'),
      (${id("mod", "2")}, '${PLATFORM}', 'finance', 'ledger', 'finance', '总账 Ledger', '{}', 'Apache-2.0', '${TERMS}', 'bench')`);
  await client.query(`
    insert into versions (id, institution_id, model_id, number, tier, state, artifact_kind, root_digest, effective_terms, created_by, sealed_at, released_at, notes, line_id, line_seq)
    select ${id("ver", "1")}, '${PLATFORM}', ${id("mod", "1")}, 1, 'foundation', 'released', 'full', md5('1'), '${TERMS}'::jsonb, 'bench', now(), now(), '', 900001, 1
    union all select ${id("ver", "n + 1000")}, '${PLATFORM}', ${id("mod", "2")}, n, 'finance', 'released', 'full', md5(n::text), '${TERMS}'::jsonb, 'bench', now(), now(),
      case when n % 10 = 0 then '重新训练，误报减少。Retrained on quarter ' || n % 97 || ', run ' || md5(n::text) else '' end, 900002, n
    from generate_series(1, ${versions}) n
    union all select ${id("ver", "n + 500000")}, case when n % 20 = 0 then '${PLATFORM}' else ${id("ins", "n % 20 + 1000")} end, ${id("mod", "n + 1000")}, 1,
      case when n % 20 = 0 then 'finance' else 'institution' end, case when n % 3 = 0 then 'sealed' else 'released' end, 'full', md5(n::text), '${TERMS}'::jsonb, 'bench',
      now(), case when n % 3 <> 0 then now() end, '', null, null
    from generate_series(1, ${models}) n`);
  await client.query("set session_replication_role = replica");
  await client.query(`
    insert into lines (id, institution_id, model_id, tier, tip_seq) overriding system value values
      (900001, '${PLATFORM}', ${id("mod", "1")}, 'foundation', 1), (900002, '${PLATFORM}', ${id("mod", "2")}, 'finance', ${versions});
    insert into line_closure (line_id, anc_line, anc_seq, min_seq, institution_id) values (900002, 900001, 1, 1, '${PLATFORM}');
    insert into evaluations (id, institution_id, version_id, dataset_version_id, job_id, format, root_digest, rows, perplexity, items_sha256)
      select ${id("evl", "n")}, '${PLATFORM}', ${id("ver", "n + 1000")}, 'dsv_1', 'job_' || n, 'text', md5(n::text), 10, 3 + n % 1000 / 100.0, md5(n::text)
      from generate_series(100, ${versions}, 100) n`);
  await client.query("set session_replication_role = origin");
  await client.query("vacuum (analyze)");
}
