import { Tabs } from "@mantine/core";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { z } from "zod";
import { useUrlState } from "../lib/url-state.js";
import { UrlNotice } from "./url-notice.js";

export interface PageTab {
  /** Its value of `tab` in the address. */
  readonly name: string;
  readonly label: string;
  /** Called when the tab is open, and not before: a tab loads only what it shows. */
  readonly body: () => ReactNode;
}

const UrlSchema = z.object({ tab: z.string().optional() });

/**
 * The tabs of a page, of which the first is open where the address names none. Tabs are history entries; arrows move between them and
 * Enter opens one. A tab that this viewer does not have is said to be none.
 */
export function PageTabs({ tabs }: { readonly tabs: readonly PageTab[] }) {
  const { t } = useTranslation();
  const { values, set } = useUrlState(UrlSchema);
  const named = tabs.find(({ name }) => name === values.tab);
  const [first] = tabs;
  const open = named ?? first;
  if (open === undefined || first === undefined) return null;
  return (
    <>
      <UrlNotice rejected={values.tab === undefined || named !== undefined ? [] : ["tab"]} />
      <Tabs
        value={open.name}
        activateTabWithKeyboard={false}
        onChange={(next) => set({ tab: next === null || next === first.name ? undefined : next }, "push")}
      >
        <Tabs.List aria-label={t("tabs")}>
          {tabs.map(({ name, label }) => (
            <Tabs.Tab key={name} value={name}>
              {label}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {tabs.map(({ name, body }) => (
          <Tabs.Panel key={name} value={name} className="zg-tab-body">
            {name === open.name && body()}
          </Tabs.Panel>
        ))}
      </Tabs>
    </>
  );
}
