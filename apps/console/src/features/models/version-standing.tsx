import { useQuery } from "@tanstack/react-query";
import { paths, type Version, VersionStanding } from "@ziggurat/contracts";
import { useTranslation } from "react-i18next";
import { api } from "../../lib/api-client.js";
import { ObjectPart } from "../../ui/object-faces.js";
import { Panel } from "../../ui/panel.js";
import { VersionLink } from "../../ui/ref-link.js";
import { Time } from "../../ui/time.js";
import { TermsFacts } from "./terms-facts.js";

function useStanding(ref: string) {
  return useQuery({
    queryKey: [paths.standing(ref)],
    queryFn: ({ signal }) => api.get(paths.standing(ref), VersionStanding, { signal }),
  });
}

/** The strictest terms along the ancestry, each limit with the version at which it begins. */
export function EffectiveTerms({ version }: { readonly version: Version }) {
  const { t } = useTranslation("models");
  const read = useStanding(version.ref);
  return (
    <Panel title={t("terms.effective")}>
      <TermsFacts terms={version.effectiveTerms} />
      <ObjectPart read={read}>
        {({ causes }) =>
          causes.length === 0 ? null : (
            <ul className="zg-plain">
              {causes.map(({ term, version: cause }) => (
                <li key={`${term} ${cause}`}>
                  {t(`terms.${term}`)}: {t("terms.limitedBy")} <VersionLink value={cause} />
                </li>
              ))}
            </ul>
          )
        }
      </ObjectPart>
    </Panel>
  );
}

/** Until when a version is supported, whose end that is, and what comes after it; nothing while no end is stated. */
export function SupportNote({ version }: { readonly version: Version }) {
  const { t } = useTranslation("models");
  const { data } = useStanding(version.ref);
  if (data === undefined || (data.support === null && data.deprecation === null)) return null;
  return (
    <div className="zg-note" data-tone="warning">
      {data.support !== null && (
        <p>
          {t(data.support.version === version.ref ? "support.own" : "support.inherited")} <Time at={data.support.endsAt} />{" "}
          {data.support.version !== version.ref && <VersionLink value={data.support.version} />}
        </p>
      )}
      {data.deprecation !== null && (
        <p>
          <span dir="auto">{data.deprecation.reason}</span>
          {data.deprecation.successor !== null && (
            <>
              {" "}
              {t("support.successor")} <VersionLink value={data.deprecation.successor} />
            </>
          )}
        </p>
      )}
    </div>
  );
}
