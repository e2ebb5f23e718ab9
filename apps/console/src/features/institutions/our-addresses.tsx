import { Button } from "@mantine/core";
import type { IdentityProvider } from "@ziggurat/contracts";
import { useTranslation } from "react-i18next";
import { CopyButton } from "../../ui/copy-button.js";
import { Dialog } from "../../ui/dialog.js";
import { Fact, Facts } from "../../ui/facts.js";

/** What the provider has to know of us, to be copied there. */
export function OurAddresses({ provider, onClose }: { readonly provider: IdentityProvider; readonly onClose: () => void }) {
  const { t } = useTranslation("institutions");
  return (
    <Dialog title={t("providers.oursTitle", { name: provider.name })} onClose={onClose}>
      <div className="zg-stack">
        <p>{t("providers.oursLead")}</p>
        <AddressFacts provider={provider} />
        <div>
          <Button onClick={onClose}>{t("providers.oursDone")}</Button>
        </div>
      </div>
    </Dialog>
  );
}

export function AddressFacts({ provider }: { readonly provider: IdentityProvider }) {
  const { t } = useTranslation("institutions");
  const { callbackUrl, logoutUrl, signedOutUrl, metadataUrl, encryptionCertificate, startUrl } = provider.ours;
  const addresses = [
    [t(`providers.ours.callback.${provider.kind}`), callbackUrl],
    [t("providers.ours.logout"), logoutUrl],
    [t("providers.ours.signedOut"), signedOutUrl],
    [t("providers.ours.metadata"), metadataUrl],
    [t("providers.ours.start"), startUrl],
  ] as const;
  return (
    <Facts>
      {addresses.map(
        ([term, address]) =>
          address !== null && (
            <Fact key={term} term={term}>
              <span className="zg-row">
                <code className="zg-break">{address}</code>
                <CopyButton text={address} what={term} />
              </span>
            </Fact>
          ),
      )}
      {encryptionCertificate !== null && (
        <Fact term={t("providers.ours.encryption")}>
          <span className="zg-row">
            {t("providers.ours.inMetadata")}
            <CopyButton text={encryptionCertificate} what={t("providers.ours.encryption")} />
          </span>
        </Fact>
      )}
    </Facts>
  );
}
