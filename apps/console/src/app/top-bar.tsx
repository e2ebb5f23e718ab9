import { useMantineColorScheme } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { to } from "../lib/console-paths.js";
import { chooseLanguage } from "../lib/i18n.js";
import { useMe } from "../lib/session.js";
import { AppLink } from "../ui/app-link.js";
import { Dialog } from "../ui/dialog.js";
import { Glyph } from "../ui/glyph.js";
import { Menu } from "../ui/menu.js";
import { ProblemPanel } from "../ui/problem-panel.js";
import { useSignOut } from "../ui/use-sign-out.js";
import { InboxLink } from "./inbox-link.js";
import { InstitutionSwitcher } from "./institution-switcher.js";
import { SearchBox } from "./search-box.js";

interface TopBarProps {
  readonly onMenu: () => void;
  readonly isNavOpen: boolean;
  readonly onHelp: () => void;
}

export function TopBar({ onMenu, isNavOpen, onHelp }: TopBarProps) {
  const { t, i18n } = useTranslation("shell");
  const me = useMe();
  const navigate = useNavigate();
  const leave = useSignOut();
  const other = i18n.language === "zh" ? "en" : "zh";
  return (
    <header className="zg-topbar">
      <button type="button" className="zg-icon-button zg-menu-button" onClick={onMenu} aria-expanded={isNavOpen} aria-label={t("menu")}>
        <Glyph name="menu" />
      </button>
      <AppLink to={to.home()} className="zg-brand">
        <img src="/mark.svg" alt="" width="20" height="20" />
        {t("brand")}
      </AppLink>
      <SearchBox />
      <span className="zg-topbar-fill" />
      <InstitutionSwitcher />
      <InboxLink />
      <button type="button" className="zg-icon-button" lang={other === "zh" ? "zh-CN" : "en"} onClick={() => void chooseLanguage(other)}>
        {t(`otherLanguage.${other}`)}
      </button>
      <ThemeButton />
      <Menu
        label={t("account", { name: me.name })}
        className="zg-icon-button"
        face={
          <>
            <Glyph name="person" />
            <bdi className="zg-account-name zg-clip">{me.name}</bdi>
          </>
        }
        head={<bdi>{me.email}</bdi>}
        items={[
          { key: "settings", label: t("settings"), onChoose: () => void navigate({ to: to.settings() }) },
          { key: "keys", label: t("keys"), onChoose: onHelp },
          { key: "out", label: t("signOut"), onChoose: () => leave.mutate() },
        ]}
      />
      {leave.error ? (
        <Dialog title={t("stillIn")} onClose={leave.reset}>
          <ProblemPanel error={leave.error} onRetry={() => leave.mutate()} />
        </Dialog>
      ) : null}
    </header>
  );
}

function ThemeButton() {
  const { t } = useTranslation("shell");
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const next = colorScheme === "auto" ? "light" : colorScheme === "light" ? "dark" : "auto";
  const label = t("themeNow", { theme: t(`theme.${colorScheme}`) });
  return (
    <button type="button" className="zg-icon-button" onClick={() => setColorScheme(next)} aria-label={label} title={label}>
      <Glyph name="theme" />
    </button>
  );
}
