import { useNavigate } from "@tanstack/react-router";
import { useEffect, useRef } from "react";
import { isPlainKey, useKeys } from "../lib/keys.js";
import { useMe } from "../lib/session.js";
import { GO_KEYS, navigationOf } from "./navigation.js";

const CHORD_MS = 1200;

/** `/` search, `g` then a letter, `?` help, `j` `k` next and previous row. */
export function useShellKeys({ onHelp }: { readonly onHelp: () => void }): void {
  const navigate = useNavigate();
  const items = navigationOf(useMe());
  const chord = useRef(0);
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      if (!isPlainKey(event)) return;
      const section = Date.now() - chord.current < CHORD_MS ? GO_KEYS[event.key] : undefined;
      chord.current = event.key === "g" ? Date.now() : 0;
      const item = items.find((candidate) => candidate.section === section);
      if (!item) return;
      event.preventDefault();
      void navigate({ to: item.path });
    };
    document.addEventListener("keydown", listen, { capture: true });
    return () => document.removeEventListener("keydown", listen, { capture: true });
  }, [items, navigate]);
  useKeys({
    "/": () => document.getElementById("zg-search")?.focus(),
    "?": onHelp,
    j: () => moveRow(1),
    k: () => moveRow(-1),
  });
}

function moveRow(step: 1 | -1): void {
  const links = [...document.querySelectorAll<HTMLElement>("main table tbody tr td:first-child a")];
  const at = links.findIndex((link) => link.matches(":focus"));
  links[at < 0 ? (step === 1 ? 0 : links.length - 1) : at + step]?.focus();
}
