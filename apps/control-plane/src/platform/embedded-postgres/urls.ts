/** Connection address of one login on the embedded server. */
export function loginUrl(login: {
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
}): string {
  return `postgres://${login.user}:${encodeURIComponent(login.password)}@127.0.0.1:${login.port}/${login.database}`;
}

/** The same address, with settings that the server applies when the session begins. */
export function withSessionOptions(url: string, options: string): string {
  const address = new URL(url);
  const before = address.searchParams.get("options");
  address.searchParams.delete("options");
  const rest = address.searchParams.toString();
  const all = encodeURIComponent(before ? `${before} ${options}` : options);
  address.search = "";
  return `${address.href}?${rest ? `${rest}&` : ""}options=${all}`;
}
