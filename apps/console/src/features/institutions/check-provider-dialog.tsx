import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { type IdentityProvider, type Institution, ProviderCheck, paths } from "@ziggurat/contracts";
import { useTranslation } from "react-i18next";
import { api } from "../../lib/api-client.js";
import { useProblemText } from "../../lib/problem-text.js";
import { Dialog } from "../../ui/dialog.js";
import { ObjectPart } from "../../ui/object-faces.js";
import { StateBadge } from "../../ui/state-badge.js";
import { AddressFacts } from "./our-addresses.js";

interface CheckProviderDialogProps {
  readonly institution: Institution;
  readonly provider: IdentityProvider;
  readonly onClose: () => void;
}

/** Asks the provider now, and says what it has to know of us. */
export function CheckProviderDialog({ institution, provider, onClose }: CheckProviderDialogProps) {
  const { t } = useTranslation("institutions");
  const texts = useProblemText();
  const path = paths.identityProviderCheck(institution.slug, provider.id);
  const read = useQuery({ queryKey: [path], gcTime: 0, queryFn: () => api.send("POST", path, undefined, ProviderCheck) });
  return (
    <Dialog title={t("providers.actOf.test", { name: provider.name })} onClose={onClose}>
      <div className="zg-stack">
        <ObjectPart read={read}>
          {({ isUsable, findings }) => (
            <>
              <div role="status">
                {isUsable ? (
                  <StateBadge glyph="checked" tone="good" word={t("providers.usable")} />
                ) : (
                  <StateBadge glyph="warning" tone="warning" word={t("providers.unusable")} />
                )}
              </div>
              {findings.length > 0 && (
                <ul>
                  {findings.map((finding) => (
                    <li key={finding.code}>{texts.violation(finding)}</li>
                  ))}
                </ul>
              )}
            </>
          )}
        </ObjectPart>
        <h3>{t("providers.oursLead")}</h3>
        <AddressFacts provider={provider} />
        <div>
          <Button onClick={onClose}>{t("providers.oursDone")}</Button>
        </div>
      </div>
    </Dialog>
  );
}
