import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { parseSearch } from "../lib/url-state.js";

interface AppLinkProps {
  readonly to: string;
  readonly children: ReactNode;
  readonly className?: string;
  readonly title?: string;
  readonly "aria-label"?: string;
  readonly "data-row-link"?: boolean;
}

/** A link inside the console, from a path of `console-paths.ts`. */
export function AppLink({ to, ...rest }: AppLinkProps) {
  const [path = "/", query = ""] = to.split("?");
  return <Link to={path} search={parseSearch(query)} {...rest} />;
}
