import { Navigate } from "@tanstack/react-router";
import { parseSearch } from "../lib/url-state.js";

/** Goes to a path of `console-paths.ts`, replacing the present entry. */
export function AppNavigate({ to }: { readonly to: string }) {
  const { pathname, search, hash } = new URL(to, window.location.origin);
  return <Navigate to={pathname} search={parseSearch(search)} hash={hash.slice(1)} replace />;
}
