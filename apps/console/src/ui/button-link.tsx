import { Button } from "@mantine/core";
import { createLink } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { parseSearch } from "../lib/url-state.js";

const LinkedButton = createLink(Button<"a">);

interface ButtonLinkProps {
  readonly to: string;
  readonly variant?: "filled" | "default";
  readonly children: ReactNode;
}

/** A link that looks like a button. */
export function ButtonLink({ to, variant = "filled", children }: ButtonLinkProps) {
  const [path = "/", query = ""] = to.split("?");
  return (
    <LinkedButton component="a" to={path} search={parseSearch(query)} variant={variant}>
      {children}
    </LinkedButton>
  );
}
