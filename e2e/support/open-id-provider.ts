import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from "jose";
import Provider from "oidc-provider";

/** Somebody at the provider. */
export interface Account {
  readonly sub: string;
  readonly email: string;
  readonly name: string;
  readonly groups: readonly string[];
}

export interface OpenIdProvider {
  readonly issuer: string;
  readonly client: { readonly id: string; readonly secret: string };
  /** What the client at the provider needs to know of the platform; it answers from then on, for each institution that it was told of. */
  serve(callbackUrl: string, logoutUrl: string, signedOutUrl: string): void;
  /** Signed with the provider's own key, as a logout token is. */
  sign(claims: JWTPayload): Promise<string>;
  close(): Promise<void>;
}

/** A real OpenID provider on a free port, with sign-in and consent pages of its own; any password is good there. */
export async function startOpenIdProvider(accounts: readonly Account[]): Promise<OpenIdProvider> {
  const { privateKey } = await generateKeyPair("RS256", { extractable: true });
  const jwk = { ...(await exportJWK(privateKey)), kid: "first", alg: "RS256", use: "sig" };
  let answer = (_request: IncomingMessage, response: ServerResponse): void => void response.writeHead(503).end();
  const server = createServer((request, response) => answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port }: AddressInfo = Object(server.address());
  const issuer = `http://127.0.0.1:${port}`;
  const client = { id: "ziggurat", secret: "a secret of the provider's client" };
  const redirects: string[] = [];
  const signedOut: string[] = [];
  return {
    issuer,
    client,
    serve(callbackUrl, logoutUrl, signedOutUrl) {
      redirects.push(callbackUrl);
      signedOut.push(signedOutUrl);
      const provider = new Provider(issuer, {
        clients: [
          {
            client_id: client.id,
            client_secret: client.secret,
            redirect_uris: redirects,
            backchannel_logout_uri: logoutUrl,
            post_logout_redirect_uris: signedOut,
          },
        ],
        jwks: { keys: [jwk] },
        cookies: { keys: ["a key of the provider's cookies"] },
        claims: { openid: ["sub"], email: ["email"], profile: ["name", "groups"] },
        features: { devInteractions: { enabled: true }, backchannelLogout: { enabled: true } },
        ttl: { Session: 3600, Grant: 3600, Interaction: 600, IdToken: 600, AccessToken: 600, AuthorizationCode: 60 },
        findAccount: (_, sub) => ({ accountId: sub, claims: () => ({ ...accounts.find((one) => one.sub === sub), sub }) }),
        async loadExistingGrant(context) {
          const { client: asking, session, provider: own, params } = context.oidc;
          if (asking === undefined || session?.accountId === undefined) return undefined;
          const grant = new own.Grant({ clientId: asking.clientId, accountId: session.accountId });
          grant.addOIDCScope(String(params?.scope));
          await grant.save();
          return grant;
        },
      });
      const callback = provider.callback();
      answer = (request, response) => void callback(request, response);
    },
    sign: (claims) => new SignJWT(claims).setProtectedHeader({ alg: "RS256", kid: "first", typ: "logout+jwt" }).sign(privateKey),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
