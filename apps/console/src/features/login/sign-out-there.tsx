import { Button } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { SignOutOffer } from "../../lib/session.js";

/** Who is out here may still be in at the provider they came from; on a machine of others that is worth a word. */
export function SignOutThere({ offer }: { readonly offer: SignOutOffer }) {
  const { t } = useTranslation("login");
  return (
    <div className="zg-note zg-stack zg-stack-tight" role="status">
      <p>{t("signedOut.here", { name: offer.name })}</p>
      <div>
        {/* The server sends the browser on from there: no page of the console. */}
        <Button component="a" href={offer.signOutPath} size="sm" variant="default">
          {t("signedOut.goOn", { name: offer.name })}
        </Button>
      </div>
    </div>
  );
}
