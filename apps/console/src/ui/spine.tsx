import { useQuery } from "@tanstack/react-query";
import { Lineage, paths } from "@ziggurat/contracts";
import { useTranslation } from "react-i18next";
import { api } from "../lib/api-client.js";
import { spineOf } from "../lib/spine-of.js";
import { VersionLink } from "./ref-link.js";
import { VersionStateBadge } from "./state-badge.js";

interface SpineProps {
  readonly version: string;
  readonly tail?: string;
  /** All its ancestors, where the page has read them already. */
  readonly lineage?: Lineage | undefined;
}

/** The line of a version from the ground up; a recalled ancestor is red and says so. */
export function Spine({ version, tail, lineage }: SpineProps) {
  const { t } = useTranslation();
  const query = { direction: "up" } as const;
  const read = useQuery({
    queryKey: [paths.lineage(version), query],
    enabled: lineage === undefined,
    queryFn: ({ signal }) => api.get(paths.lineage(version), Lineage, { signal, query }),
  });
  const data = lineage ?? read.data;
  const parts = data ? spineOf(data) : [{ ref: version, state: null, others: 0 }];
  return (
    <nav aria-label={t("spine")} className="zg-spine">
      <ol>
        {parts.map((part, index) => (
          <li key={part.ref} data-recalled={part.state === "recalled" || undefined}>
            {index > 0 && <span aria-hidden="true">→</span>}
            <VersionLink value={part.ref} />
            {part.others > 0 && <span className="zg-quiet">+{part.others}</span>}
            {part.state === "recalled" && <VersionStateBadge state="recalled" />}
          </li>
        ))}
        {tail && (
          <li>
            <span aria-hidden="true">→</span>
            <span>{tail}</span>
          </li>
        )}
      </ol>
    </nav>
  );
}
