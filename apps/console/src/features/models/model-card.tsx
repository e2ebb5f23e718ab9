import { useQuery } from "@tanstack/react-query";
import { Model, paths } from "@ziggurat/contracts";
import { useTranslation } from "react-i18next";
import { api } from "../../lib/api-client.js";
import { to } from "../../lib/console-paths.js";
import { AppLink } from "../../ui/app-link.js";
import { ObjectPart } from "../../ui/object-faces.js";
import { Panel } from "../../ui/panel.js";
import { CardFacts } from "./card-facts.js";

/** The card of a version's model, which is written and changed on the model's page. */
export function ModelCard({ model }: { readonly model: string }) {
  const { t } = useTranslation("models");
  const path = paths.model(model);
  const read = useQuery({ queryKey: [path], queryFn: ({ signal }) => api.get(path, Model, { signal }) });
  return (
    <Panel title={t("card.title")}>
      <ObjectPart read={read}>
        {(found) => (
          <div className="zg-stack">
            <CardFacts model={found} />
            <p>
              <AppLink to={to.model(found.ref)}>{t("card.ofModel")}</AppLink>
            </p>
          </div>
        )}
      </ObjectPart>
    </Panel>
  );
}
