// biome-ignore lint/suspicious/noExplicitAny: tests compare parts of answers with what they expect
type SentAnswer = any;

/** A browser as far as sign-in needs one: cookies by origin, and redirections followed one by one. */
export class Walker {
  private readonly jars = new Map<string, Map<string, string>>();

  constructor(private readonly home: string) {}

  /** One request; its cookies are kept, and no redirection is followed. */
  async ask(url: string, init: RequestInit = {}): Promise<Response> {
    const jar = this.jar(url);
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join("; ");
    const response = await fetch(url, {
      ...init,
      redirect: "manual",
      headers: { ...Object.fromEntries(new Headers(init.headers)), cookie },
    });
    for (const line of response.headers.getSetCookie()) {
      const [pair = "", ...attributes] = line.split(";");
      const at = pair.indexOf("=");
      const isGone = attributes.some((attribute) => /^\s*expires=Thu, 01 Jan 1970/i.test(attribute));
      if (isGone) jar.delete(pair.slice(0, at));
      else jar.set(pair.slice(0, at), pair.slice(at + 1));
    }
    return response;
  }

  /** Follows redirections until a page answers, or one lies where `until` says. @returns its address */
  async walk(path: string, until: (url: string) => boolean = () => false): Promise<string> {
    let url = new URL(path, this.home).href;
    for (let steps = 0; steps < 20; steps += 1) {
      if (until(url)) return url;
      // The console's pages are not built in these tests, and where one is asked for, the walk is over.
      if (url.startsWith(this.home) && !new URL(url).pathname.startsWith("/auth/")) return url.slice(this.home.length);
      const response = await this.ask(url);
      await response.arrayBuffer();
      const next = response.headers.get("location");
      if (next === null) return `${response.status} ${url}`;
      url = new URL(next, url).href;
    }
    throw new Error(`goes round in circles at ${url}`);
  }

  cookie(name: string, origin = this.home): string | undefined {
    return this.jar(origin).get(name);
  }

  setCookie(name: string, value: string): void {
    this.jar(this.home).set(name, value);
  }

  /** Forgets what the provider knows: somebody else sits down. */
  forget(origin: string): void {
    this.jars.delete(new URL(origin).origin);
  }

  /** A request of the page that the session's own script makes: JSON, with the CSRF token. */
  async send(method: string, path: string, body?: unknown, csrfToken?: string): Promise<{ status: number; body: SentAnswer }> {
    const response = await this.ask(this.home + path, {
      method,
      headers: { "content-type": "application/json", "x-csrf-token": csrfToken ?? (await this.me()).body.csrfToken ?? "" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: text === "" ? null : JSON.parse(text) };
  }

  async me(): Promise<{ status: number; body: { email: string; roles: string[]; scopes: string[]; csrfToken: string; id: string } }> {
    const response = await this.ask(`${this.home}/api/v1/me`);
    return { status: response.status, body: JSON.parse(await response.text()) };
  }

  private jar(url: string): Map<string, string> {
    const { origin } = new URL(url);
    const jar = this.jars.get(origin) ?? new Map<string, string>();
    this.jars.set(origin, jar);
    return jar;
  }
}
