import { createHash } from "node:crypto";
import { PLATFORM_ID } from "../src/platform/database/ids.js";
import { UnitOfWork } from "../src/platform/database/unit-of-work.js";
import { systemViewer } from "../src/platform/database/viewer.js";
import type { Client, TestPlatform } from "./harness.js";

/** Whose rows, and a word that stands in each of their texts. */
interface Whose {
  readonly admin: Client;
  readonly member: Client;
  readonly stranger: Client;
  readonly word: string;
}

/** A row of an institution in each table of signing in, directories, rights, quotas and money. Repeatable for another institution. */
export async function rowsOfEveryKind(platform: TestPlatform, { admin, member, stranger, word }: Whose): Promise<void> {
  const { institutionId } = admin.viewer;
  const digest = createHash("sha256").update(institutionId).digest("hex");
  const id = (prefix: string) => `'${prefix}_${digest.slice(0, 32)}'`;
  const [its, one, boss] = [`'${institutionId}'`, `'${member.viewer.userId}'`, `'${admin.viewer.userId}'`];
  const line = {
    ...{
      kind: "correction",
      job: null,
      model: "northbank/cards",
      version: null,
      scenario: "risk",
      unit: "gpu",
      quantity: null,
      amount: -1,
    },
    ...{ lateFor: null, reason: `taken back for ${word}` },
  };
  const statements = [
    `insert into identity_providers (id, institution_id, kind, name, issuer, settings, client_secret, groups_claim, mapping, is_enabled)
     values (${id("idp")}, ${its}, 'oidc', 'sign-on of ${word}', 'https://${word}.example', '{"clientId": "${word}"}', 'closed ${word}', 'groups', '[{"group": "${word}", "roles": []}]', true)`,
    `insert into federated_identities (id, institution_id, provider_id, issuer, subject, user_id)
     values (${id("fid")}, ${its}, ${id("idp")}, 'https://${word}.example', '${word}', ${one})`,
    `insert into federated_sign_ins (state_hash, institution_id, provider_id, browser_hash, secrets, return_to, user_id, expires_at)
     values ('${digest}', ${its}, ${id("idp")}, 'hash', '${word}', '/models/${word}', ${one}, now() + interval '1 hour')`,
    `insert into spent_assertions (provider_id, institution_id, assertion_id, expires_at) values (${id("idp")}, ${its}, '${word}', now() + interval '1 day')`,
    `insert into device_authorizations (id, institution_id, device_hash, user_code_hash, client_name, address, scopes, interval_seconds, expires_at, decision, user_id)
     values (${id("dev")}, '${PLATFORM_ID}', '${digest}', '${digest}', 'laptop of ${word}', '192.0.2.7', '{}', 5, now() + interval '1 hour', 'approve', ${one})`,
    `insert into passkeys (id, user_id, institution_id, credential_id, public_key, counter, transports, name, is_synced)
     values (${id("pky")}, ${one}, ${its}, '${digest}', '\\x01', 0, '{}', 'key of ${word}', false)`,
    `insert into passkey_challenges (id, institution_id, challenge, purpose, user_id, expires_at)
     values ('${digest}', ${its}, '${word}', 'register', ${one}, now() + interval '1 hour')`,
    `insert into scim_users (user_id, institution_id, external_id, attributes) values (${one}, ${its}, '${word}', '{"nickName": "${word}"}')`,
    `insert into scim_groups (id, institution_id, name, external_id) values (${id("sgr")}, ${its}, 'people of ${word}', '${word}')`,
    `insert into scim_group_members (group_id, user_id, institution_id) values (${id("sgr")}, ${one}, ${its})`,
    `insert into tokens (id, institution_id, user_id, name, scopes, secret_hash, expires_at, made_by, last_used_from)
     values (${id("tok")}, ${its}, ${one}, 'directory of ${word}', '{}', 'hash of ${digest}', now() + interval '1 day', ${boss}, '192.0.2.${word}')`,
    `insert into scim_uses (institution_id, last_used_at, token_id) values (${its}, now(), ${id("tok")})`,
    `insert into users (id, institution_id, email, name, password_hash, roles, kind) values (${id("sva")}, ${its}, ${id("sva")}, 'program of ${word}', '', '{}', 'service')`,
    `insert into service_accounts (user_id, institution_id, purpose, responsible_id, created_by) values (${id("sva")}, ${its}, 'for ${word}', ${boss}, ${boss})`,
    `insert into custom_roles (id, institution_id, name, description, scopes, created_by) values (${id("rol")}, ${its}, 'role of ${word}', '${word}', '{models:read}', ${boss})`,
    `insert into role_holders (user_id, role_id, institution_id, given_by) values (${one}, ${id("rol")}, ${its}, ${boss})`,
    `update users set person = '${digest}' where id in (${one}, '${stranger.viewer.userId}')`,
    `insert into quotas (institution_id, revision, limits, set_by) values (${its}, 1, '${NO_LIMITS}', '${word}')`,
    `insert into quota_proposals (id, institution_id, revision, limits, reason, proposed_by, proposed_by_name)
     values (${id("qpr")}, ${its}, 1, '{}', 'more for ${word}', ${one}, '${word}')`,
    `insert into quota_warnings (institution_id, dimension, period, threshold) values (${its}, 'gpus of ${word}', '2020-01', 80)`,
    ...["2020-01", "2020-02"].map(
      (
        month,
        n,
      ) => `insert into charges (id, institution_id, kind, attempt_id, job_id, model_id, unit, milliseconds, price, cost, currency, month, of_month, reason, made_by, scenario)
       select 'chg_${digest.slice(1, 32)}${n}', ${its}, 'correction', null, j.id, j.model_id, 'gpu', 0, 0, -1, 'CNY', '${month}', '${month}', 'taken back for ${word}', '${word}', 'risk'
       from jobs j where j.institution_id = ${its} limit 1`,
    ),
    `insert into storage_days (institution_id, day, bytes, price) values (${its}, '2020-01-05', 7, 1)`,
    `insert into closed_months (month, institution_id, rule, currency, metered, pool, digest, closed_by, reason)
     values ('2020-01', '${PLATFORM_ID}', 'equal', 'CNY', -1, 0, '${digest}', 'us', 'month end')`,
    `insert into statements (institution_id, month, currency, lines, own, shared, total) values (${its}, '2020-01', 'CNY', '${JSON.stringify([line])}', -1, 0, -1)`,
  ];
  await platform.app.get(UnitOfWork).run(systemViewer(PLATFORM_ID, "platform", "test"), async (tx) => {
    for (const statement of statements) await tx.query(statement);
  });
}

const NO_LIMITS = JSON.stringify({ gpus: null, gpuHours: null, money: null, jobsQueued: null, storageBytes: null, mayBorrow: false });
