/** What a JWT says of itself, where it says it and is one. Its signature is the other end's to check. */
export function claimsOf(token: string): { readonly user: string | null; readonly expiry: number | null } {
  try {
    const payload: unknown = JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString("utf8"));
    const claim = (name: string) =>
      typeof payload === "object" && payload !== null && name in payload ? payload[name as keyof typeof payload] : null;
    const [user, exp]: unknown[] = [claim("sun"), claim("exp")];
    return { user: typeof user === "string" ? user : null, expiry: typeof exp === "number" && Number.isFinite(exp) ? exp * 1000 : null };
  } catch {
    return { user: null, expiry: null };
  }
}

/** When it runs out, in milliseconds since the epoch. */
export const expiryOf = (token: string): number | null => claimsOf(token).expiry;
