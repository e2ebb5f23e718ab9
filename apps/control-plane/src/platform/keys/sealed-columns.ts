/** Every column whose texts the vault closes. A new one is named here, or a change of the key would leave it behind. */
export const SEALED_COLUMNS: readonly SealedColumn[] = [
  { table: "platform_keys", row: "name", column: "private_key" },
  { table: "second_factors", row: "user_id", column: "secret" },
  { table: "identity_providers", row: "id", column: "client_secret" },
  { table: "sessions", row: "id", column: "id_token" },
  { table: "federated_sign_ins", row: "state_hash", column: "secrets" },
];

export interface SealedColumn {
  readonly table: string;
  /** The primary key: with the table it is the place that a text is bound to. */
  readonly row: string;
  readonly column: string;
}
