import { useRouterState } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { useMe } from "../lib/session.js";
import { AppLink } from "../ui/app-link.js";
import { navigationOf, sectionOf } from "./navigation.js";

export function SideNav({ onNavigate }: { readonly onNavigate: () => void }) {
  const { t } = useTranslation("shell");
  const current = useRouterState({ select: (state) => sectionOf(state.location.pathname) });
  return (
    <nav className="zg-nav" aria-label={t("mainNavigation")}>
      <ul>
        {navigationOf(useMe()).map(({ section, path }) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the link inside is the control; this only folds the menu away after it
          <li key={section} data-current={section === current || undefined} onClick={onNavigate}>
            <AppLink to={path}>{t(`section.${section}`)}</AppLink>
          </li>
        ))}
      </ul>
    </nav>
  );
}
