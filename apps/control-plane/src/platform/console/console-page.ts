/** What the console's page may load: its own files, nothing from elsewhere, inline styles only with this page's nonce. */
export function contentSecurityPolicy(nonce: string): string {
  return [
    "default-src 'none'",
    `script-src 'self' 'nonce-${nonce}'`,
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' data: blob:",
    "font-src 'self'",
    "connect-src 'self'",
    "worker-src 'self' blob:",
    "manifest-src 'self'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join("; ");
}

/** Shown where the console's files are missing; the API works without them. */
export const notBuiltPage = `<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Ziggurat</title>
<h1>The console is not built yet</h1>
<p>Run <code>npm run build</code> in the checkout and reload this page. The API works meanwhile: see <a href="/openapi.json">/openapi.json</a>.</p>
</html>
`;
