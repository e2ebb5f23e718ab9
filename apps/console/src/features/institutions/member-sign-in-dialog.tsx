import { Button } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type Institution, LinkedIdentities, type LinkedIdentity, type Member, paths, WaysIn } from "@ziggurat/contracts";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../../lib/api-client.js";
import { Dialog } from "../../ui/dialog.js";
import { ObjectPart } from "../../ui/object-faces.js";
import { Time } from "../../ui/time.js";
import { GivePasswordDialog } from "./give-password-dialog.js";
import { LinkMemberDialog } from "./link-member-dialog.js";
import { ResetFactorDialog } from "./reset-factor-dialog.js";
import { UnlinkMemberDialog } from "./unlink-member-dialog.js";

/** Whose ways in are seen to, and what is done when an act has ended. */
export interface MemberActProps {
  readonly institution: Pick<Institution, "slug" | "name">;
  readonly member: Pick<Member, "id" | "name" | "email">;
  readonly onDone: () => Promise<unknown>;
  readonly onClose: () => void;
}
type Step = { readonly act: "password" | "factor" | "link" } | { readonly act: "unlink"; readonly identity: LinkedIdentity };
interface MemberSignInDialogProps extends Omit<MemberActProps, "onDone"> {}

/** What a member signs in with, and what an administrator can do where that fails them: one step at a time, back to the whole after each. */
export function MemberSignInDialog({ institution, member, onClose }: MemberSignInDialogProps) {
  const { t } = useTranslation("institutions");
  const queryClient = useQueryClient();
  const [step, setStep] = useState<Step | null>(null);
  const of = [institution.slug, member.id] as const;
  const onDone = () =>
    Promise.all(
      [paths.memberSignIn(...of), paths.memberIdentities(...of), paths.accessReview(), paths.identityProviders(institution.slug)].map(
        (path) => queryClient.invalidateQueries({ queryKey: [path] }),
      ),
    );
  const act = { institution, member, onDone, onClose: () => setStep(null) };
  if (step?.act === "password") return <GivePasswordDialog {...act} />;
  if (step?.act === "factor") return <ResetFactorDialog {...act} />;
  if (step?.act === "link") return <LinkMemberDialog {...act} />;
  if (step?.act === "unlink") return <UnlinkMemberDialog {...act} identity={step.identity} />;
  return (
    <Dialog title={t("signIn.titleOf", { name: member.name })} onClose={onClose}>
      <div className="zg-stack zg-stack-wide">
        <Own slug={institution.slug} userId={member.id} onStep={setStep} />
        <Linked slug={institution.slug} userId={member.id} onStep={setStep} />
        <div>
          <Button variant="default" onClick={onClose}>
            {t("signIn.close")}
          </Button>
        </div>
      </div>
    </Dialog>
  );
}

interface PartProps {
  readonly slug: string;
  readonly userId: string;
  readonly onStep: (step: Step) => void;
}

/** Password and second factor. */
function Own({ slug, userId, onStep }: PartProps) {
  const { t } = useTranslation("institutions");
  const path = paths.memberSignIn(slug, userId);
  const read = useQuery({ queryKey: [path], queryFn: ({ signal }) => api.get(path, WaysIn, { signal }) });
  return (
    <ObjectPart read={read}>
      {({ hasPassword, mustChangePassword, hasApp, passkeys }) => (
        <>
          <section className="zg-stack zg-stack-tight" aria-label={t("signIn.password")}>
            <h3>{t("signIn.password")}</h3>
            <p>{t(mustChangePassword ? "signIn.waits" : hasPassword ? "signIn.has" : "signIn.hasNone")}</p>
            <div>
              <Button variant="default" data-autofocus onClick={() => onStep({ act: "password" })}>
                {t("signIn.give")}
              </Button>
            </div>
          </section>
          <section className="zg-stack zg-stack-tight" aria-label={t("signIn.factor")}>
            <h3>{t("signIn.factor")}</h3>
            <p>
              {[hasApp ? t("signIn.app") : null, passkeys > 0 ? t("review.hasPasskeys", { count: passkeys }) : null]
                .filter(Boolean)
                .join(" · ") || t("review.noFactor")}
            </p>
            {(hasApp || passkeys > 0) && (
              <div>
                <Button variant="default" onClick={() => onStep({ act: "factor" })}>
                  {t("signIn.reset")}
                </Button>
              </div>
            )}
          </section>
        </>
      )}
    </ObjectPart>
  );
}

/** Accounts at providers. */
function Linked({ slug, userId, onStep }: PartProps) {
  const { t } = useTranslation("institutions");
  const path = paths.memberIdentities(slug, userId);
  const read = useQuery({ queryKey: [path], queryFn: ({ signal }) => api.get(path, LinkedIdentities, { signal }) });
  return (
    <section className="zg-stack zg-stack-tight" aria-label={t("providers.title")}>
      <h3>{t("providers.title")}</h3>
      <ObjectPart read={read}>
        {({ data }) => (
          <>
            {data.length === 0 && <p>{t("signIn.noneLinked")}</p>}
            <ul className="zg-plain">
              {data.map((identity) => (
                <li key={identity.id}>
                  <bdi>{identity.provider}</bdi> · <code className="zg-break">{identity.subject}</code>{" "}
                  <span className="zg-quiet">
                    {identity.lastUsedAt === null ? (
                      t("signIn.unused")
                    ) : (
                      <>
                        {t("signIn.used")} <Time at={identity.lastUsedAt} />
                      </>
                    )}
                  </span>{" "}
                  <button
                    type="button"
                    className="zg-link-button"
                    onClick={() => onStep({ act: "unlink", identity })}
                    aria-label={t("signIn.unlinkOf", { provider: identity.provider, subject: identity.subject })}
                  >
                    {t("signIn.unlink")}
                  </button>
                </li>
              ))}
            </ul>
          </>
        )}
      </ObjectPart>
      <div>
        <Button variant="default" onClick={() => onStep({ act: "link" })}>
          {t("signIn.link")}
        </Button>
      </div>
    </section>
  );
}
