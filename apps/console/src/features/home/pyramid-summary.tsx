import { useQuery } from "@tanstack/react-query";
import { Pyramid, paths, TIERS } from "@ziggurat/contracts";
import { useTranslation } from "react-i18next";
import { api } from "../../lib/api-client.js";
import { to } from "../../lib/console-paths.js";
import { useFormats } from "../../lib/use-formats.js";
import { useWords } from "../../lib/words.js";
import { AppLink } from "../../ui/app-link.js";
import { ObjectPart } from "../../ui/object-faces.js";
import { TierMark } from "../../ui/tier-mark.js";

const TOP_DOWN = [...TIERS].reverse();

/** The three tiers as steps with their counts; each leads to its models. */
export function PyramidSummary() {
  const { t } = useTranslation("home");
  const words = useWords();
  const formats = useFormats();
  const read = useQuery({ queryKey: [paths.pyramid()], queryFn: ({ signal }) => api.get(paths.pyramid(), Pyramid, { signal }) });
  return (
    <section aria-label={t("pyramid.title")}>
      <ObjectPart read={read}>
        {(pyramid) => (
          <ol className="zg-steps-up">
            {TOP_DOWN.map((tier) => {
              const total = pyramid.totals[tier] ?? 0;
              const released = pyramid.state.filter(
                (state, index) => state === "released" && TIERS[pyramid.tier[index] ?? -1] === tier,
              ).length;
              return (
                <li key={tier} data-tier={tier}>
                  <AppLink to={to.models({ tier })} aria-label={words.tierModels(tier)}>
                    <TierMark tier={tier} />
                  </AppLink>
                  <span className="zg-number">
                    <strong>{t("pyramid.versions", { count: total, total: formats.number(total) })}</strong>
                    <span className="zg-quiet"> · {t("pyramid.released", { count: released, total: formats.number(released) })}</span>
                  </span>
                </li>
              );
            })}
          </ol>
        )}
      </ObjectPart>
    </section>
  );
}
