import { Button } from "@mantine/core";
import { type Model, parseVersionRef } from "@ziggurat/contracts";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { to } from "../../lib/console-paths.js";
import { useMe } from "../../lib/session.js";
import { AppLink } from "../../ui/app-link.js";
import { Panel } from "../../ui/panel.js";
import { AliasHistory } from "./alias-history.js";
import { AliasProposals } from "./alias-proposals.js";
import { MoveAliasDialog } from "./move-alias-dialog.js";
import { ProtectAliasDialog } from "./protect-alias-dialog.js";
import { useRoleNames } from "./role-names.js";
import { useProtection } from "./use-protection.js";

type Doing = { readonly what: "move"; readonly name: string | null } | { readonly what: "protect"; readonly name: string };

/** The names that point into a model: what guards each, what it pointed to, and what waits for approval. */
export function ModelAliases({ model }: { readonly model: Model }) {
  const { t } = useTranslation("models");
  const me = useMe();
  const [doing, setDoing] = useState<Doing | null>(null);
  const aliases = Object.entries(model.aliases);
  const close = () => setDoing(null);
  return (
    <Panel
      title={t("aliases")}
      actions={
        me.institution.slug === model.owner ? (
          <Button variant="default" size="compact-sm" onClick={() => setDoing({ what: "move", name: null })}>
            {t("alias.point")}
          </Button>
        ) : null
      }
    >
      <div className="zg-stack">
        {aliases.length === 0 ? <p className="zg-quiet">{t("alias.none")}</p> : null}
        {aliases.map(([name, version]) => (
          <OneAlias key={name} model={model} name={name} version={version} onDo={setDoing} />
        ))}
        <AliasProposals model={model} />
      </div>
      {doing?.what === "move" && <MoveAliasDialog model={model} name={doing.name} onClose={close} />}
      {doing?.what === "protect" && <ProtectAliasDialog model={model} name={doing.name} onClose={close} />}
    </Panel>
  );
}

interface OneAliasProps {
  readonly model: Model;
  readonly name: string;
  readonly version: string;
  readonly onDo: (doing: Doing) => void;
}

function OneAlias({ model, name, version, onDo }: OneAliasProps) {
  const { t } = useTranslation("models");
  const roleNames = useRoleNames();
  const { data: guard } = useProtection(model.ref, name);
  return (
    <div className="zg-stack zg-stack-tight">
      <div className="zg-row">
        <AppLink to={to.version(version)}>
          <bdi>{name}</bdi> → {t("versionNumber", { number: parseVersionRef(version).number })}
        </AppLink>
        {guard?.mayChange === true && (
          <>
            <Button
              variant="default"
              size="compact-sm"
              onClick={() => onDo({ what: "move", name })}
              aria-label={t("alias.moveTitle", { name })}
            >
              {t("alias.move")}
            </Button>
            <Button
              variant="default"
              size="compact-sm"
              onClick={() => onDo({ what: "protect", name })}
              aria-label={t("alias.protectTitle", { name })}
            >
              {t("alias.protect")}
            </Button>
          </>
        )}
      </div>
      {guard?.isProtected === true && (
        <p className="zg-quiet zg-small">
          {t(guard.secondPerson ? "alias.guardedByTwo" : "alias.guarded", { roles: roleNames(guard.roles) })}
        </p>
      )}
      <AliasHistory model={model.ref} name={name} />
    </div>
  );
}
