import { type PersonAccess, ROLES } from "@ziggurat/contracts";
import { useTranslation } from "react-i18next";
import { to } from "../../lib/console-paths.js";
import { useWords } from "../../lib/words.js";
import { AppLink } from "../../ui/app-link.js";
import type { Column } from "../../ui/data-table.js";
import { Time } from "../../ui/time.js";
import { RolesHeld } from "./roles-held.js";

export interface Revoking {
  readonly person: PersonAccess;
  readonly token: NonNullable<PersonAccess["credentials"]>["tokens"][number];
}
interface Acts {
  readonly onChange: (person: PersonAccess) => void;
  readonly onRevoke: (revoking: Revoking) => void;
}

/** The columns of the access review; without acts it is only read. */
export function useReviewColumns(acts: Acts | null): Column<PersonAccess>[] {
  const { t } = useTranslation("institutions");
  return [
    {
      id: "person",
      header: t("members.name"),
      cell: ({ name, email, service }) => (
        <>
          <bdi className="zg-clip">{name}</bdi>
          <div className="zg-quiet zg-small">
            {service === null ? (
              <bdi>{email}</bdi>
            ) : (
              t(service.isActive ? "services.answersFor" : "services.resting", { name: service.responsible })
            )}
          </div>
        </>
      ),
    },
    { id: "roles", header: t("members.roles"), cell: (row) => <RolesHeld held={row} /> },
    {
      id: "granted",
      header: t("review.granted"),
      cell: ({ granted, since, user }) => (
        <AppLink to={to.audit({ object: user })}>
          {granted?.by ?? t("review.first")} <Time at={granted?.at ?? since} />
        </AppLink>
      ),
    },
    { id: "rights", header: t("review.rights"), cell: (row) => <Rights person={row} /> },
    { id: "tokens", header: t("review.tokens"), cell: (row) => <Tokens person={row} onRevoke={acts?.onRevoke ?? null} /> },
    {
      id: "seen",
      header: t("review.seen"),
      nowrap: true,
      cell: ({ credentials, service }) =>
        credentials === null ? (
          "–"
        ) : (
          <>
            {credentials.lastSeenAt === null ? t("review.never") : <Time at={credentials.lastSeenAt} />}
            {/* A program signs in nowhere. */}
            {service === null && (
              <div className="zg-quiet zg-small">
                {t(credentials.passkeys > 0 ? "review.hasPasskeys" : credentials.hasSecondFactor ? "review.hasFactor" : "review.noFactor", {
                  count: credentials.passkeys,
                })}
              </div>
            )}
          </>
        ),
    },
    {
      id: "change",
      header: <span className="zg-visually-hidden">{t("members.actions")}</span>,
      align: "end",
      cell: (row) =>
        acts === null || row.service !== null ? null : (
          <button
            type="button"
            className="zg-link-button"
            onClick={() => acts.onChange(row)}
            aria-label={t("members.changeRolesOf", { name: row.name })}
          >
            {t("members.changeRoles")}
          </button>
        ),
    },
  ];
}

/** What a person may ask for and do, each with the roles that make it so. */
function Rights({ person }: { readonly person: PersonAccess }) {
  const { t } = useTranslation("institutions");
  const words = useWords();
  const named = (name: string) => {
    const role = ROLES.find((one) => one === name);
    return role === undefined ? name : words.t(`role.${role}`);
  };
  const why = (because: readonly string[]) => because.map(named).join(" · ");
  return (
    <details>
      <summary>{t("review.count", { count: person.scopes.length + person.deeds.length })}</summary>
      <ul className="zg-plain zg-small">
        {person.deeds.map(({ tier, deed, because }) => (
          <li key={`${tier} ${deed}`}>
            {t(`review.deed.${deed}`, { tier: words.tierModels(tier) })} <span className="zg-quiet">{why(because)}</span>
          </li>
        ))}
        {person.scopes.map(({ scope, because }) => (
          <li key={scope}>
            <code>{scope}</code> <span className="zg-quiet">{why(because)}</span>
          </li>
        ))}
      </ul>
    </details>
  );
}

function Tokens({ person, onRevoke }: { readonly person: PersonAccess; readonly onRevoke: Acts["onRevoke"] | null }) {
  const { t } = useTranslation("institutions");
  if (person.credentials === null) return <span className="zg-quiet">{t("review.theirs")}</span>;
  if (person.credentials.tokens.length === 0) return <>–</>;
  return (
    <ul className="zg-plain zg-small">
      {person.credentials.tokens.map((token) => (
        <li key={token.id}>
          <bdi>{token.name}</bdi>{" "}
          <span className="zg-quiet">{token.scopes.length === 0 ? t("review.powerless") : token.scopes.join(" ")}</span>{" "}
          {onRevoke && (
            <button
              type="button"
              className="zg-link-button"
              onClick={() => onRevoke({ person, token })}
              aria-label={t("review.revokeOf", { token: token.name, name: person.name })}
            >
              {t("review.revoke")}
            </button>
          )}
        </li>
      ))}
    </ul>
  );
}
