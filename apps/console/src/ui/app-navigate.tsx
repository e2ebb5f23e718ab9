import { Navigate } from "@tanstack/react-router";
import { parseSearch } from "../lib/url-state.js";

/** Goes to a path of `console-paths.ts`, replacing the present entry. */
export function AppNavigate({ to }: { readonly to: string }) {
  const [path = "/", query = ""] = to.split("?");
  return <Navigate to={path} search={parseSearch(query)} replace />;
}
