import { Button } from "@mantine/core";
import { CustomRole, paths, SCOPES_OF_ROLE, type ServiceAccount, ServiceToken } from "@ziggurat/contracts";
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { useMe } from "../../lib/session.js";
import { ProblemPanel } from "../../ui/problem-panel.js";
import { TokenList } from "../../ui/token-list.js";
import { useWhole } from "../../ui/use-whole.js";

interface ServiceTokensProps {
  readonly institution: string;
  readonly account: ServiceAccount;
  readonly onClose: () => void;
}

/** A program's tokens, which administrators make for it. A new one is given what both the program and its maker may do. */
export function ServiceTokens({ institution, account, onClose }: ServiceTokensProps) {
  const { t } = useTranslation(["institutions", "common"]);
  const me = useMe();
  const roles = useWhole({ path: paths.roles(institution), item: CustomRole });
  const held = account.customRoles.map(({ id }) => id);
  const scopes = [
    ...account.roles.flatMap((role) => SCOPES_OF_ROLE[role]),
    ...(roles.data ?? []).filter(({ id }) => held.includes(id)).flatMap((role) => role.scopes),
  ];
  const place = {
    item: ServiceToken,
    list: paths.serviceTokens(institution, account.id),
    one: (id: string) => paths.serviceToken(institution, account.id, id),
    rotation: (id: string) => paths.serviceTokenRotation(institution, account.id, id),
    beside: [paths.serviceAccounts(institution), paths.accessReview()],
    offered: me.scopes.filter((scope) => scopes.includes(scope)),
  };
  return (
    <div ref={useFocusWhenOpened()} tabIndex={-1}>
      {roles.error ? <ProblemPanel error={roles.error} onRetry={() => void roles.refetch()} /> : null}
      <TokenList<ServiceToken>
        title={t("institutions:services.tokensOf", { name: account.name })}
        empty={t("institutions:services.noTokens")}
        place={place}
        more={[{ id: "by", header: t("institutions:services.madeBy"), cell: ({ madeBy }) => <bdi>{madeBy}</bdi> }]}
        actions={
          <Button variant="default" onClick={onClose}>
            {t("common:close")}
          </Button>
        }
      />
    </div>
  );
}

/** Whoever opened it goes on in it; a page that is loaded with it open begins at its top. */
function useFocusWhenOpened() {
  const part = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (document.activeElement instanceof HTMLButtonElement) part.current?.focus();
  }, []);
  return part;
}
