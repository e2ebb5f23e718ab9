import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Model, paths, Version } from "@ziggurat/contracts";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../../lib/api-client.js";
import { to } from "../../lib/console-paths.js";
import { polling } from "../../lib/query-client.js";
import { useRefParam } from "../../lib/route-param.js";
import { hasRole, useMe } from "../../lib/session.js";
import { useWords } from "../../lib/words.js";
import { AppLink } from "../../ui/app-link.js";
import { ButtonLink } from "../../ui/button-link.js";
import { DataTable } from "../../ui/data-table.js";
import { Fact, Facts } from "../../ui/facts.js";
import { HoldAction } from "../../ui/hold-action.js";
import { beginAtHead, ListFaces } from "../../ui/list-faces.js";
import { ObjectPage } from "../../ui/object-faces.js";
import { Page } from "../../ui/page.js";
import { Panel } from "../../ui/panel.js";
import { TableFoot } from "../../ui/table-foot.js";
import { TierMark } from "../../ui/tier-mark.js";
import { Time } from "../../ui/time.js";
import { usePages } from "../../ui/use-pages.js";
import { CardFacts } from "./card-facts.js";
import { EditModelDialog } from "./edit-model-dialog.js";
import { EvidencePackDialog, mayTakeEvidence } from "./evidence-pack-dialog.js";
import { LineAccessPanel } from "./line-access.js";
import { mayDraft } from "./may-draft.js";
import { mayTune } from "./may-tune.js";
import { ModelAliases } from "./model-aliases.js";
import { registrableTiers } from "./registrable-tiers.js";
import { TermsFacts } from "./terms-facts.js";
import { useVersionColumns } from "./version-columns.js";

/** A model with its versions and aliases. */
export function ModelPage() {
  const ref = useRefParam();
  const read = useQuery({
    queryKey: [paths.model(ref)],
    queryFn: ({ signal }) => api.get(paths.model(ref), Model, { signal }),
    ...polling,
  });
  return <ObjectPage read={read}>{(model) => <ModelView key={model.id} model={model} />}</ObjectPage>;
}

function ModelView({ model }: { readonly model: Model }) {
  const { t } = useTranslation("models");
  const words = useWords();
  const me = useMe();
  const versions = usePages({ path: paths.versions(model.ref), item: Version });
  const columns = useVersionColumns();
  const [isTaking, setTaking] = useState(false);
  const [isEditing, setEditing] = useState(false);
  const mayRegister = registrableTiers(me).includes(model.tier);
  const register = mayRegister ? <ButtonLink to={to.newVersion(model.ref)}>{t("version.new")}</ButtonLink> : null;
  return (
    <Page
      title={model.ref}
      heading={<bdi>{model.ref}</bdi>}
      beside={<TierMark tier={model.tier} />}
      lead={
        <span className="zg-break" dir="auto">
          {model.name}
        </span>
      }
      actions={
        <>
          {beginAtHead(register, versions)}
          {mayDraft(me, model) && (
            <ButtonLink to={to.newImport(model.ref)} variant="default">
              {t("import")}
            </ButtonLink>
          )}
          {mayTune(me, model) && (
            <ButtonLink to={to.newJob({ model: model.ref })} variant="default">
              {t("tune")}
            </ButtonLink>
          )}
          {mayRegister && (
            <Button variant="default" onClick={() => setEditing(true)}>
              {t("edit.open")}
            </Button>
          )}
          <HoldAction subject={{ kind: "model", ref: model.ref }} owner={model.owner} />
          {mayTakeEvidence(me, model) && (
            <Button variant="default" onClick={() => setTaking(true)}>
              {t("evidence.title")}
            </Button>
          )}
        </>
      }
    >
      {isEditing && <EditModelDialog model={model} onClose={() => setEditing(false)} />}
      {isTaking && <EvidencePackDialog model={model.ref} onClose={() => setTaking(false)} />}
      <div className="zg-columns">
        <div className="zg-stack">
          <h2>{t("versions")}</h2>
          <ListFaces read={versions} empty={t("version.empty")} begin={register}>
            {(rows) => (
              <>
                <DataTable label={t("versions")} columns={columns} rows={rows} rowKey={(row) => row.id} isDimmed={versions.isDimmed} />
                <TableFoot shown={rows.length} {...versions} />
              </>
            )}
          </ListFaces>
        </div>
        <div className="zg-stack">
          <Panel title={t("about")}>
            <Facts>
              <Fact term={t("column.owner")}>
                <bdi>{model.owner}</bdi>
              </Fact>
              <Fact term={t("column.scenario")}>{model.scenario ? words.t(`scenario.${model.scenario}`) : null}</Fact>
              <Fact term={t("licence")}>{model.licence}</Fact>
              <Fact term={t("tags")}>
                {model.tags.length > 0 ? (
                  <ul className="zg-plain zg-row">
                    {model.tags.map((tag) => (
                      <li key={tag}>
                        <AppLink to={to.models({ tag })}>
                          <bdi>{tag}</bdi>
                        </AppLink>
                      </li>
                    ))}
                  </ul>
                ) : null}
              </Fact>
              <Fact term={t("column.created")}>
                <Time at={model.createdAt} />
              </Fact>
            </Facts>
          </Panel>
          {hasRole(me, "platform_admin") && model.tier !== "institution" && <LineAccessPanel model={model} />}
          <ModelAliases model={model} />
          <p>
            <AppLink to={to.imports({ model: model.ref })}>{t("importsOf")}</AppLink>
          </p>
          <Panel title={t("card.title")}>
            <CardFacts model={model} />
          </Panel>
          <Panel title={t("terms.title")}>
            <TermsFacts terms={model.terms} />
          </Panel>
        </div>
      </div>
    </Page>
  );
}
