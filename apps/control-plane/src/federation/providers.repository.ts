import { Injectable } from "@nestjs/common";
import type { FoundProviders } from "@ziggurat/contracts";
import type { Tx } from "../platform/database/unit-of-work.js";
import { type Provider, type ProviderRow, providerOf } from "./provider-row.js";

export type NewProvider = Omit<Provider, "institutionSlug" | "people" | "createdAt" | "updatedAt">;

const SELECT = `select p.*, i.slug,
    (select count(*)::int from federated_identities f join users u on u.id = f.user_id where f.provider_id = p.id and u.removed_at is null) as people
  from identity_providers p join institutions i on i.id = p.institution_id`;

@Injectable()
export class ProvidersRepository {
  /** In the order they were set up, after the given id. */
  async list(tx: Tx, institutionId: string, limit: number, afterId: string): Promise<readonly Provider[]> {
    const rows = await tx.query<ProviderRow>(`${SELECT} where p.institution_id = $1 and p.id > $2 order by p.id limit $3`, [
      institutionId,
      afterId,
      limit,
    ]);
    return rows.map(providerOf);
  }

  async count(tx: Tx, institutionId: string): Promise<number> {
    const [row] = await tx.query<{ n: number }>("select count(*)::int as n from identity_providers where institution_id = $1", [
      institutionId,
    ]);
    return row?.n ?? 0;
  }

  async find(tx: Tx, id: string): Promise<Provider | null> {
    const [row] = await tx.query<ProviderRow>(`${SELECT} where p.id = $1`, [id]);
    return row === undefined ? null : providerOf(row);
  }

  /** Of an institution, locked until the transaction ends. */
  async lock(tx: Tx, institutionId: string, id: string): Promise<Provider | null> {
    const [row] = await tx.query<ProviderRow>(`${SELECT} where p.id = $1 and p.institution_id = $2 for update of p`, [id, institutionId]);
    return row === undefined ? null : providerOf(row);
  }

  /** What anybody may know before they sign in. One statement, whether there is such an institution or not. */
  async offered(tx: Tx, slug: string): Promise<FoundProviders["providers"]> {
    return tx.query(
      `select p.id, p.kind, p.name from institutions i join identity_providers p on p.institution_id = i.id and p.is_enabled
        where i.slug = $1 order by p.id limit 20`,
      [slug],
    );
  }

  async insert(tx: Tx, provider: NewProvider): Promise<void> {
    await tx.query(
      `insert into identity_providers
         (id, institution_id, kind, name, issuer, settings, client_secret, groups_claim, mapping, is_enabled, is_configured)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
      valuesOf(provider),
    );
  }

  async update(tx: Tx, provider: NewProvider): Promise<void> {
    await tx.query(
      `update identity_providers set kind = $3, name = $4, issuer = $5, settings = $6, client_secret = $7, groups_claim = $8, mapping = $9,
         is_enabled = $10, is_configured = $11, updated_at = now()
       where id = $1 and institution_id = $2`,
      valuesOf(provider),
    );
  }

  /** Ends every session that was opened through a provider. @returns how many */
  async endSessions(tx: Tx, providerId: string): Promise<number> {
    return (await tx.query("delete from sessions where provider_id = $1 returning 1", [providerId])).length;
  }
}

const valuesOf = (provider: NewProvider): unknown[] => [
  provider.id,
  provider.institutionId,
  provider.kind,
  provider.name,
  provider.issuer,
  JSON.stringify(provider.settings),
  provider.secret,
  provider.groupsClaim,
  JSON.stringify(provider.mapping),
  provider.isEnabled,
  provider.isConfigured,
];
