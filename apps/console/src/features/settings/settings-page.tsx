import { NativeSelect, Switch, useMantineColorScheme } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { chooseLanguage, LANGUAGES } from "../../lib/i18n.js";
import { useMe } from "../../lib/session.js";
import { keepChoice, readChoice } from "../../lib/stored-choice.js";
import { useWords } from "../../lib/words.js";
import { Fact, Facts } from "../../ui/facts.js";
import { Page } from "../../ui/page.js";
import { Panel } from "../../ui/panel.js";
import { PasswordForm } from "../../ui/password-form.js";
import { IdentitiesPanel } from "./identities-panel.js";
import { PasskeysPanel } from "./passkeys-panel.js";
import { SecondFactorPanel } from "./second-factor-panel.js";
import { SessionsPanel } from "./sessions-panel.js";
import { TokensPanel } from "./tokens-panel.js";

/** The viewer's own page: who they are, how the console looks, their password and tokens. */
export function SettingsPage() {
  const { t } = useTranslation("settings");
  const words = useWords();
  const me = useMe();
  return (
    <Page title={t("title")}>
      <div className="zg-stack zg-stack-wide">
        <div className="zg-halves">
          <Panel title={t("profile")}>
            <Facts>
              <Fact term={t("name")}>
                <bdi>{me.name}</bdi>
              </Fact>
              <Fact term={t("email")}>
                <bdi>{me.email}</bdi>
              </Fact>
              <Fact term={t("institution")}>
                <bdi>{me.institution.name}</bdi>
              </Fact>
              <Fact term={t("roles")}>{me.roles.map((role) => words.t(`role.${role}`)).join(" · ")}</Fact>
            </Facts>
          </Panel>
          <LookPanel />
        </div>
        <SecondFactorPanel />
        <IdentitiesPanel />
        <PasskeysPanel />
        <TokensPanel />
        <SessionsPanel />
        <Panel title={t("password")}>{me.hasPassword ? <PasswordForm /> : <p>{t("noPassword.lead")}</p>}</Panel>
      </div>
    </Page>
  );
}

function LookPanel() {
  const { t, i18n } = useTranslation("settings");
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const [density, setDensity] = useState(document.documentElement.dataset.density ?? "dense");
  const [hasKeys, setKeys] = useState(readChoice("keys") !== "off");
  return (
    <Panel title={t("look")}>
      <div className="zg-form">
        <NativeSelect
          label={t("language")}
          value={i18n.language}
          data={LANGUAGES.map((value) => ({ value, label: t(`languageName.${value}`) }))}
          onChange={(event) => void chooseLanguage(event.currentTarget.value === "zh" ? "zh" : "en")}
        />
        <NativeSelect
          label={t("theme")}
          value={colorScheme}
          data={(["auto", "light", "dark"] as const).map((value) => ({ value, label: t(`themeName.${value}`) }))}
          onChange={(event) => {
            const { value } = event.currentTarget;
            setColorScheme(value === "light" || value === "dark" ? value : "auto");
          }}
        />
        <NativeSelect
          label={t("density")}
          value={density}
          data={(["dense", "comfortable"] as const).map((value) => ({ value, label: t(`densityName.${value}`) }))}
          onChange={(event) => {
            const { value } = event.currentTarget;
            document.documentElement.dataset.density = value;
            keepChoice("density", value);
            setDensity(value);
          }}
        />
        <Switch
          label={t("keys")}
          checked={hasKeys}
          onChange={(event) => {
            keepChoice("keys", event.currentTarget.checked ? "on" : "off");
            setKeys(event.currentTarget.checked);
          }}
        />
      </div>
    </Panel>
  );
}
