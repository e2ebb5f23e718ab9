import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from "jose";
import Provider, { type Configuration } from "oidc-provider";

/** Somebody at the provider. */
export interface Account {
  readonly sub: string;
  readonly email?: string;
  readonly emailVerified?: boolean;
  readonly name?: string;
  readonly groups?: readonly string[];
}

export interface OpenIdProvider {
  readonly issuer: string;
  readonly client: { readonly id: string; readonly secret: string };
  /** Who is at the keyboard; the provider asks nobody for a password. Null: the person turns the request down. */
  account: Account | null;
  /** Rewrites the ID tokens that the provider hands out, as somebody would who has come between. */
  tamper: ((idToken: string, claims: JWTPayload) => Promise<string> | string) | null;
  /** What the client at the provider needs to know of us; begins to answer from then on. @param signedOutUrl null: nobody signs out there */
  serve(callbackUrl: string, logoutUrl: string, signedOutUrl?: string | null): void;
  /** Signed with the provider's own key. */
  sign(claims: JWTPayload, header?: Readonly<Record<string, unknown>>): Promise<string>;
  close(): Promise<void>;
}

/** A real OpenID provider on a free port. Whoever comes is the `account` of that moment. */
export async function startOpenIdProvider(): Promise<OpenIdProvider> {
  const { privateKey } = await generateKeyPair("RS256", { extractable: true });
  const jwk = { ...(await exportJWK(privateKey)), kid: "first", alg: "RS256", use: "sig" };
  let answer = (_request: IncomingMessage, response: ServerResponse): void => void response.writeHead(503).end();
  const server = createServer((request, response) => answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port }: AddressInfo = Object(server.address());
  const issuer = `http://127.0.0.1:${port}`;
  const client = { id: "ziggurat", secret: "a secret of the provider's client" };
  const op: OpenIdProvider = {
    issuer,
    client,
    account: null,
    tamper: null,
    serve(callbackUrl, logoutUrl, signedOutUrl) {
      const find = (sub: string) => (op.account?.sub === sub ? op.account : undefined);
      const provider = new Provider(issuer, configurationOf(client, jwk, { callbackUrl, logoutUrl, signedOutUrl }, find));
      const callback = provider.callback();
      answer = (request, response) => {
        const path = request.url?.split("?")[0] ?? "";
        if (path.startsWith("/interaction/")) void interact(provider, request, response, op.account);
        else {
          if (path === "/token" && op.tamper !== null) tamperWith(response, op.tamper);
          void callback(request, response);
        }
      };
    },
    sign: (claims, header = {}) => new SignJWT(claims).setProtectedHeader({ alg: "RS256", kid: "first", ...header }).sign(privateKey),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return op;
}

interface Ours {
  readonly callbackUrl: string;
  readonly logoutUrl: string;
  readonly signedOutUrl: string | null | undefined;
}

function configurationOf(
  client: { readonly id: string; readonly secret: string },
  jwk: object,
  { callbackUrl, logoutUrl, signedOutUrl }: Ours,
  find: (sub: string) => Account | undefined,
): Configuration {
  return {
    clients: [
      {
        client_id: client.id,
        client_secret: client.secret,
        redirect_uris: [callbackUrl],
        post_logout_redirect_uris: signedOutUrl ? [signedOutUrl] : [],
        backchannel_logout_uri: logoutUrl,
        backchannel_logout_session_required: true,
      },
    ],
    jwks: { keys: [jwk] },
    cookies: { keys: ["a key of the provider's cookies"] },
    claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name", "groups"] },
    features: {
      devInteractions: { enabled: false },
      backchannelLogout: { enabled: true },
      rpInitiatedLogout: { enabled: signedOutUrl !== null },
    },
    ttl: { Session: 3600, Grant: 3600, Interaction: 600, IdToken: 600, AccessToken: 600, AuthorizationCode: 60 },
    findAccount: (_, sub) => ({
      accountId: sub,
      claims: () => {
        const { email, emailVerified, name, groups } = find(sub) ?? {};
        return { sub, email, email_verified: emailVerified, name, groups };
      },
    }),
    async loadExistingGrant(context) {
      const { client: asking, session, provider, params } = context.oidc;
      if (asking === undefined || session?.accountId === undefined) return undefined;
      const grant = new provider.Grant({ clientId: asking.clientId, accountId: session.accountId });
      grant.addOIDCScope(String(params?.scope));
      await grant.save();
      return grant;
    },
  };
}

/** Answers for the person: they are the account, or they turn away. */
async function interact(provider: Provider, request: IncomingMessage, response: ServerResponse, account: Account | null): Promise<void> {
  const result = account === null ? { error: "access_denied" } : { login: { accountId: account.sub, remember: false } };
  await provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false });
}

function tamperWith(response: ServerResponse, tamper: NonNullable<OpenIdProvider["tamper"]>): void {
  const end = response.end.bind(response);
  const replaced = (body: unknown): ServerResponse => {
    const tokens: { id_token?: string } = JSON.parse(String(body));
    if (tokens.id_token === undefined) return end(body);
    const [, payload = ""] = tokens.id_token.split(".");
    void Promise.resolve(tamper(tokens.id_token, JSON.parse(Buffer.from(payload, "base64url").toString()))).then((id_token) => {
      const text = JSON.stringify({ ...tokens, id_token });
      response.setHeader("content-length", Buffer.byteLength(text));
      end(text);
    });
    return response;
  };
  Object.assign(response, { end: replaced });
}
