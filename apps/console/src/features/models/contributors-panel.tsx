import type { Version } from "@ziggurat/contracts";
import { useTranslation } from "react-i18next";
import { useWords } from "../../lib/words.js";
import { Panel } from "../../ui/panel.js";

/** Who had a hand in a version, and may therefore not approve it. Shown to the owner's people; others are told of nobody. */
export function ContributorsPanel({ version }: { readonly version: Version }) {
  const { t } = useTranslation("models");
  const words = useWords();
  if (version.contributors.length === 0) return null;
  return (
    <Panel title={t("contributors.title")}>
      <p className="zg-quiet zg-small">{t("contributors.rule")}</p>
      <ul className="zg-plain">
        {version.contributors.map(({ name, contributions, isViewer }) => (
          <li key={`${name} ${contributions.join()}`}>
            <bdi>{name}</bdi>
            {isViewer && ` (${t("contributors.you")})`}{" "}
            <span className="zg-quiet">{contributions.map((kind) => words.t(`contribution.${kind}`)).join(" · ")}</span>
          </li>
        ))}
      </ul>
    </Panel>
  );
}
